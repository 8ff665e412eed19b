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
        case
            when cases.revoked_at is not null then 'excluded'
            else {{ deadline_state('cases.decided_on', 'cases.published_on', 'due_day.day', 'run.as_of') }}
        end as state,
        case
            when cases.revoked_at is not null then 'REVOKED'
            else {{ deadline_reason(
                'cases.decided_on', 'cases.published_on', 'due_day.day', 'run.as_of', 'OUTSIDE_CALENDAR'
            ) }}
        end as reason
    from cases
    cross join run
    {{ join_working_deadline('days', 'cases.decided_on', parameter('working_days')) }}
    where
        cases.is_decided
        and cases.decision = 'penalty'
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
