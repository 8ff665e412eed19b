with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

leads as (
    select * from {{ ref('stg_leads') }}
),

sources as (
    {{ code_classes('source') }}
),

classified as (
    select
        leads.lead_id,
        leads.subject_id,
        leads.source,
        sources.code_class as discovery,
        leads.matter_id,
        leads.object_id,
        leads.area_code,
        leads.received_at,
        leads.accepted_at,
        leads.first_visit_at,
        leads.closed_at,
        leads.disposition,
        leads.case_id,
        {{ day_of('leads.first_visit_at') }} as act_date,
        {{ day_of('leads.received_at') }} as received_on,
        {{ day_of('leads.closed_at') }} as closed_on,
        {{ month_of('leads.received_at') }} as month
    from leads
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on leads.subject_id = subjects.subject_id
    left join sources
        on leads.source = sources.code
)

select * from classified
