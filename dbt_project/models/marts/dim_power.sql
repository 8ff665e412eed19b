with

powers as (
    select * from {{ ref('stg_powers') }}
),

held as (
    select
        subject_id,
        matter_id,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to,
        coalesce(duty_listed, false) as is_duty_listed,
        origin
    from powers
)

select * from held
