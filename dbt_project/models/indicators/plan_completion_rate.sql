with

plans as (
    select * from {{ ref('fct_plans') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

first_inspections as (
    select
        plan_id,
        min(act_date) as act_date
    from inspections
    where
        is_counted
        and plan_id is not null
    group by plan_id
),

judged as (
    select
        'default' as variant,
        plans.subject_id,
        {{ no_text() }} as agency_id,
        plans.due_month as month,
        plans.plan_id as unit_id,
        plans.due_on as happened_at,
        case
            when plans.is_cancelled then 'excluded'
            when first_inspections.act_date <= plans.due_on then 'hit'
            else 'miss'
        end as state,
        case when plans.is_cancelled then 'CANCELLED' end as reason
    from plans
    left join first_inspections
        on plans.plan_id = first_inspections.plan_id
),

evidence_rows as (
    {{ one_per_record('judged', 'plan', 'inspection_plans') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
