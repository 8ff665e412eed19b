with

acts_per_officer as (
    select * from {{ ref('acts_per_officer') }}
),

-- The same officers and the same acts as in acts_per_officer, of one kind of act alone.
evidence_rows as (
    select
        variant,
        subject_id,
        agency_id,
        month,
        unit_kind,
        unit_id,
        record_entity,
        record_id,
        happened_at,
        state,
        numerator,
        denominator,
        reason
    from acts_per_officer
    where unit_kind in ('officer', 'inspection')
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
