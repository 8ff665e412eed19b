with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

officers as (
    select * from {{ ref('rule_officers') }}
    where activity_kind = 'coercion'
),

measured as (
    select
        coercions.record_id,
        coercions.urgent,
        coercions.approved_at,
        coercions.imposed_at,
        {{ parameter_at('officers', 'coercions', 'coercions.imposed_day') }} as officers_needed,
        officers.recorded,
        officers.certified,
        officers.certified + officers.unknown_officers as certified_at_most,
        {{ order_is_unknown('coercions.approved_at', 'coercions.imposed_at') }} as is_order_unknown
    from coercions
    left join officers
        on coercions.record_id = officers.record_id
),

-- An urgent measure may be approved afterwards: C02 looks at that.
judged as (
    select
        record_id,
        case
            when officers_needed is null then 'NOT_IN_FORCE'
            when recorded < officers_needed then 'TOO_FEW_OFFICERS'
            when certified_at_most < officers_needed then 'CERTIFICATE_NOT_VALID'
            when not urgent and approved_at > imposed_at and not is_order_unknown then 'APPROVED_AFTER'
            when recorded is null then 'NO_OFFICER_RECORDED'
            when certified < officers_needed then 'OFFICER_UNKNOWN'
            when urgent then 'PASS'
            when approved_at is null then 'NO_APPROVAL_DATE'
            when is_order_unknown then 'NO_CLOCK_TIME'
            when approved_at <= imposed_at then 'PASS'
            when urgent is null then 'URGENCY_UNKNOWN'
        end as outcome,
        approved_at as from_at,
        imposed_at as to_at,
        certified as observed,
        officers_needed as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
