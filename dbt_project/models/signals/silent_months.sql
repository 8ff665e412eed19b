with

months as (
    select * from {{ ref('dim_month') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

acts as (
    select * from {{ ref('fct_acts') }}
    where is_taking_part
),

monthly as (
    select
        subject_id,
        {{ month_of('act_date') }} as act_month,
        count(*) as acts
    from acts
    group by subject_id, {{ month_of('act_date') }}
),

everybody as (
    select
        act_month,
        sum(acts) as acts
    from monthly
    group by act_month
),

in_force as (
    select
        months.month,
        subjects.subject_id
    from months
    inner join subjects
        on
            months.month >= subjects.valid_from
            and months.last_day <= coalesce(subjects.valid_to, {{ open_end() }})
),

-- What the body, and all the others, did in the months of the window before the one judged.
earlier as (
    select
        in_force.month,
        in_force.subject_id,
        sum(monthly.acts) as acts
    from in_force
    inner join monthly
        on
            in_force.subject_id = monthly.subject_id
            and in_force.month > monthly.act_month
            and {{ window_start('in_force.month') }} <= monthly.act_month
    group by in_force.month, in_force.subject_id
),

earlier_everybody as (
    select
        months.month,
        sum(everybody.acts) as acts
    from months
    inner join everybody
        on
            months.month > everybody.act_month
            and {{ window_start('months.month') }} <= everybody.act_month
    group by months.month
),

compared as (
    select
        in_force.month,
        in_force.subject_id,
        coalesce(monthly.acts, 0) as acts,
        earlier.acts as own_earlier,
        earlier_everybody.acts - earlier.acts as others_earlier,
        coalesce(everybody.acts, 0) - coalesce(monthly.acts, 0) as others_now
    from in_force
    inner join earlier
        on
            in_force.month = earlier.month
            and in_force.subject_id = earlier.subject_id
    inner join earlier_everybody
        on in_force.month = earlier_everybody.month
    left join monthly
        on
            in_force.subject_id = monthly.subject_id
            and in_force.month = monthly.act_month
    left join everybody
        on in_force.month = everybody.act_month
),

-- Expected: the body's mean of the months before, moved as all the others moved; a season is nobody's silence.
with_expected as (
    select
        compared.*,
        own_earlier * coalesce(
            others_now / cast(nullif(others_earlier, 0) as {{ type_double() }}),
            1 / cast({{ signal_parameter('window_months') }} - 1 as {{ type_double() }})
        ) as expected
    from compared
),

with_p_value as (
    select
        with_expected.*,
        {{ poisson_lower_tail('acts', 'expected') }} as p_value
    from with_expected
),

tested as (
    select
        subject_id,
        subject_id as scope_id,
        month,
        acts as statistic,
        p_value,
        own_earlier as units,
        acts = 0 and p_value <= {{ signal_threshold() }} as has_fired
    from with_p_value
),

-- A silence has no record; the last act before it is where a check begins.
last_acts as (
    select
        tested.scope_id,
        tested.month,
        acts.activity_kind,
        acts.activity_id,
        row_number() over (
            partition by tested.scope_id, tested.month
            order by acts.act_at desc, acts.activity_kind asc, acts.activity_id desc
        ) as act_rank
    from tested
    inner join acts
        on
            tested.subject_id = acts.subject_id
            and tested.month > acts.act_date
    where tested.has_fired
),

behind as (
    select
        scope_id,
        month,
        {{ activity_entity('activity_kind') }} as record_entity,
        activity_id as record_id
    from last_acts
    where act_rank = 1
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
