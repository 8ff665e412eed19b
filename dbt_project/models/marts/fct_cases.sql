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

matters as (
    select * from {{ ref('dim_matter') }}
),

-- A band is judged by the law of the day on which the violation ended, an unknown day by the case's own.
dated as (
    select
        cases.*,
        coalesce(cases.filed_at, cases.decided_at) as case_at,
        {{ day_of('coalesce(cases.filed_at, cases.decided_at)') }} as act_date,
        {{ day_of('cases.filed_at') }} as filed_on,
        {{ day_of('cases.decided_at') }} as decided_on,
        coalesce(cases.violation_on, {{ day_of('coalesce(cases.filed_at, cases.decided_at)') }}) as judged_by_law_of
    from cases
),

classified as (
    select
        dated.case_id,
        dated.subject_id,
        dated.agency_id,
        dated.matter_id,
        dated.lead_id,
        dated.source,
        sources.code_class as discovery,
        dated.procedure,
        dated.party_kind,
        dated.area_code,
        dated.violation_on,
        dated.discovered_on,
        dated.filed_at,
        coalesce(dated.review_required, false) as is_review_required,
        dated.reviewed_at,
        dated.notified_at,
        dated.hearing_requested_at,
        dated.hearing_at,
        dated.decided_at,
        dated.decision,
        dated.penalty_types,
        dated.fine_amount,
        dated.confiscated_amount,
        dated.discretion,
        dated.discretion_ground,
        coalesce(dated.major, false) as is_major,
        dated.served_at,
        dated.executed_at,
        dated.closed_at,
        dated.published_at,
        dated.revoked_at,
        dated.violated_articles,
        dated.penalty_articles,
        dated.submitted_at,
        dated.case_at,
        dated.act_date,
        {{ month_of('dated.act_date') }} as case_month,
        {{ month_of('dated.filed_at') }} as filed_month,
        {{ month_of('dated.decided_at') }} as decided_month,
        dated.filed_on,
        dated.decided_on,
        {{ day_of('dated.served_at') }} as served_on,
        {{ day_of('dated.published_at') }} as published_on,
        {{ dbt.datediff('dated.filed_on', 'dated.decided_on', 'day') }} as days_to_decide,
        {{ dbt.datediff('dated.decided_on', day_of('dated.served_at'), 'day') }} as days_to_serve,
        {{ dbt.datediff('dated.decided_on', day_of('dated.published_at'), 'day') }} as days_to_publish,
        {{ dbt.datediff('dated.filed_on', day_of('dated.closed_at'), 'day') }} as days_to_close,
        filing_version.decision_days,
        violation_version.matter_id is not null as has_matter_version,
        violation_version.fine_min as band_min,
        violation_version.fine_max as band_max,
        dated.decided_at is not null and coalesce(decisions.code_class, '') = 'decided' as is_decided
    from dated
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on dated.subject_id = subjects.subject_id
    left join sources
        on dated.source = sources.code
    left join decisions
        on dated.decision = decisions.code
    left join matters as filing_version
        on
            dated.matter_id = filing_version.matter_id
            and dated.filed_on between filing_version.valid_from and filing_version.in_force_to
    left join matters as violation_version
        on
            dated.matter_id = violation_version.matter_id
            and dated.judged_by_law_of between violation_version.valid_from and violation_version.in_force_to
)

select * from classified
