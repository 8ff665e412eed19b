with

disputes as (
    select * from {{ ref('fct_disputes') }}
),

variants as (
    {{ declared_variants() }}
),

judged as (
    select
        variants.variant,
        disputes.subject_id,
        disputes.agency_id,
        disputes.concluded_month as month,
        disputes.dispute_id as unit_id,
        disputes.concluded_on as happened_at,
        case
            when disputes.outcome is null then 'undecidable'
            when disputes.is_corrected then 'hit'
            else 'miss'
        end as state,
        case when disputes.outcome is null then 'NO_OUTCOME' end as reason
    from disputes
    inner join variants
        on
            variants.variant = 'all'
            or disputes.kind = variants.variant
    where
        disputes.concluded_month is not null
        and disputes.subject_id is not null
),

evidence_rows as (
    {{ one_per_record('judged', 'dispute', 'disputes') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
