with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

coercions as (
    select * from {{ ref('stg_coercions') }}
),

dated as (
    select
        coercions.coercion_id,
        coercions.subject_id,
        coercions.case_id,
        coercions.matter_id,
        coercions.measure,
        coalesce(coercions.urgent, false) as is_urgent,
        coercions.approved_at,
        coercions.imposed_at,
        coercions.extended_at,
        coercions.released_at,
        {{ day_of('coercions.imposed_at') }} as act_date,
        {{ month_of('coercions.imposed_at') }} as month
    from coercions
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on coercions.subject_id = subjects.subject_id
)

select * from dated
