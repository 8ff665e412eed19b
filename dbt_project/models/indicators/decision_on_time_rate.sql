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
            when cases.filed_on is null or cases.decision_days is null then 'undecidable'
            when cases.decided_on < cases.filed_on then 'undecidable'
            when cases.days_to_decide <= cases.decision_days then 'hit'
            else 'miss'
        end as state,
        case
            when cases.filed_on is null then 'NO_FILED_AT'
            when cases.decision_days is null then 'UNKNOWN_MATTER'
            when cases.decided_on < cases.filed_on then 'DATES_REVERSED'
        end as reason
    from cases
    where
        cases.is_decided
        and cases.procedure = 'ordinary'
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
