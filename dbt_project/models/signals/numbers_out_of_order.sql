with

months as (
    select * from {{ ref('dim_month') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
    where document_no is not null
),

numbered as (
    select
        subject_id,
        case_id,
        decided_month,
        {{ day_of('decided_at') }} as decided_on,
        {{ number_series('document_no') }} as series,
        {{ running_number('document_no') }} as running
    from decisions
),

-- The number before it in the series; decisions of one day have no order. One wrong date is one break, not many.
with_previous as (
    select
        numbered.*,
        lag(running) over (partition by subject_id, series order by decided_on, running) as previous_running
    from numbered
    where running is not null
),

judged as (
    select
        subject_id,
        case_id,
        decided_month,
        case when running < previous_running then 1 else 0 end as is_out_of_order
    from with_previous
),

shares as (
    select
        months.month,
        judged.subject_id,
        count(*) as units,
        sum(judged.is_out_of_order) as out_of_order,
        sum(judged.is_out_of_order) / cast(nullif(count(*), 0) as {{ type_double() }}) as statistic
    from judged
    inner join months
        on judged.decided_month between {{ window_start('months.month') }} and months.month
    group by months.month, judged.subject_id
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        statistic,
        cast(null as {{ type_double() }}) as p_value,
        units,
        statistic >= {{ signal_threshold() }}
        and out_of_order >= {{ signal_parameter('least_out_of_order') }} as has_fired
    from shares
    where units >= {{ signal_parameter('least_units') }}
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
            and judged.is_out_of_order = 1
    where tested.has_fired
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
