with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

cases as (
    select * from {{ ref('stg_cases') }}
),

sources as (
    {{ code_classes('source') }}
),

decisions as (
    {{ code_classes('decision') }}
),

classified as (
    select
        cases.case_id,
        cases.subject_id,
        cases.agency_id,
        cases.matter_id,
        cases.lead_id,
        cases.source,
        sources.code_class as discovery,
        cases.procedure,
        cases.party_kind,
        cases.area_code,
        cases.filed_at,
        cases.decided_at,
        cases.decision,
        cases.submitted_at,
        coalesce(cases.filed_at, cases.decided_at) as case_at,
        {{ day_of('coalesce(cases.filed_at, cases.decided_at)') }} as act_date,
        {{ month_of('coalesce(cases.filed_at, cases.decided_at)') }} as case_month,
        {{ month_of('cases.filed_at') }} as filed_month,
        {{ month_of('cases.decided_at') }} as decided_month,
        cases.decided_at is not null and coalesce(decisions.code_class, '') = 'decided' as is_decided
    from cases
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on cases.subject_id = subjects.subject_id
    left join sources
        on cases.source = sources.code
    left join decisions
        on cases.decision = decisions.code
)

select * from classified
