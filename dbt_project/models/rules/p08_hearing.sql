with

cases as (
    select * from {{ ref('rule_cases') }}
),

penalty_types as (
    {{ code_classes('penalty_type') }}
),

hearing_types as (
    {{ parameter_rows('hearing_types', by_party=true) }}
),

fine_thresholds as (
    {{ parameter_values('fine_threshold', 'cases', 'cases.decided_day') }}
),

confiscation_thresholds as (
    {{ parameter_values('confiscation_threshold', 'cases', 'cases.decided_day') }}
),

heavy_penalties as (
    select
        cases.record_id,
        sum(case when {{ is_party_certain('cases', 'hearing_types') }} then 1 else 0 end) as heavy_types,
        count(*) as possible_types
    from cases
    inner join penalty_types
        on {{ has_code('cases.penalty_types', 'penalty_types.code') }}
    inner join hearing_types
        on
            penalty_types.code = hearing_types.code
            and {{ scope_matches('cases', 'hearing_types', 'cases.decided_day') }}
    group by cases.record_id
),

-- What is certain (a heavy type, an amount at every threshold) comes before what is not known.
entitled as (
    select
        cases.*,
        fine_thresholds.highest as threshold,
        {{ parameter_at('request_days', 'cases', 'cases.decided_day') }} as request_days,
        case
            when coalesce(heavy_penalties.heavy_types, 0) > 0 then 'yes'
            when cases.fine_amount >= fine_thresholds.highest then 'yes'
            when cases.confiscated_amount >= confiscation_thresholds.highest then 'yes'
            when cases.penalty_types is null then 'no types'
            when heavy_penalties.possible_types > 0 then 'no party'
            when {{ has_code('cases.penalty_types', "'other'") }} then 'other type'
            when fine_thresholds.lowest is null or confiscation_thresholds.lowest is null then 'no threshold'
            when cases.fine_amount >= fine_thresholds.lowest then 'no party'
            when cases.confiscated_amount >= confiscation_thresholds.lowest then 'no party'
            when {{ has_code('cases.penalty_types', "'fine'") }} and cases.fine_amount is null then 'no amount'
            when cases.confiscated_amount is null and cases.penalty_types like '%confiscate%' then 'no amount'
            else 'no'
        end as entitlement
    from cases
    left join heavy_penalties
        on cases.record_id = heavy_penalties.record_id
    left join fine_thresholds
        on cases.record_id = fine_thresholds.record_id
    left join confiscation_thresholds
        on cases.record_id = confiscation_thresholds.record_id
),

measured as (
    select
        entitled.*,
        last_day.day as last_day,
        {{ day_of('entitled.hearing_requested_at') }} <= last_day.day as is_requested_in_time
    from entitled
    {{ working_day_joins('entitled.notified_day', 'entitled.decided_day', 'entitled.request_days') }}
),

judged as (
    select
        record_id,
        case
            when not is_penalty then 'NO_PENALTY'
            when entitlement = 'no' then 'NO_HEARING_RIGHT'
            when entitlement = 'no types' then 'NO_PENALTY_TYPES'
            when entitlement = 'other type' then 'OTHER_TYPE'
            when entitlement = 'no threshold' then 'NO_THRESHOLD'
            when entitlement = 'no party' then 'NO_PARTY_KIND'
            when entitlement = 'no amount' then 'NO_AMOUNT'
            when notified_at is null then 'NO_NOTICE_DATE'
            when notified_day > decided_day then 'NOTICE_NOT_BEFORE'
            when request_days is null then 'NOT_IN_FORCE'
            when last_day is null then 'NO_CALENDAR'
            when is_requested_in_time and hearing_at is null then 'HEARING_NOT_HELD'
            when is_requested_in_time and {{ order_is_unknown('hearing_at', 'decided_at') }} then 'NO_CLOCK_TIME'
            when is_requested_in_time and hearing_at >= decided_at then 'DECIDED_BEFORE_HEARING'
            when is_requested_in_time and hearing_at < decided_at then 'PASS'
            when decided_day <= last_day then 'DECIDED_TOO_EARLY'
            when decided_day > last_day then 'PASS'
        end as outcome,
        notified_at as from_at,
        decided_at as to_at,
        fine_amount as observed,
        threshold as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'cases') }}
)

select * from rule_rows
