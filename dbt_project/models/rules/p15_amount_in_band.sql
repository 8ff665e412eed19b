with

cases as (
    select * from {{ ref('rule_cases') }}
),

stated as (
    select
        record_id,
        is_penalty,
        decided_at,
        act_day,
        penalty_types,
        fine_amount,
        fine_min,
        fine_max,
        act_version,
        discretion,
        {{ has_code('penalty_types', "'fine'") }} as has_fine,
        trim(coalesce(discretion_ground, '')) <> '' as has_ground
    from cases
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when coalesce(fine_amount, 0) = 0 and penalty_types is null then 'NO_PENALTY_TYPES'
            when coalesce(fine_amount, 0) = 0 and not has_fine then 'NO_FINE'
            when fine_amount is null then 'NO_AMOUNT'
            when act_version is null then 'NO_MATTER_VERSION'
            when fine_min is null and fine_max is null then 'NO_BAND'
            when fine_amount > fine_max then 'ABOVE_BAND'
            when fine_amount < fine_min and discretion = 'mitigated' and has_ground then 'PASS'
            when fine_amount < fine_min and discretion = 'mitigated' then 'MITIGATED_WITHOUT_GROUND'
            when fine_amount < fine_min and discretion is null then 'NO_DISCRETION'
            when fine_amount < fine_min then 'BELOW_BAND'
            when fine_max is null then 'NO_UPPER_LIMIT'
            when fine_amount between coalesce(fine_min, 0) and fine_max then 'PASS'
        end as outcome,
        act_day as from_at,
        decided_at as to_at,
        fine_amount as observed,
        case
            when fine_amount < fine_min then fine_min
            else fine_max
        end as allowed
    from stated
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
