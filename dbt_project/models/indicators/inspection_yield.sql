with

inspections as (
    select * from {{ ref('fct_inspections') }}
),

judged as (
    select
        'default' as variant,
        inspections.subject_id,
        inspections.agency_id,
        inspections.month,
        inspections.inspection_id as unit_id,
        inspections.started_at as happened_at,
        case when inspections.found_problem then 'hit' else 'miss' end as state,
        {{ no_text() }} as reason
    from inspections
    where inspections.is_counted
),

evidence_rows as (
    {{ one_per_record('judged', 'inspection', 'inspections') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
