with

cases as (
    select * from {{ ref('rule_cases') }}
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when notified_at is null then 'NO_NOTICE_DATE'
            when {{ order_is_unknown('notified_at', 'decided_at') }} then 'NO_CLOCK_TIME'
            when notified_at >= decided_at then 'NOTICE_NOT_BEFORE'
            when notified_at < decided_at then 'PASS'
        end as outcome,
        notified_at as from_at,
        decided_at as to_at,
        cast(null as {{ type_double() }}) as observed,
        cast(null as {{ type_double() }}) as allowed
    from cases
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
