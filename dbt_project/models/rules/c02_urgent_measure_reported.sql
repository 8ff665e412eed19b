with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

limited as (
    select
        coercions.*,
        {{ parameter_at('hours', 'coercions', 'coercions.imposed_day') }} as hours
    from coercions
),

-- A date that came without a time of day stands for all of that day, to its last second: earliest and latest moment
-- of each side.
moments as (
    select
        record_id,
        urgent,
        imposed_at,
        approved_at,
        as_of,
        hours,
        {{ dbt.dateadd('hour', 'hours', 'imposed_at') }} as due_earliest,
        case
            when {{ is_without_clock('imposed_at') }}
                then {{ dbt.dateadd('second', '(hours + 24) * 3600 - 1', 'imposed_at') }}
            else {{ dbt.dateadd('hour', 'hours', 'imposed_at') }}
        end as due_latest,
        case
            when {{ is_without_clock('approved_at') }} then {{ dbt.dateadd('hour', 24, 'approved_at') }}
            else approved_at
        end as approved_latest,
        {{ dbt.datediff('imposed_at', 'approved_at', 'minute') }} / 60.0 as hours_taken
    from limited
),

judged as (
    select
        record_id,
        case
            when urgent is null then 'URGENCY_UNKNOWN'
            when not urgent then 'NOT_URGENT'
            when hours is null then 'NOT_IN_FORCE'
            when approved_at is null and as_of > due_latest then 'NOT_APPROVED'
            when approved_at is null then 'NOT_DUE'
            when approved_latest <= due_earliest then 'PASS'
            when approved_at > due_latest then 'LATE'
            when approved_at <= due_latest then 'NO_CLOCK_TIME'
        end as outcome,
        imposed_at as from_at,
        approved_at as to_at,
        hours_taken as observed,
        hours as allowed
    from moments
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
