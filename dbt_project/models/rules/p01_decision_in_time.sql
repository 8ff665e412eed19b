with

cases as (
    select * from {{ ref('rule_cases') }}
),

measured as (
    select
        record_id,
        procedure,
        decision,
        filed_at,
        decided_at,
        filed_day,
        decided_day,
        has_filed_version,
        coalesce(decision_days, {{ parameter_at('days', 'cases', 'cases.filed_day') }}) as decision_days,
        {{ days_between('filed_day', 'coalesce(decided_day, known_day)') }} as days_taken
    from cases
),

judged as (
    select
        record_id,
        case
            when procedure = 'simple' then 'SIMPLE_PROCEDURE'
            when decision = 'withdrawn' then 'WITHDRAWN'
            when filed_at is null then 'NO_FILING_DATE'
            when not has_filed_version then 'NO_MATTER_VERSION'
            when decision_days is null then 'NOT_IN_FORCE'
            when decided_at is null and days_taken > decision_days then 'OVERDUE_OPEN'
            when decided_at is null then 'NOT_DUE'
            when decided_day < filed_day then 'DATES_REVERSED'
            when days_taken > decision_days then 'LATE'
            when days_taken <= decision_days then 'PASS'
        end as outcome,
        filed_at as from_at,
        decided_at as to_at,
        days_taken as observed,
        decision_days as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
