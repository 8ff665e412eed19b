with

coercions as (
    select * from {{ ref('rule_coercions') }}
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
        coercions.record_id,
        max(powers.valid_from) as last_from,
        max(case
            when
                powers.origin <> 'entrusted'
                and coercions.imposed_day between powers.valid_from and powers.valid_to then 1
            else 0
        end) as is_in_force,
        max(case
            when
                powers.origin = 'entrusted'
                and coercions.imposed_day between powers.valid_from and powers.valid_to then 1
            else 0
        end) as is_entrusted
    from coercions
    inner join powers
        on
            coercions.subject_id = powers.subject_id
            and coercions.matter_id = powers.matter_id
    group by coercions.record_id
),

-- A body with concentrated penalty power may use the measures tied to it (art. 17): seen in its power over the case.
tied as (
    select
        coercions.record_id,
        count(*) as penalty_powers
    from coercions
    inner join powers
        on
            coercions.subject_id = powers.subject_id
            and coercions.case_matter_id = powers.matter_id
            and coercions.imposed_day between powers.valid_from and powers.valid_to
    where powers.origin = 'devolved'
    group by coercions.record_id
),

judged as (
    select
        coercions.record_id,
        case
            when lists.powers is null then 'NO_POWER_LIST'
            when held.is_in_force = 1 then 'PASS'
            when held.is_entrusted = 1 then 'ENTRUSTED'
            when tied.penalty_powers > 0 then 'CONCENTRATED_POWER'
            when coercions.matter_id is null then 'NO_MATTER'
            when held.is_in_force = 0 then 'POWER_NOT_IN_FORCE'
            when held.is_in_force is null then 'NOT_ON_LIST'
        end as outcome,
        held.last_from as from_at,
        coercions.imposed_at as to_at,
        held.is_in_force as observed,
        1 as allowed
    from coercions
    left join lists
        on coercions.subject_id = lists.subject_id
    left join held
        on coercions.record_id = held.record_id
    left join tied
        on coercions.record_id = tied.record_id
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
