{%- set due_on = day_plus('leads.received_on', parameter('days')) -%}
with

leads as (
    select * from {{ ref('fct_leads') }}
),

run as (
    select * from {{ source('control', 'run') }}
),

judged as (
    select
        'default' as variant,
        leads.subject_id,
        {{ no_text() }} as agency_id,
        leads.month,
        leads.lead_id as unit_id,
        leads.received_at as happened_at,
        case
            when leads.disposition in ('duplicate', 'rejected', 'transferred') then 'excluded'
            else {{ deadline_state('leads.received_on', 'leads.closed_on', due_on, 'run.as_of') }}
        end as state,
        case
            when leads.disposition in ('duplicate', 'rejected', 'transferred') then upper(leads.disposition)
            else {{ deadline_reason('leads.received_on', 'leads.closed_on', due_on, 'run.as_of', 'NO_DATE') }}
        end as reason
    from leads
    cross join run
),

evidence_rows as (
    {{ one_per_record('judged', 'lead', 'leads') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
