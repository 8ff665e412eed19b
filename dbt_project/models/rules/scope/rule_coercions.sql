with

coercions as (
    select * from {{ ref('stg_coercions') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
    where is_newest
),

months as (
    select * from {{ ref('dim_month') }}
),

run as (
    select * from {{ source('control', 'run') }}
),

dated as (
    select
        coercions.coercion_id as record_id,
        coercions.subject_id,
        cast(null as {{ api.Column.translate_type('string') }}) as agency_id,
        coercions.matter_id,
        coercions.case_id,
        cases.matter_id as case_matter_id,
        cases.decided_at as case_decided_at,
        coercions.measure,
        coercions.urgent,
        coercions.approved_at,
        coercions.imposed_at,
        coercions.extended_at,
        coercions.released_at,
        subjects.area_code as region,
        matters.workflow,
        matters.domain,
        cases.party_kind,
        run.as_of,
        coercions.imposed_at as happened_at,
        {{ month_of('coercions.imposed_at') }} as month,
        {{ day_of('coercions.imposed_at') }} as case_day,
        {{ day_of('coercions.imposed_at') }} as imposed_day,
        {{ day_of('coercions.extended_at') }} as extended_day,
        {{ day_of('coercions.released_at') }} as released_day,
        case
            when cases.is_decided then {{ day_of('cases.decided_at') }}
        end as case_decided_day,
        {{ day_of('run.as_of') }} as known_day
    from coercions
    cross join run
    -- A record of a subject that is not in the ledger counts for nobody; the audit lists it.
    inner join subjects
        on coercions.subject_id = subjects.subject_id
    left join cases
        on coercions.case_id = cases.case_id
    left join matters
        on coercions.matter_id = matters.matter_id
),

reported as (
    select dated.*
    from dated
    inner join months
        on dated.month = months.month
)

select * from reported
