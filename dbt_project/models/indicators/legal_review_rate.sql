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
            when cases.reviewed_at <= cases.decided_at then 'hit'
            when {{ order_is_unknown('cases.reviewed_at', 'cases.decided_at') }} then 'undecidable'
            else 'miss'
        end as state,
        case
            when cases.reviewed_at <= cases.decided_at then {{ no_text() }}
            when {{ order_is_unknown('cases.reviewed_at', 'cases.decided_at') }} then 'NO_CLOCK_TIME'
        end as reason
    from cases
    where
        cases.is_decided
        and (cases.is_review_required or cases.is_major)
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
