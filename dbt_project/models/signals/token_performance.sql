with

months as (
    select * from {{ ref('dim_month') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
),

inspections as (
    select * from {{ ref('fct_inspections') }}
    where
        is_counted
        and matter_id is not null
),

-- A decision is minor if it was taken on the spot or fined nothing; an inspection if it found nothing.
acts as (
    select
        subject_id,
        matter_id,
        decided_month as act_month,
        'cases' as record_entity,
        case_id as record_id,
        case when procedure = 'simple' or coalesce(fine_amount, 0) = 0 then 1 else 0 end as is_minor
    from decisions
    union all
    select
        subject_id,
        matter_id,
        month as act_month,
        'inspections' as record_entity,
        inspection_id as record_id,
        case when result = 'pass' then 1 else 0 end as is_minor
    from inspections
),

monthly as (
    select
        subject_id,
        matter_id,
        act_month,
        count(*) as acts,
        min(is_minor) as is_minor,
        min(record_entity) as record_entity,
        min(record_id) as record_id
    from acts
    group by subject_id, matter_id, act_month
),

in_windows as (
    select
        months.month,
        monthly.*
    from monthly
    inner join months
        on monthly.act_month between {{ window_start('months.month') }} and months.month
),

-- What share of all acts of the window falls into its last month: a busy month end is no sign.
seasons as (
    select
        month,
        sum(case when act_month = month then acts else 0 end)
        / cast(nullif(sum(acts), 0) as {{ type_double() }}) as last_month_share
    from in_windows
    group by month
),

used_once as (
    select
        month,
        subject_id,
        matter_id,
        max(act_month) as act_month,
        min(is_minor) as is_minor,
        min(record_entity) as record_entity,
        min(record_id) as record_id
    from in_windows
    group by month, subject_id, matter_id
    having sum(acts) = 1
),

counts as (
    select
        used_once.month,
        used_once.subject_id,
        count(*) as units,
        sum(case when used_once.act_month = used_once.month then used_once.is_minor else 0 end) as token,
        greatest(
            max(seasons.last_month_share),
            1 / cast({{ signal_parameter('window_months') }} as {{ type_double() }})
        ) as chance
    from used_once
    inner join seasons
        on used_once.month = seasons.month
    group by used_once.month, used_once.subject_id
),

with_p_value as (
    select
        counts.*,
        {{ binomial_upper_tail('token', 'units', 'chance') }} as p_value
    from counts
    where units >= {{ signal_parameter('least_units') }}
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        token / cast(nullif(units, 0) as {{ type_double() }}) as statistic,
        p_value,
        units,
        p_value <= {{ signal_threshold() }} as has_fired
    from with_p_value
),

behind as (
    select
        subject_id as scope_id,
        month,
        record_entity,
        record_id
    from used_once
    where
        act_month = month
        and is_minor = 1
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
