with

cases as (
    select * from {{ ref('fct_cases') }}
),

results as (
    select * from {{ ref('rule_results') }}
),

rules as (
    select * from {{ ref('dim_rule') }}
),

variants as (
    {{ declared_variants() }}
),

-- What the veto rules say of each case: the first that fails, and whether any could not be decided.
verdicts as (
    select
        results.record_id as case_id,
        min(case when results.result = 'fail' then results.rule_id end) as first_failing,
        sum(case when results.result = 'undecidable' then 1 else 0 end) as undecided
    from results
    inner join rules
        on results.rule_id = rules.rule_id
    where
        results.record_entity = 'cases'
        and rules.severity = 'veto'
    group by results.record_id
),

judged as (
    select
        variants.variant,
        cases.case_id,
        cases.subject_id,
        cases.agency_id,
        cases.decided_month as month,
        cases.decided_at,
        case when verdicts.first_failing is null then 'hit' else 'miss' end as state,
        case
            when verdicts.first_failing is not null then verdicts.first_failing
            when verdicts.undecided > 0 then 'RULES_UNDECIDED'
        end as reason
    from cases
    cross join variants
    inner join verdicts
        on cases.case_id = verdicts.case_id
    where cases.is_decided
),

evidence_rows as (
    select
        variant,
        subject_id,
        agency_id,
        month,
        'case' as unit_kind,
        case_id as unit_id,
        'cases' as record_entity,
        case_id as record_id,
        decided_at as happened_at,
        state,
        {{ counted_once() }},
        reason
    from judged
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
