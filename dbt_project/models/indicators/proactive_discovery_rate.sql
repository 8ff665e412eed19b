with

cases as (
    select * from {{ ref('fct_cases') }}
),

leads as (
    select * from {{ ref('fct_leads') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

supervisions as (
    select * from {{ ref('fct_supervisions') }}
),

disputes as (
    select * from {{ ref('fct_disputes') }}
),

variants as (
    {{ declared_variants() }}
),

case_units as (
    select
        'cases' as variant,
        subject_id,
        agency_id,
        case_month as month,
        'case' as unit_kind,
        case_id as unit_id,
        'cases' as record_entity,
        case_at as happened_at,
        {{ discovery_state('discovery') }} as state,
        {{ discovery_reason('discovery') }} as reason
    from cases
    where case_month is not null
),

lead_units as (
    select
        'leads' as variant,
        subject_id,
        cast(null as {{ api.Column.translate_type('string') }}) as agency_id,
        month,
        'lead' as unit_kind,
        lead_id as unit_id,
        'leads' as record_entity,
        received_at as happened_at,
        case
            when disposition = 'duplicate' then 'excluded'
            else {{ discovery_state('discovery') }}
        end as state,
        case
            when disposition = 'duplicate' then 'DUPLICATE'
            else {{ discovery_reason('discovery') }}
        end as reason
    from leads
),

-- Inspections by mode: what was started on the body's own motion against what a complaint started.
inspection_units as (
    select
        'inspections' as variant,
        subject_id,
        agency_id,
        month,
        'inspection' as unit_kind,
        inspection_id as unit_id,
        'inspections' as record_entity,
        started_at as happened_at,
        case
            when not is_entered then 'excluded'
            when discovery = 'proactive' then 'hit'
            when discovery = 'reactive' then 'miss'
            else 'excluded'
        end as state,
        case
            when not is_entered then 'NO_ENTRY'
            when discovery in ('proactive', 'reactive') then null
            else upper(mode)
        end as reason
    from inspections
),

counted_units as (
    select * from case_units
    union all
    select * from lead_units
    union all
    select * from inspection_units
),

-- Problems found by supervision against those that a reconsideration or a court had to correct: amounts, not units.
supervision_units as (
    select
        'supervision' as variant,
        subject_id,
        cast(null as {{ api.Column.translate_type('string') }}) as agency_id,
        month,
        'supervision' as unit_kind,
        supervision_id as unit_id,
        'supervisions' as record_entity,
        done_at as happened_at,
        'hit' as state,
        problems as numerator,
        problems as denominator
    from supervisions
    where problems > 0
    union all
    select
        'supervision' as variant,
        subject_id,
        agency_id,
        concluded_month as month,
        'dispute' as unit_kind,
        dispute_id as unit_id,
        'disputes' as record_entity,
        concluded_on as happened_at,
        'miss' as state,
        0 as numerator,
        1 as denominator
    from disputes
    where
        is_corrected
        and concluded_month is not null
),

all_units as (
    select
        variant,
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
    from counted_units
    union all
    select
        variant,
        subject_id,
        agency_id,
        month,
        unit_kind,
        unit_id,
        record_entity,
        unit_id as record_id,
        cast(happened_at as {{ dbt.type_timestamp() }}) as happened_at,
        state,
        numerator,
        denominator,
        cast(null as {{ api.Column.translate_type('string') }}) as reason
    from supervision_units
),

evidence_rows as (
    select all_units.*
    from all_units
    inner join variants
        on all_units.variant = variants.variant
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
