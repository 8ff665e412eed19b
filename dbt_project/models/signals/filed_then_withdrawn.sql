with

months as (
    select * from {{ ref('dim_month') }}
),

cases as (
    select * from {{ ref('fct_cases') }}
    where
        decision = 'withdrawn'
        and filed_at is not null
        and decided_at is not null
),

-- Filed in the last days of a month and given up in the first days of the next.
judged as (
    select
        subject_id,
        case_id,
        decided_month,
        case
            when
                filed_month = {{ month_plus('decided_month', -1) }}
                and {{ day_of('filed_at') }}
                >= cast({{ dbt.dateadd('day', -1 * signal_parameter('days'), 'decided_month') }} as date)
                and {{ day_of('decided_at') }}
                < cast({{ dbt.dateadd('day', signal_parameter('days'), 'decided_month') }} as date) then 1
            else 0
        end as is_across_month_end
    from cases
),

counts as (
    select
        months.month,
        judged.subject_id,
        count(*) as units,
        sum(judged.is_across_month_end) as across_month_end
    from judged
    inner join months
        on judged.decided_month between {{ window_start('months.month') }} and months.month
    group by months.month, judged.subject_id
),

with_p_value as (
    select
        counts.*,
        {{ binomial_upper_tail('across_month_end', 'units', signal_parameter('days') ~ ' / 28.0') }} as p_value
    from counts
    where units >= {{ signal_parameter('least_units') }}
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        across_month_end / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        p_value,
        units,
        p_value <= {{ signal_threshold() }} as has_fired
    from with_p_value
),

behind as (
    select
        tested.scope_id,
        tested.month,
        'cases' as record_entity,
        judged.case_id as record_id
    from tested
    inner join judged
        on
            tested.subject_id = judged.subject_id
            and judged.decided_month between {{ window_start('tested.month') }} and tested.month
            and judged.is_across_month_end = 1
    where tested.has_fired
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
