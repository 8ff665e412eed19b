with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

inspections as (
    select * from {{ ref('stg_inspections') }}
),

modes as (
    {{ code_classes('inspection_mode') }}
),

results as (
    {{ code_classes('inspection_result') }}
),

classified as (
    select
        inspections.inspection_id,
        inspections.subject_id,
        inspections.agency_id,
        inspections.matter_id,
        inspections.mode,
        modes.code_class as discovery,
        inspections.plan_id,
        inspections.object_id,
        coalesce(inspections.object_id, inspections.object_name) is not null as has_object,
        inspections.object_kind,
        inspections.area_code,
        inspections.started_at,
        inspections.ended_at,
        inspections.result,
        coalesce(results.code_class, '') = 'found' as found_problem,
        inspections.problems,
        inspections.submitted_at,
        {{ day_of('inspections.started_at') }} as act_date,
        {{ month_of('inspections.started_at') }} as month,
        coalesce(inspections.result, '') <> 'no_entry' as is_entered,
        -- A patrol has no object and is not an inspection (annual statistics, domain §1.6 [A7]).
        inspections.mode <> 'patrol'
        and inspections.result is not null
        and inspections.result <> 'no_entry'
        and inspections.object_id is not null as is_counted
    from inspections
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on inspections.subject_id = subjects.subject_id
    left join modes
        on inspections.mode = modes.code
    left join results
        on inspections.result = results.code
)

select * from classified
