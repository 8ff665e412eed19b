with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

requests as (
    select * from {{ ref('stg_assistance_requests') }}
),

dated as (
    select
        requests.request_id,
        requests.from_subject_id,
        requests.to_subject_id,
        requests.matter_id,
        requests.requested_at,
        requests.replied_at,
        requests.outcome,
        {{ day_of('requests.requested_at') }} as requested_on,
        {{ day_of('requests.replied_at') }} as replied_on,
        {{ month_of('requests.requested_at') }} as month
    from requests
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on requests.to_subject_id = subjects.subject_id
)

select * from dated
