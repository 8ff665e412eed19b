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

-- What ends a seizure: the decision of its case or the release, whichever came first.
limited as (
    select
        record_id,
        measure,
        imposed_at,
        imposed_day,
        known_day,
        case
            when released_day is null then case_decided_day
            when case_decided_day is null then released_day
            when case_decided_day < released_day then case_decided_day
            else released_day
        end as ended_day,
        case
            when {{ days_between('imposed_day', 'extended_day') }} between 0 and days
                then days + extension_days
            else days
        end as days_allowed
    from dated
),

measured as (
    select
        limited.*,
        {{ days_between('imposed_day', 'coalesce(ended_day, known_day)') }} as days_taken
    from limited
),

judged as (
    select
        record_id,
        case
            when measure not in ('seal', 'seize') then 'OTHER_MEASURE'
            when days_allowed is null then 'NOT_IN_FORCE'
            when ended_day < imposed_day then 'DATES_REVERSED'
            when ended_day is not null and days_taken <= days_allowed then 'PASS'
            when ended_day is not null and days_taken > days_allowed then 'LATE'
            when days_taken <= days_allowed then 'NOT_DUE'
            when days_taken > days_allowed then 'OPEN_PAST_LIMIT'
        end as outcome,
        imposed_at as from_at,
        ended_day as to_at,
        days_taken as observed,
        days_allowed as allowed
    from measured
),

rule_rows as (
    {{ rule_rows_from('judged', 'coercions') }}
)

select * from rule_rows
