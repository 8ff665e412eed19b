with

cases as (
    select * from {{ ref('rule_cases') }}
),

officers as (
    select * from {{ ref('rule_officers') }}
    where activity_kind = 'case'
),

measured as (
    select
        cases.record_id,
        cases.case_day,
        {{ parameter_at('officers', 'cases', 'cases.case_day') }} as officers_needed,
        officers.recorded,
        officers.certified,
        officers.certified + officers.unknown_officers as certified_at_most
    from cases
    left join officers
        on cases.record_id = officers.record_id
),

judged as (
    select
        record_id,
        case
            when officers_needed is null then 'NOT_IN_FORCE'
            when recorded is null then 'NO_OFFICER_RECORDED'
            when certified >= officers_needed then 'PASS'
            when recorded < officers_needed then 'TOO_FEW_OFFICERS'
            when certified_at_most >= officers_needed then 'OFFICER_UNKNOWN'
            when certified < officers_needed then 'CERTIFICATE_NOT_VALID'
        end as outcome,
        case_day as from_at,
        cast(null as {{ dbt.type_timestamp() }}) as to_at,
        certified as observed,
        officers_needed as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
