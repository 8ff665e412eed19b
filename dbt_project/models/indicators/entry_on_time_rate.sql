with

inspections as (
    select * from {{ ref('fct_inspections') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

acts as (
    select
        subject_id,
        agency_id,
        month,
        'inspection' as unit_kind,
        inspection_id as unit_id,
        'inspections' as record_entity,
        started_at as happened_at,
        act_date,
        {{ day_of('submitted_at') }} as submitted_on
    from inspections
    union all
    select
        subject_id,
        agency_id,
        case_month as month,
        'case' as unit_kind,
        case_id as unit_id,
        'cases' as record_entity,
        case_at as happened_at,
        act_date,
        {{ day_of('submitted_at') }} as submitted_on
    from cases
    where act_date is not null
),

judged as (
    select
        acts.*,
        case
            when submitted_on is null or submitted_on < act_date then 'undecidable'
            when submitted_on <= {{ day_plus('act_date', parameter('days')) }} then 'hit'
            else 'miss'
        end as state,
        case
            when submitted_on is null then 'NO_SUBMITTED_AT'
            when submitted_on < act_date then 'DATES_REVERSED'
        end as reason
    from acts
),

evidence_rows as (
    select
        'default' as variant,
        subject_id,
        agency_id,
        month,
        unit_kind,
        unit_id,
        record_entity,
        unit_id as record_id,
        happened_at,
        state,
        {{ counted_once() }},
        reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
