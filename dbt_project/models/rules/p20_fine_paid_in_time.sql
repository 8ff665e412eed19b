with

cases as (
    select * from {{ ref('rule_cases') }}
),

penalty_types as (
    {{ code_classes('penalty_type') }}
),

-- Types whose execution would also end with `executed_at`: the end of a fine cannot be told from theirs.
other_executions as (
    select
        cases.record_id,
        count(*) as other_types
    from cases
    inner join penalty_types
        on {{ has_code('cases.penalty_types', 'penalty_types.code') }}
    where penalty_types.code not in ('fine', 'warning', 'criticism')
    group by cases.record_id
),

measured as (
    select
        cases.record_id,
        cases.is_penalty,
        cases.penalty_types,
        cases.fine_amount,
        cases.served_at,
        cases.served_day,
        cases.executed_at,
        cases.executed_day,
        {{ parameter_at('days', 'cases', 'cases.decided_day') }} as days,
        {{ has_code('cases.penalty_types', "'fine'") }} as has_fine,
        coalesce(other_executions.other_types, 0) as other_types,
        {{ days_between('cases.served_day', 'coalesce(cases.executed_day, cases.known_day)') }} as days_taken
    from cases
    left join other_executions
        on cases.record_id = other_executions.record_id
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when coalesce(fine_amount, 0) = 0 and penalty_types is null then 'NO_PENALTY_TYPES'
            when coalesce(fine_amount, 0) = 0 and not has_fine then 'NO_FINE'
            when days is null then 'NOT_IN_FORCE'
            when served_at is null then 'NO_SERVICE_DATE'
            when executed_day < served_day then 'DATES_REVERSED'
            when executed_at is null and days_taken <= days then 'NOT_DUE'
            when days_taken <= days then 'PASS'
            when penalty_types is null then 'NO_PENALTY_TYPES'
            when other_types > 0 then 'MIXED_EXECUTION'
            when executed_at is null then 'NOT_PAID'
            when days_taken > days then 'LATE'
        end as outcome,
        served_at as from_at,
        executed_at as to_at,
        days_taken as observed,
        days as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
