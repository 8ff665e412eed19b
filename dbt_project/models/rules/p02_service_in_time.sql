with

cases as (
    select * from {{ ref('rule_cases') }}
),

measured as (
    select
        cases.record_id,
        cases.is_decided,
        cases.decided_at,
        cases.decided_day,
        cases.served_at,
        cases.served_day,
        cases.known_day,
        last_day.day as last_day,
        end_day.working_number - start_day.working_number as days_taken
    from cases
    {{ working_day_joins('cases.decided_day', 'cases.served_day', rule_constant('working_days')) }}
),

judged as (
    select
        record_id,
        case
            when not is_decided then 'NO_DECISION'
            when served_day < decided_day then 'DATES_REVERSED'
            when last_day is null then 'NO_CALENDAR'
            when served_day <= last_day then 'PASS'
            when served_day > last_day then 'LATE'
            when known_day > last_day then 'NOT_SERVED'
            when known_day <= last_day then 'NOT_DUE'
        end as outcome,
        decided_at as from_at,
        served_at as to_at,
        days_taken as observed,
        {{ rule_constant('working_days') }} as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
