with

faults as (
    select * from {{ ref('stg_review_faults') }}
),

supervisions as (
    select * from {{ ref('fct_supervisions') }}
),

of_subjects as (
    select
        faults.supervision_id,
        faults.fault_code,
        faults.deduction,
        supervisions.subject_id,
        supervisions.activity_kind,
        supervisions.activity_id,
        supervisions.month
    from faults
    inner join supervisions
        on faults.supervision_id = supervisions.supervision_id
)

select * from of_subjects
