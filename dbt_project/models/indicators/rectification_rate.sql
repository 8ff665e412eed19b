with

supervisions as (
    select * from {{ ref('fct_supervisions') }}
),

judged as (
    select
        'default' as variant,
        supervisions.subject_id,
        {{ no_text() }} as agency_id,
        {{ month_of('supervisions.rectify_due_on') }} as month,
        supervisions.supervision_id as unit_id,
        supervisions.done_at as happened_at,
        case
            when supervisions.rectified_on < {{ day_of('supervisions.done_at') }} then 'undecidable'
            when supervisions.rectified_on <= supervisions.rectify_due_on then 'hit'
            else 'miss'
        end as state,
        case
            when supervisions.rectified_on < {{ day_of('supervisions.done_at') }} then 'DATES_REVERSED'
        end as reason
    from supervisions
    where
        supervisions.problems > 0
        and supervisions.rectify_due_on is not null
),

evidence_rows as (
    {{ one_per_record('judged', 'supervision', 'supervisions') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
