with

subjects as (
    select subject_id from {{ ref('dim_subject') }}
),

cases as (
    select * from {{ ref('stg_cases') }}
),

decisions as (
    {{ code_classes('decision') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
),

decided as (
    select
        cases.case_id,
        cases.document_no,
        cases.subject_id,
        cases.agency_id,
        cases.matter_id,
        cases.area_code,
        cases.procedure,
        cases.party_id,
        case when cases.party_kind = 'person' then 'person' else 'other' end as party_class,
        cases.filed_at,
        cases.decided_at,
        {{ month_of('cases.decided_at') }} as decided_month,
        {{ day_of('coalesce(cases.violation_on, cases.filed_at, cases.decided_at)') }} as law_date,
        cases.decision,
        cases.penalty_types,
        cast(cases.fine_amount as {{ type_double() }}) as fine_amount,
        cases.discretion,
        cases.discretion_ground,
        cases.violated_articles,
        cases.penalty_articles
    from cases
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on cases.subject_id = subjects.subject_id
    inner join decisions
        on
            cases.decision = decisions.code
            and decisions.code_class = 'decided'
    where cases.decided_at is not null
),

-- The version of the matter that was in force when the act ended, else when the case began: one at most.
with_version as (
    select
        decided.*,
        matters.domain,
        cast(matters.fine_min as {{ type_double() }}) as fine_min,
        cast(matters.fine_max as {{ type_double() }}) as fine_max,
        coalesce(decided.violated_articles, matters.violated_articles) as cited_violated_articles,
        coalesce(decided.penalty_articles, matters.penalty_articles) as cited_penalty_articles
    from decided
    left join matters
        on
            decided.matter_id = matters.matter_id
            and decided.law_date between matters.valid_from and matters.in_force_to
),

named as (
    select
        case_id,
        document_no,
        subject_id,
        agency_id,
        matter_id,
        domain,
        area_code,
        procedure,
        party_id,
        party_class,
        filed_at,
        decided_at,
        decided_month,
        law_date,
        decision,
        penalty_types,
        fine_amount,
        fine_min,
        fine_max,
        discretion,
        discretion_ground,
        cited_violated_articles as violated_articles,
        cited_penalty_articles as penalty_articles
    from with_version
)

select * from named
