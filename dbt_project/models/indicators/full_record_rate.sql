{%- set stages = ['start', 'evidence', 'review', 'decision', 'service'] -%}
{%- set always_needed = "'" ~ stages | join("', '") ~ "'" -%}
with

cases as (
    select * from {{ ref('fct_cases') }}
),

recordings as (
    select * from {{ ref('fct_recordings') }}
),

recorded as (
    select
        activity_id as case_id,
        count(distinct case when stage in ({{ always_needed }}) then stage end) as always_needed,
        max(case when stage = 'execution' then 1 else 0 end) as has_execution
    from recordings
    where activity_kind = 'case'
    group by activity_id
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
            when
                coalesce(recorded.always_needed, 0) = {{ stages | length }}
                and (cases.executed_at is null or recorded.has_execution = 1) then 'hit'
            else 'miss'
        end as state,
        {{ no_text() }} as reason
    from cases
    left join recorded
        on cases.case_id = recorded.case_id
    where
        cases.is_decided
        and cases.procedure = 'ordinary'
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
