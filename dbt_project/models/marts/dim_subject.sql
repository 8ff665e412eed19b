with

subjects as (
    select * from {{ ref('stg_subjects') }}
),

with_peer_group as (
    select
        subject_id,
        name,
        kind,
        field,
        kind || ':' || coalesce(field, 'none') as peer_group_id,
        uscc,
        area_code,
        parent_id,
        population,
        area_km2,
        valid_from,
        valid_to
    from subjects
)

select * from with_peer_group
