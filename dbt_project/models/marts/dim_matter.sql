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
        decision_days,
        row_number() over (partition by matter_id order by valid_from desc) = 1 as is_newest,
        lead(valid_from) over (partition by matter_id order by valid_from) as next_from
    from matters
),

-- A newer version ends the one before it, so that on every day at most one version of a matter is in force.
in_force as (
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
        decision_days,
        is_newest,
        case
            when next_from is null then coalesce(valid_to, {{ open_end() }})
            when valid_to < next_from then valid_to
            else {{ day_plus('next_from', -1) }}
        end as in_force_to
    from versions
)

select * from in_force
