with

months as (
    select * from {{ ref('dim_month') }}
),

days as (
    select * from {{ ref('dim_day') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

-- How many working days a month has, and the first of its last ones; a month the calendar lacks is not judged.
working_days as (
    select
        {{ month_of('day') }} as month,
        count(*) as days
    from days
    where is_working_day
    group by {{ month_of('day') }}
),

month_ends as (
    select
        working_days.month,
        working_days.days,
        min(days.day) as end_begins
    from working_days
    inner join days
        on
            working_days.month = {{ month_of('days.day') }}
            and days.is_working_day
    inner join days as last_day
        on
            last_day.day = {{ last_day_of('working_days.month') }}
            and days.working_number > last_day.working_number - {{ signal_parameter('last_working_days') }}
    group by working_days.month, working_days.days
),

entries as (
    select
        subject_id,
        'inspections' as record_entity,
        inspection_id as record_id,
        submitted_at,
        {{ month_of('submitted_at') }} as entered_month
    from inspections
    where submitted_at is not null
    union all
    select
        subject_id,
        'cases' as record_entity,
        case_id as record_id,
        submitted_at,
        {{ month_of('submitted_at') }} as entered_month
    from cases
    where submitted_at is not null
),

placed as (
    select
        entries.*,
        case when {{ day_of('entries.submitted_at') }} >= month_ends.end_begins then 1 else 0 end as is_at_end,
        {{ signal_parameter('last_working_days') }}
        / cast(nullif(month_ends.days, 0) as {{ type_double() }}) as share_of_days
    from entries
    inner join month_ends
        on entries.entered_month = month_ends.month
),

by_month as (
    select
        subject_id,
        entered_month,
        count(*) as units,
        sum(is_at_end) as at_end,
        max(share_of_days) as share_of_days
    from placed
    group by subject_id, entered_month
),

windows as (
    select
        months.month,
        by_month.subject_id,
        sum(by_month.units) as units,
        sum(by_month.at_end) as at_end,
        max(by_month.share_of_days) as share_of_days
    from months
    inner join by_month
        on by_month.entered_month between {{ window_start('months.month') }} and months.month
    group by months.month, by_month.subject_id
),

with_p_value as (
    select
        windows.*,
        at_end / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        {{ binomial_upper_tail('at_end', 'units', 'share_of_days') }} as p_value
    from windows
    where units >= {{ signal_parameter('least_units') }}
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        statistic,
        p_value,
        units,
        p_value <= {{ signal_threshold() }} and statistic >= {{ signal_parameter('least_share') }} as has_fired
    from with_p_value
),

behind as (
    select
        tested.scope_id,
        tested.month,
        placed.record_entity,
        placed.record_id
    from tested
    inner join placed
        on
            tested.subject_id = placed.subject_id
            and placed.entered_month between {{ window_start('tested.month') }} and tested.month
            and placed.is_at_end = 1
    where tested.has_fired
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
