with

cases as (
    select * from {{ ref('rule_cases') }}
),

limited as (
    select
        cases.*,
        {{ parameter_at('working_days', 'cases', 'cases.decided_day') }} as working_days
    from cases
),

measured as (
    select
        limited.record_id,
        limited.is_decided,
        limited.decided_at,
        limited.decided_day,
        limited.served_at,
        limited.served_day,
        limited.known_day,
        limited.working_days,
        last_day.day as last_day,
        end_day.working_number - start_day.working_number as days_taken
    from limited
    {{ working_day_joins('limited.decided_day', 'limited.served_day', 'limited.working_days') }}
),

judged as (
    select
        record_id,
        case
            when not is_decided then 'NO_DECISION'
            when served_day < decided_day then 'DATES_REVERSED'
            when working_days is null then 'NOT_IN_FORCE'
            when last_day is null then 'NO_CALENDAR'
            when served_day <= last_day then 'PASS'
            when served_day > last_day then 'LATE'
            when known_day > last_day then 'NOT_SERVED'
            when known_day <= last_day then 'NOT_DUE'
        end as outcome,
        decided_at as from_at,
        served_at as to_at,
        days_taken as observed,
        working_days as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
