with

cases as (
    select * from {{ ref('stg_cases') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
),

months as (
    select * from {{ ref('dim_month') }}
),

decisions as (
    {{ code_classes('decision') }}
),

run as (
    select * from {{ source('control', 'run') }}
),

-- A case belongs to the month of its decision; without one, to the month of its filing.
dated as (
    select
        cases.case_id as record_id,
        cases.subject_id,
        cases.agency_id,
        cases.matter_id,
        cases.lead_id,
        cases.document_no,
        cases.procedure,
        cases.party_id,
        cases.party_kind,
        cases.violation_on,
        cases.discovered_on,
        cases.filed_at,
        cases.review_required,
        cases.reviewed_at,
        cases.notified_at,
        cases.hearing_requested_at,
        cases.hearing_at,
        cases.decided_at,
        cases.decision,
        cases.penalty_types,
        cases.fine_amount,
        cases.confiscated_amount,
        cases.discretion,
        cases.discretion_ground,
        cases.major,
        cases.served_at,
        cases.executed_at,
        cases.published_at,
        cases.revoked_at,
        cases.violated_articles,
        cases.penalty_articles,
        coalesce(cases.area_code, subjects.area_code) as region,
        coalesce(cases.decided_at, cases.filed_at) as happened_at,
        {{ month_of('coalesce(cases.decided_at, cases.filed_at)') }} as month,
        {{ day_of('coalesce(cases.filed_at, cases.decided_at)') }} as case_day,
        {{ day_of('cases.filed_at') }} as filed_day,
        {{ day_of('cases.notified_at') }} as notified_day,
        {{ day_of('cases.decided_at') }} as decided_day,
        {{ day_of('cases.served_at') }} as served_day,
        {{ day_of('cases.executed_at') }} as executed_day,
        {{ day_of('cases.published_at') }} as published_day,
        {{ day_of('run.as_of') }} as known_day,
        coalesce(cases.violation_on, {{ day_of('coalesce(cases.filed_at, cases.decided_at)') }}) as act_day,
        cases.decided_at is not null and coalesce(decisions.code_class, '') = 'decided' as is_decided,
        cases.decided_at is not null and coalesce(cases.decision, '') = 'penalty' as is_penalty
    from cases
    cross join run
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on cases.subject_id = subjects.subject_id
    left join decisions
        on cases.decision = decisions.code
),

reported as (
    select dated.*
    from dated
    inner join months
        on dated.month = months.month
),

-- The version of the case's matter in force on each of the days that rules look at; of a day there is one at most.
with_versions as (
    select
        reported.*,
        newest.workflow,
        newest.domain,
        newest.matter_id is not null as is_matter_known,
        filed_versions.decision_days,
        filed_versions.matter_id is not null as has_filed_version,
        act_versions.valid_from as act_version,
        act_versions.penalty_types as item_types,
        act_versions.penalty_articles as item_penalty_articles,
        act_versions.fine_min,
        act_versions.fine_max,
        decided_versions.valid_from as decided_version,
        decided_versions.fine_min as decided_fine_min,
        decided_versions.fine_max as decided_fine_max
    from reported
    left join matters as newest
        on
            reported.matter_id = newest.matter_id
            and newest.is_newest
    left join matters as filed_versions
        on
            reported.matter_id = filed_versions.matter_id
            and reported.filed_day between filed_versions.valid_from and filed_versions.in_force_to
    left join matters as act_versions
        on
            reported.matter_id = act_versions.matter_id
            and reported.act_day between act_versions.valid_from and act_versions.in_force_to
    left join matters as decided_versions
        on
            reported.matter_id = decided_versions.matter_id
            and reported.decided_day between decided_versions.valid_from and decided_versions.in_force_to
)

select * from with_versions
