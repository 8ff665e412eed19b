{{ config(materialized='view') }}

with

documents as (
    select * from {{ ref('stg_documents') }}
),

dated as (
    select
        document_id,
        activity_kind,
        activity_id,
        kind,
        issued_at,
        complete,
        {{ month_of('issued_at') }} as month
    from documents
)

select * from dated
