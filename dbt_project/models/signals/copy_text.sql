with

months as (
    select * from {{ ref('dim_month') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
    where discretion_ground is not null
),

-- Short grounds are set phrases of the discretion standard; equal ones say nothing.
grounds as (
    select
        subject_id,
        case_id,
        decided_month,
        {{ text_skeleton('discretion_ground') }} as skeleton
    from decisions
    where length({{ text_skeleton('discretion_ground') }}) >= {{ signal_parameter('least_characters') }}
),

in_windows as (
    select
        months.month,
        grounds.subject_id,
        grounds.case_id,
        count(*) over (partition by months.month, grounds.subject_id, grounds.skeleton) as copies
    from grounds
    inner join months
        on grounds.decided_month between {{ window_start('months.month') }} and months.month
),

shares as (
    select
        month,
        subject_id,
        count(*) as units,
        sum(case when copies >= {{ signal_parameter('least_copies') }} then 1 else 0 end)
        / cast(nullif(count(*), 0) as {{ type_double() }}) as statistic
    from in_windows
    group by month, subject_id
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        statistic,
        cast(null as {{ type_double() }}) as p_value,
        units,
        statistic >= {{ signal_threshold() }} as has_fired
    from shares
    where units >= {{ signal_parameter('least_units') }}
),

behind as (
    select
        subject_id as scope_id,
        month,
        'cases' as record_entity,
        case_id as record_id
    from in_windows
    where copies >= {{ signal_parameter('least_copies') }}
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
