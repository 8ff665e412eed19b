with

cases as (
    select * from {{ ref('rule_cases') }}
),

officers as (
    select * from {{ ref('rule_officers') }}
    where activity_kind = 'case'
),

judged as (
    select
        cases.record_id,
        case
            when officers.recorded is null then 'NO_OFFICER_RECORDED'
            when officers.certified >= {{ rule_constant('officers') }} then 'PASS'
            when officers.recorded < {{ rule_constant('officers') }} then 'TOO_FEW_OFFICERS'
            when
                officers.certified + officers.unknown_officers >= {{ rule_constant('officers') }} then 'OFFICER_UNKNOWN'
            when officers.certified < {{ rule_constant('officers') }} then 'CERTIFICATE_NOT_VALID'
        end as outcome,
        cases.case_day as from_at,
        cast(null as {{ dbt.type_timestamp() }}) as to_at,
        officers.certified as observed,
        {{ rule_constant('officers') }} as allowed
    from cases
    left join officers
        on cases.record_id = officers.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
