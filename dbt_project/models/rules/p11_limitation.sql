with

cases as (
    select * from {{ ref('rule_cases') }}
),

dated as (
    select
        cases.record_id,
        cases.is_penalty,
        cases.violation_on,
        cases.discovered_on,
        {{ parameter_at('years', 'cases', 'cases.discovered_on') }} as years,
        {{ parameter_at('longest_years', 'cases', 'cases.discovered_on') }} as longest_years,
        {{ parameter_at('longer_years', 'cases', 'cases.discovered_on') }} as longer_years
    from cases
),

-- The longer limit is the same number of years wherever it may apply; whether it does depends on harm done.
limited as (
    select
        record_id,
        is_penalty,
        violation_on,
        discovered_on,
        years,
        {{ day_of(dbt.dateadd('year', 'years', 'violation_on')) }} as last_day,
        case
            when longer_years is not null and longest_years is not null
                then {{ day_of(dbt.dateadd('year', 'longest_years', 'violation_on')) }}
            else {{ day_of(dbt.dateadd('year', 'years', 'violation_on')) }}
        end as longest_day
    from dated
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when violation_on is null then 'NO_VIOLATION_DATE'
            when discovered_on is null then 'NO_DISCOVERY_DATE'
            when years is null then 'NOT_IN_FORCE'
            when discovered_on <= last_day then 'PASS'
            when discovered_on <= longest_day then 'HARM_NOT_RECORDED'
            when discovered_on > longest_day then 'TOO_OLD'
        end as outcome,
        violation_on as from_at,
        discovered_on as to_at,
        {{ days_between('violation_on', 'discovered_on') }} as observed,
        {{ days_between('violation_on', 'last_day') }} as allowed
    from limited
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
