with

postings as (
    select * from {{ ref('dim_posting') }}
),

officers as (
    select
        officer_id,
        count(*) as postings,
        min(on_post_from) as first_on_post,
        max(on_post_to) as last_on_post,
        min(certificate_from) as certificate_from,
        max(case when certificate_from is not null then certificate_to end) as certificate_to
    from postings
    group by officer_id
)

select * from officers
