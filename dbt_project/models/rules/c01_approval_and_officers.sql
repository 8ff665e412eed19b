with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

officers as (
    select * from {{ ref('rule_officers') }}
    where activity_kind = 'coercion'
),

-- An urgent measure may be approved afterwards: C02 looks at that.
judged as (
    select
        coercions.record_id,
        case
            when officers.certified < {{ rule_constant('officers') }} and officers.recorded < {{ rule_constant('officers') }}
                then 'TOO_FEW_OFFICERS'
            when officers.certified + officers.unknown_officers < {{ rule_constant('officers') }}
                then 'CERTIFICATE_NOT_VALID'
            when coercions.urgent = false and coercions.approved_at > coercions.imposed_at
                and not {{ order_is_unknown('coercions.approved_at', 'coercions.imposed_at') }}
                then 'APPROVED_AFTER'
            when officers.recorded is null then 'NO_OFFICER_RECORDED'
            when officers.certified < {{ rule_constant('officers') }} then 'OFFICER_UNKNOWN'
            when coercions.urgent then 'PASS'
            when coercions.approved_at is null then 'NO_APPROVAL_DATE'
            when {{ order_is_unknown('coercions.approved_at', 'coercions.imposed_at') }} then 'NO_CLOCK_TIME'
            when coercions.approved_at <= coercions.imposed_at then 'PASS'
            when coercions.urgent is null then 'URGENCY_UNKNOWN'
        end as outcome,
        coercions.approved_at as from_at,
        coercions.imposed_at as to_at,
        officers.certified as observed,
        {{ rule_constant('officers') }} as allowed
    from coercions
    left join officers
        on coercions.record_id = officers.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
