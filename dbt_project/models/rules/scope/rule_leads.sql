with

leads as (
    select * from {{ ref('fct_leads') }}
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

reported as (
    select
        leads.lead_id as record_id,
        leads.subject_id,
        cast(null as {{ api.Column.translate_type('string') }}) as agency_id,
        leads.month,
        leads.received_at as happened_at,
        leads.received_at,
        leads.disposition,
        leads.case_id,
        coalesce(leads.area_code, subjects.area_code) as region,
        matters.workflow,
        matters.domain,
        cast(null as {{ api.Column.translate_type('string') }}) as party_kind,
        -- A lead is acted on with the first visit, or when it is closed without one.
        case
            when leads.first_visit_at is null then leads.closed_at
            when leads.closed_at is null then leads.first_visit_at
            when leads.first_visit_at < leads.closed_at then leads.first_visit_at
            else leads.closed_at
        end as acted_at,
        {{ day_of('run.as_of') }} as known_day
    from leads
    cross join run
    inner join months
        on leads.month = months.month
    inner join subjects
        on leads.subject_id = subjects.subject_id
    left join matters
        on leads.matter_id = matters.matter_id
)

select * from reported
