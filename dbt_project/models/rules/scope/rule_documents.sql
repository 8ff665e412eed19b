with

documents as (
    select * from {{ ref('stg_documents') }}
),

-- Documents of inspections are the bulk and no rule needs them.
of_cases_and_coercions as (
    select
        document_id,
        activity_kind,
        activity_id as record_id,
        kind,
        issued_at,
        complete
    from documents
    where activity_kind in ('case', 'coercion')
)

select * from of_cases_and_coercions
