with

coercions as (
    select * from {{ ref('rule_coercions') }}
),

dated as (
    select
        coercions.*,
        {{ parameter_at('days', 'coercions', 'coercions.imposed_day') }} as days,
        {{ parameter_at('extension_days', 'coercions', 'coercions.imposed_day') }} as extension_days
    from coercions
),

-- An extension counts if it was made before the first limit had run out.
limited as (
    select
        record_id,
        measure,
        imposed_at,
        released_at,
        released_day,
        imposed_day,
        case_decided_day,
        case
            when {{ days_between('imposed_day', 'extended_day') }} between 0 and days
                then days + extension_days
            else days
        end as days_allowed,
        {{ days_between('imposed_day', 'coalesce(released_day, known_day)') }} as days_taken
    from dated
),

judged as (
    select
        record_id,
        case
            when measure not in ('seal', 'seize') then 'OTHER_MEASURE'
            when days_allowed is null then 'NOT_IN_FORCE'
            when released_day < imposed_day then 'DATES_REVERSED'
            when released_at is not null and days_taken <= days_allowed then 'PASS'
            when released_at is not null and days_taken > days_allowed then 'LATE'
            when days_taken <= days_allowed then 'NOT_DUE'
            when case_decided_day < imposed_day then 'DATES_REVERSED'
            when {{ days_between('imposed_day', 'case_decided_day') }} <= days_allowed then 'CASE_DECIDED'
            when days_taken > days_allowed then 'STILL_HELD'
        end as outcome,
        imposed_at as from_at,
        released_at as to_at,
        days_taken as observed,
        days_allowed as allowed
    from limited
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
