with

cases as (
    select * from {{ ref('rule_cases') }}
),

judged as (
    select
        record_id,
        case
            when not is_decided then 'NO_DECISION'
            when not (coalesce(review_required, false) or coalesce(major, false) or hearing_at is not null)
                then case when review_required is null then 'NO_REVIEW_FLAG' else 'NO_REVIEW_DUE' end
            when reviewed_at is null then 'NOT_REVIEWED'
            -- A review dated to the day of the decision alone is not later than the decision (domain: days compare).
            when reviewed_at <= decided_at then 'PASS'
            when {{ order_is_unknown('reviewed_at', 'decided_at') }} then 'NO_CLOCK_TIME'
            when reviewed_at > decided_at then 'REVIEWED_AFTER'
        end as outcome,
        reviewed_at as from_at,
        decided_at as to_at,
        cast(null as {{ type_double() }}) as observed,
        cast(null as {{ type_double() }}) as allowed
    from cases
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
