with

months as (
    select * from {{ ref('dim_month') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
),

acts as (
    select
        subject_id,
        'inspections' as record_entity,
        inspection_id as record_id,
        month as act_month,
        submitted_at
    from inspections
    union all
    select
        subject_id,
        'cases' as record_entity,
        case_id as record_id,
        case_month as act_month,
        submitted_at
    from cases
),

-- A month is closed at the end of its closing day in the month after it.
entered as (
    select
        acts.subject_id,
        months.month,
        acts.record_entity,
        acts.record_id,
        case
            when
                acts.submitted_at
                >= {{ dbt.dateadd('day', signal_parameter('closing_day'), month_plus('months.month', 1)) }} then 1
            else 0
        end as is_late
    from acts
    inner join months
        on acts.act_month = months.month
    where acts.submitted_at is not null
),

by_subject as (
    select
        subject_id,
        month,
        count(*) as units,
        sum(is_late) as late
    from entered
    group by subject_id, month
),

-- The yardstick is what all the other bodies entered late of the same month, but never less than the floor.
with_yardstick as (
    select
        by_subject.*,
        sum(units) over (partition by month) - units as other_units,
        sum(late) over (partition by month) - late as other_late
    from by_subject
),

with_p_value as (
    select
        with_yardstick.*,
        late / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        {{ binomial_upper_tail(
            'late',
            'units',
            'greatest(coalesce(other_late / cast(nullif(other_units, 0) as ' ~ type_double() ~ '), 0), '
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
        subject_id as scope_id,
        month,
        record_entity,
        record_id
    from entered
    where is_late = 1
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
