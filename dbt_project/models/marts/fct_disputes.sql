with

disputes as (
    select * from {{ ref('stg_disputes') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

outcomes as (
    {{ code_classes('dispute_outcome') }}
),

of_subjects as (
    select
        disputes.dispute_id,
        disputes.case_id,
        cases.subject_id,
        cases.agency_id,
        disputes.kind,
        disputes.filed_on,
        disputes.concluded_on,
        disputes.outcome,
        coalesce(outcomes.code_class, '') = 'corrected' as is_corrected,
        {{ month_of('disputes.concluded_on') }} as concluded_month
    from disputes
    left join cases
        on disputes.case_id = cases.case_id
    left join outcomes
        on disputes.outcome = outcomes.code
)

select * from of_subjects
