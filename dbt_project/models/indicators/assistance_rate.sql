with

requests as (
    select * from {{ ref('fct_assistance_requests') }}
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
        requests.to_subject_id as subject_id,
        {{ no_text() }} as agency_id,
        requests.month,
        requests.request_id as unit_id,
        requests.requested_at as happened_at,
        {{ deadline_state('requests.requested_on', 'requests.replied_on', 'due_day.day', 'run.as_of') }} as state,
        {{ deadline_reason(
            'requests.requested_on', 'requests.replied_on', 'due_day.day', 'run.as_of', 'OUTSIDE_CALENDAR'
        ) }} as reason
    from requests
    cross join run
    {{ join_working_deadline('days', 'requests.requested_on', parameter('working_days')) }}
),

evidence_rows as (
    {{ one_per_record('judged', 'request', 'assistance_requests') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
