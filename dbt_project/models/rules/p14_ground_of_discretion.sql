with

cases as (
    select * from {{ ref('rule_cases') }}
),

stated as (
    select
        record_id,
        is_decided,
        is_penalty,
        decided_at,
        discretion,
        trim(coalesce(discretion_ground, '')) <> '' as has_ground
    from cases
),

judged as (
    select
        record_id,
        case
            when not is_decided then 'NO_DECISION'
            when not is_penalty and has_ground then 'PASS'
            when not is_penalty then 'NO_PENALTY_WITHOUT_GROUND'
            when discretion is null then 'NO_DISCRETION'
            when discretion not in ('lighter', 'mitigated') then 'NOT_LENIENT'
            when has_ground then 'PASS'
            when not has_ground then 'NO_GROUND'
        end as outcome,
        decided_at as from_at,
        cast(null as {{ dbt.type_timestamp() }}) as to_at,
        cast(null as {{ type_double() }}) as observed,
        cast(null as {{ type_double() }}) as allowed
    from stated
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
