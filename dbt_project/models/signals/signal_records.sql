with

evidence as (
    select * from {{ ref('signal_evidence') }}
),

records as (
    select
        signal_id,
        subject_id,
        scope_id,
        month,
        record_entity,
        record_id
    from evidence
    where record_id is not null
)

select * from records
