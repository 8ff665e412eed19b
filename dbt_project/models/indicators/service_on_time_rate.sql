with

cases as (
    select * from {{ ref('fct_cases') }}
),

days as (
    select * from {{ ref('dim_day') }}
),

run as (
    select * from {{ source('control', 'run') }}
),

judged as (
    select
        'default' as variant,
        cases.subject_id,
        cases.agency_id,
        cases.decided_month as month,
        cases.case_id as unit_id,
        cases.decided_at as happened_at,
        {{ deadline_state('cases.decided_on', 'cases.served_on', 'due_day.day', 'run.as_of') }} as state,
        {{ deadline_reason(
            'cases.decided_on', 'cases.served_on', 'due_day.day', 'run.as_of', 'OUTSIDE_CALENDAR'
        ) }} as reason
    from cases
    cross join run
    {{ join_working_deadline('days', 'cases.decided_on', parameter('working_days')) }}
    where cases.is_decided
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
