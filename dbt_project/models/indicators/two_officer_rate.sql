with

cases as (
    select * from {{ ref('fct_cases') }}
),

case_officers as (
    select * from {{ ref('fct_case_officers') }}
),

certified as (
    select
        case_id,
        count(*) as officers
    from case_officers
    where has_valid_certificate
    group by case_id
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
            when coalesce(certified.officers, 0) >= {{ parameter('officers') }} then 'hit'
            else 'miss'
        end as state,
        {{ no_text() }} as reason
    from cases
    left join certified
        on cases.case_id = certified.case_id
    where cases.is_decided
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
