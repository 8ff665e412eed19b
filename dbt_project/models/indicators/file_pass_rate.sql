with

supervisions as (
    select * from {{ ref('fct_supervisions') }}
),

variants as (
    {{ declared_variants() }}
),

judged as (
    select
        variants.variant,
        supervisions.subject_id,
        {{ no_text() }} as agency_id,
        supervisions.month,
        supervisions.supervision_id as unit_id,
        supervisions.done_at as happened_at,
        case
            when supervisions.is_fatal then 'miss'
            when variants.variant = 'excellent' and supervisions.score < {{ parameter('excellent_score') }} then 'miss'
            when supervisions.score < {{ parameter('pass_score') }} then 'miss'
            else 'hit'
        end as state,
        {{ no_text() }} as reason
    from supervisions
    cross join variants
    where
        supervisions.kind = 'file_review'
        and supervisions.score is not null
),

evidence_rows as (
    {{ one_per_record('judged', 'supervision', 'supervisions') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
