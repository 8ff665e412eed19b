with

cases as (
    select * from {{ ref('rule_cases') }}
),

penalty_types as (
    {{ code_classes('penalty_type') }}
),

simple_types as (
    {{ parameter_rows('simple_types', by_party=true) }}
),

limits as (
    {{ parameter_values('fine_limit', 'cases', 'cases.decided_day') }}
),

-- Of each penalty given, the rows by which the simple procedure knows it on the day of the decision, and those of them
-- that do not depend on a kind of party that is not recorded.
given_types as (
    select
        cases.record_id,
        penalty_types.code,
        count(simple_types.code) as fitting,
        sum(case
            when simple_types.code is not null and {{ is_party_certain('cases', 'simple_types') }} then 1
            else 0
        end) as certain
    from cases
    inner join penalty_types
        on {{ has_code('cases.penalty_types', 'penalty_types.code') }}
    left join simple_types
        on
            penalty_types.code = simple_types.code
            and {{ scope_matches('cases', 'simple_types', 'cases.decided_day') }}
    group by cases.record_id, penalty_types.code
),

other_penalties as (
    select
        record_id,
        sum(case when fitting = 0 then 1 else 0 end) as other_types,
        sum(case when fitting > 0 and certain = 0 then 1 else 0 end) as open_types
    from given_types
    group by record_id
),

measured as (
    select
        cases.record_id,
        cases.is_penalty,
        cases.procedure,
        cases.penalty_types,
        cases.decided_at,
        coalesce(other_penalties.other_types, 0) as other_types,
        coalesce(other_penalties.open_types, 0) as open_types,
        limits.lowest,
        limits.highest,
        case
            when {{ has_code('cases.penalty_types', "'fine'") }} then cases.fine_amount
            else coalesce(cases.fine_amount, 0)
        end as fine_amount
    from cases
    left join other_penalties
        on cases.record_id = other_penalties.record_id
    left join limits
        on cases.record_id = limits.record_id
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when procedure <> 'simple' then 'ORDINARY_PROCEDURE'
            when penalty_types is null then 'NO_PENALTY_TYPES'
            when other_types > 0 then 'TYPE_NOT_SIMPLE'
            when open_types > 0 then 'NO_PARTY_KIND'
            when fine_amount is null then 'NO_AMOUNT'
            when lowest is null then 'NO_LIMIT'
            when fine_amount > highest then 'ABOVE_LIMIT'
            when fine_amount <= lowest then 'PASS'
            when fine_amount <= highest then 'NO_PARTY_KIND'
        end as outcome,
        decided_at as from_at,
        cast(null as {{ dbt.type_timestamp() }}) as to_at,
        fine_amount as observed,
        highest as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
