with

cases as (
    select * from {{ ref('fct_cases') }}
),

judged as (
    select
        'default' as variant,
        cases.subject_id,
        cases.agency_id,
        cases.decided_month as month,
        cases.case_id as unit_id,
        cases.decided_at as happened_at,
        case
            when cases.decision is null then 'undecidable'
            when cases.decision = 'withdrawn' then 'hit'
            else 'miss'
        end as state,
        case when cases.decision is null then 'NO_DECISION' end as reason
    from cases
    where cases.decided_month is not null
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
