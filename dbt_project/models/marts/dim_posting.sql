with

officers as (
    select * from {{ ref('stg_officers') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

postings as (
    select
        officers.officer_id,
        officers.on_post_from,
        coalesce(officers.on_post_to, {{ open_end() }}) as on_post_to,
        officers.agency_id,
        agencies.subject_id,
        officers.post,
        coalesce(officers.frontline, false) as is_frontline,
        officers.certificate_from,
        coalesce(officers.certificate_to, {{ open_end() }}) as certificate_to
    from officers
    left join agencies
        on officers.agency_id = agencies.agency_id
)

select * from postings
