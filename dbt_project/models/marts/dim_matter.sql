with

matters as (
    select * from {{ ref('stg_matters') }}
),

versions as (
    select
        matter_id,
        valid_from,
        valid_to,
        name,
        kind,
        domain,
        workflow,
        violated_articles,
        penalty_articles,
        reference_articles,
        penalty_types,
        fine_min,
        fine_max,
        specialist,
        coalesce(decision_days, 90) as decision_days,
        row_number() over (partition by matter_id order by valid_from desc) = 1 as is_newest
    from matters
)

select * from versions
