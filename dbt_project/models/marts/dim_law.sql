with

laws as (
    select * from {{ ref('stg_laws') }}
),

in_force as (
    select
        law_id,
        name,
        level,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to
    from laws
)

select * from in_force
