with

months as (
    select * from {{ ref('dim_month') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
    where is_counted
),

by_month as (
    select
        inspections.subject_id,
        subjects.kind,
        inspections.month as act_month,
        count(*) as units,
        sum(case when inspections.result = 'pass' then 0 else 1 end) as with_problem
    from inspections
    inner join subjects
        on inspections.subject_id = subjects.subject_id
    group by inspections.subject_id, subjects.kind, inspections.month
),

windows as (
    select
        months.month,
        by_month.subject_id,
        by_month.kind,
        sum(by_month.units) as units,
        sum(by_month.with_problem) as with_problem
    from months
    inner join by_month
        on by_month.act_month between {{ window_start('months.month') }} and months.month
    group by months.month, by_month.subject_id, by_month.kind
),

with_yardstick as (
    select
        windows.*,
        sum(units) over (partition by month, kind) - units as other_units,
        sum(with_problem) over (partition by month, kind) - with_problem as other_with_problem
    from windows
),

-- Bodies inspect unlike things: only a part of what the others find is expected of each.
with_expected as (
    select
        with_yardstick.*,
        units * {{ signal_parameter('part_of_usual') }}
        * other_with_problem / cast(nullif(other_units, 0) as {{ type_double() }}) as expected
    from with_yardstick
    where units >= {{ signal_parameter('least_units') }}
),

with_p_value as (
    select
        with_expected.*,
        {{ poisson_lower_tail('with_problem', 'expected') }} as p_value
    from with_expected
    where expected is not null
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        with_problem / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        p_value,
        units,
        with_problem = 0 and p_value <= {{ signal_threshold() }} as has_fired
    from with_p_value
),

behind as (
    select
        tested.scope_id,
        tested.month,
        'inspections' as record_entity,
        inspections.inspection_id as record_id
    from tested
    inner join inspections
        on
            tested.subject_id = inspections.subject_id
            and inspections.month between {{ window_start('tested.month') }} and tested.month
    where tested.has_fired
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
