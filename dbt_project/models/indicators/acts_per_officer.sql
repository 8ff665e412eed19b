with

officers as (
    select * from {{ ref('participation_rate') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

coercions as (
    select * from {{ ref('fct_coercions') }}
),

variants as (
    {{ declared_variants() }}
),

-- The divisor is a list of members, the same officers as in the participation rate.
divisor as (
    select
        variants.variant,
        officers.subject_id,
        officers.agency_id,
        officers.month,
        'officer' as unit_kind,
        officers.unit_id,
        officers.record_entity,
        officers.record_id,
        officers.happened_at,
        'miss' as state,
        0 as numerator,
        1 as denominator
    from officers
    inner join variants
        on
            officers.variant = variants.variant
            or (variants.variant = 'participants' and officers.variant = 'all' and officers.state = 'hit')
),

acts as (
    select
        subject_id,
        agency_id,
        month,
        'inspection' as unit_kind,
        inspection_id as unit_id,
        'inspections' as record_entity,
        started_at as happened_at
    from inspections
    where is_counted
    union all
    select
        subject_id,
        agency_id,
        decided_month as month,
        'case' as unit_kind,
        case_id as unit_id,
        'cases' as record_entity,
        decided_at as happened_at
    from cases
    where is_decided
    union all
    select
        subject_id,
        cast(null as {{ api.Column.translate_type('string') }}) as agency_id,
        month,
        'coercion' as unit_kind,
        coercion_id as unit_id,
        'coercions' as record_entity,
        imposed_at as happened_at
    from coercions
),

dividend as (
    select
        variants.variant,
        acts.subject_id,
        acts.agency_id,
        acts.month,
        acts.unit_kind,
        acts.unit_id,
        acts.record_entity,
        acts.unit_id as record_id,
        acts.happened_at,
        'hit' as state,
        1 as numerator,
        0 as denominator
    from acts
    cross join variants
),

units as (
    select * from divisor
    union all
    select * from dividend
),

evidence_rows as (
    select
        units.*,
        cast(null as {{ api.Column.translate_type('string') }}) as reason
    from units
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
