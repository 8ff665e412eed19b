with

cases as (
    select * from {{ ref('rule_cases') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

-- The clue is the lead as it was received; without a lead, the day the violation was found.
clues as (
    select
        cases.record_id,
        cases.procedure,
        cases.filed_at,
        cases.filed_day,
        {{ parameter_at('working_days', 'cases', 'cases.case_day') }} as working_days,
        coalesce(leads.received_at, cast(cases.discovered_on as {{ dbt.type_timestamp() }})) as clue_at,
        coalesce({{ day_of('leads.received_at') }}, cases.discovered_on) as clue_day
    from cases
    left join leads
        on cases.lead_id = leads.lead_id
),

measured as (
    select
        clues.*,
        last_day.day as last_day,
        end_day.working_number - start_day.working_number as days_taken
    from clues
    {{ working_day_joins('clues.clue_day', 'clues.filed_day', 'clues.working_days') }}
),

judged as (
    select
        record_id,
        case
            when procedure = 'simple' then 'SIMPLE_PROCEDURE'
            when working_days is null then 'NO_LIMIT'
            when filed_at is null then 'NO_FILING_DATE'
            when clue_at is null then 'NO_CLUE_DATE'
            when filed_day < clue_day then 'DATES_REVERSED'
            when last_day is null then 'NO_CALENDAR'
            when filed_day <= last_day then 'PASS'
            when filed_day > last_day then 'LATE'
        end as outcome,
        clue_at as from_at,
        filed_at as to_at,
        days_taken as observed,
        working_days as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
