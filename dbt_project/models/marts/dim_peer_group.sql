with

subjects as (
    select * from {{ ref('dim_subject') }}
),

groups as (
    select
        peer_group_id,
        kind,
        field,
        count(*) as subjects
    from subjects
    group by peer_group_id, kind, field
)

select * from groups
