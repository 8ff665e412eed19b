with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

plans as (
    select * from {{ ref('stg_inspection_plans') }}
),

dated as (
    select
        plans.plan_id,
        plans.subject_id,
        plans.matter_id,
        plans.object_id,
        plans.due_on,
        coalesce(plans.cancelled, false) as is_cancelled,
        {{ month_of('plans.due_on') }} as due_month
    from plans
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on plans.subject_id = subjects.subject_id
)

select * from dated
