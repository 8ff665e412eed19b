with

cases as (
    select * from {{ ref('fct_cases') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

supervisions as (
    select * from {{ ref('fct_supervisions') }}
),

run as (
    select * from {{ source('control', 'run') }}
),

variants as (
    {{ declared_variants() }}
),

first_supervisions as (
    select
        supervisions.activity_kind,
        supervisions.activity_id,
        min(supervisions.done_at) as done_at
    from supervisions
    cross join run
    where
        supervisions.done_at <= run.as_of
        and supervisions.activity_id is not null
    group by supervisions.activity_kind, supervisions.activity_id
),

acts as (
    select
        'case' as unit_kind,
        case_id as unit_id,
        subject_id,
        agency_id,
        decided_month as month,
        'cases' as record_entity,
        decided_at as happened_at
    from cases
    where is_decided
    union all
    select
        'inspection' as unit_kind,
        inspection_id as unit_id,
        subject_id,
        agency_id,
        month,
        'inspections' as record_entity,
        started_at as happened_at
    from inspections
    where is_counted
),

judged as (
    select
        variants.variant,
        acts.*,
        case when first_supervisions.done_at is not null then 'hit' else 'miss' end as state
    from acts
    inner join variants
        on
            variants.variant = 'acts'
            or acts.unit_kind = 'case'
    left join first_supervisions
        on
            acts.unit_kind = first_supervisions.activity_kind
            and acts.unit_id = first_supervisions.activity_id
),

evidence_rows as (
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
        cast(null as {{ api.Column.translate_type('string') }}) as reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
