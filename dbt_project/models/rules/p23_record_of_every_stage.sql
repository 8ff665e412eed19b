with

cases as (
    select * from {{ ref('rule_cases') }}
),

recordings as (
    select * from {{ ref('stg_recordings') }}
    where activity_kind = 'case'
),

required_stages as (
    {{ parameter_rows('stages') }}
),

stages_needed as (
    select distinct
        cases.record_id,
        required_stages.code as stage
    from cases
    inner join required_stages
        on
            (required_stages.code <> 'execution' or cases.executed_at is not null)
            and {{ scope_matches('cases', 'required_stages', 'cases.decided_day') }}
),

stages_recorded as (
    select distinct
        recordings.activity_id as record_id,
        recordings.stage
    from recordings
    inner join cases
        on recordings.activity_id = cases.record_id
),

-- A record of any stage, needed or not, shows that records were supplied.
supplied as (
    select distinct record_id from stages_recorded
),

counted as (
    select
        stages_needed.record_id,
        count(*) as needed,
        count(stages_recorded.stage) as recorded
    from stages_needed
    left join stages_recorded
        on
            stages_needed.record_id = stages_recorded.record_id
            and stages_needed.stage = stages_recorded.stage
    group by stages_needed.record_id
),

judged as (
    select
        cases.record_id,
        case
            when not cases.is_decided then 'NO_DECISION'
            when cases.procedure = 'simple' then 'SIMPLE_PROCEDURE'
            when counted.needed is null then 'NOT_IN_FORCE'
            when supplied.record_id is null then 'NO_RECORDING'
            when counted.recorded < counted.needed then 'STAGE_MISSING'
            when counted.recorded = counted.needed then 'PASS'
        end as outcome,
        cases.filed_at as from_at,
        coalesce(cases.executed_at, cases.decided_at) as to_at,
        counted.recorded as observed,
        counted.needed as allowed
    from cases
    left join counted
        on cases.record_id = counted.record_id
    left join supplied
        on cases.record_id = supplied.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
