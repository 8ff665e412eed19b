with

cases as (
    select * from {{ ref('fct_cases') }}
),

-- The limit and what it makes of a case are P01's.
rules as (
    select * from {{ ref('rule_results') }}
    where rule_id = 'P01'
),

judged as (
    select
        'default' as variant,
        cases.subject_id,
        cases.agency_id,
        cases.decided_month as month,
        cases.case_id as unit_id,
        cases.decided_at as happened_at,
        case rules.result
            when 'pass' then 'hit'
            when 'fail' then 'miss'
            when 'not_applicable' then 'excluded'
            else 'undecidable'
        end as state,
        case
            when rules.result in ('pass', 'fail') then null
            when rules.reason = 'NO_FILING_DATE' then 'NO_FILED_AT'
            when rules.reason = 'NO_MATTER_VERSION' then 'UNKNOWN_MATTER'
            else rules.reason
        end as reason
    from cases
    inner join rules
        on cases.case_id = rules.record_id
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
