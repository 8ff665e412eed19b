with

cases as (
    select * from {{ ref('rule_cases') }}
),

powers as (
    select * from {{ ref('dim_power') }}
),

lists as (
    select
        subject_id,
        count(*) as powers
    from powers
    group by subject_id
),

held as (
    select
        cases.record_id,
        max(powers.valid_from) as last_from,
        max(case when cases.decided_day between powers.valid_from and powers.valid_to then 1 else 0 end) as is_in_force
    from cases
    inner join powers
        on
            cases.subject_id = powers.subject_id
            and cases.matter_id = powers.matter_id
    group by cases.record_id
),

judged as (
    select
        cases.record_id,
        case
            when not cases.is_decided then 'NO_DECISION'
            when
                {{ has_code('cases.penalty_types', "'detention'") }}
                and coalesce({{ parameter_at('may_detain', 'cases', 'cases.decided_day') }}, 0) = 0
                then 'DETENTION'
            when lists.powers is null then 'NO_POWER_LIST'
            when held.is_in_force = 1 then 'PASS'
            when held.is_in_force = 0 then 'POWER_NOT_IN_FORCE'
            when held.is_in_force is null then 'NOT_ON_LIST'
        end as outcome,
        held.last_from as from_at,
        cases.decided_at as to_at,
        held.is_in_force as observed,
        1 as allowed
    from cases
    left join lists
        on cases.subject_id = lists.subject_id
    left join held
        on cases.record_id = held.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
