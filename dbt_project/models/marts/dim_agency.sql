with

agencies as (
    select * from {{ ref('stg_agencies') }}
),

named as (
    select
        agency_id,
        subject_id,
        name,
        workflow,
        valid_from,
        valid_to
    from agencies
)

select * from named
