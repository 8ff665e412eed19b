with

months as (
    select * from {{ ref('dim_month') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
    where
        mode <> 'patrol'
        and is_entered
),

judged as (
    select
        subject_id,
        inspection_id,
        month as act_month,
        case
            when not has_object then 1
            when result is null then 1
            -- How long it took is known only with a time of day at both ends.
            when
                not {{ is_without_clock('started_at') }}
                and not {{ is_without_clock('ended_at') }}
                and ended_at >= started_at
                and ended_at < {{ dbt.dateadd('minute', signal_parameter('least_minutes'), 'started_at') }} then 1
            else 0
        end as is_empty
    from inspections
),

by_month as (
    select
        subject_id,
        act_month,
        count(*) as units,
        sum(is_empty) as empty_ones
    from judged
    group by subject_id, act_month
),

windows as (
    select
        months.month,
        by_month.subject_id,
        sum(by_month.units) as units,
        sum(by_month.empty_ones) as empty_ones
    from months
    inner join by_month
        on by_month.act_month between {{ window_start('months.month') }} and months.month
    group by months.month, by_month.subject_id
),

with_yardstick as (
    select
        windows.*,
        sum(units) over (partition by month) - units as other_units,
        sum(empty_ones) over (partition by month) - empty_ones as other_empty_ones
    from windows
),

with_p_value as (
    select
        with_yardstick.*,
        empty_ones / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        {{ binomial_upper_tail(
            'empty_ones',
            'units',
            'greatest(coalesce(other_empty_ones / cast(nullif(other_units, 0) as ' ~ type_double() ~ '), 0), '
            ~ signal_parameter('usual_share') ~ ')'
        ) }} as p_value
    from with_yardstick
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
        'inspections' as record_entity,
        judged.inspection_id as record_id
    from tested
    inner join judged
        on
            tested.subject_id = judged.subject_id
            and judged.act_month between {{ window_start('tested.month') }} and tested.month
            and judged.is_empty = 1
    where tested.has_fired
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
