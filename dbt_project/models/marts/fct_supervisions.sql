with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

supervisions as (
    select * from {{ ref('stg_supervisions') }}
),

dated as (
    select
        supervisions.supervision_id,
        supervisions.kind,
        supervisions.supervisor_id,
        supervisions.subject_id,
        supervisions.activity_kind,
        supervisions.activity_id,
        supervisions.done_at,
        supervisions.score,
        coalesce(supervisions.fatal, false) as is_fatal,
        coalesce(supervisions.problems, 0) as problems,
        supervisions.rectify_due_on,
        supervisions.rectified_on,
        {{ month_of('supervisions.done_at') }} as month
    from supervisions
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on supervisions.subject_id = subjects.subject_id
)

select * from dated
