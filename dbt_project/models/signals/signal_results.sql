with

evidence as (
    select * from {{ ref('signal_evidence') }}
),

results as (
    select distinct
        signal_id,
        subject_id,
        scope_id,
        month,
        statistic,
        p_value,
        threshold,
        units,
        has_fired
    from evidence
)

select * from results
