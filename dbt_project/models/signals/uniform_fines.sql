with

months as (
    select * from {{ ref('dim_month') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

decisions as (
    select * from {{ ref('fct_decisions') }}
    where
        decision = 'penalty'
        and fine_amount > 0
),

windows as (
    select
        month,
        {{ window_start('month') }} as first_month
    from months
),

-- Where the law itself leaves no room, equal fines say nothing.
fines as (
    select
        windows.month,
        decisions.matter_id || ':' || subjects.kind as scope_id,
        decisions.subject_id,
        decisions.case_id,
        ln(decisions.fine_amount) as log_fine
    from decisions
    inner join subjects
        on decisions.subject_id = subjects.subject_id
    inner join windows
        on decisions.decided_month between windows.first_month and windows.month
    where
        decisions.fine_min is null
        or decisions.fine_max is null
        or decisions.fine_max >= {{ signal_parameter('least_band_ratio') }} * decisions.fine_min
),

-- How many fines lie between each fine and that fine × (1 + band width); the margin keeps the upper edge inside.
in_band as (
    select
        fines.*,
        count(*) over (
            partition by scope_id, month
            order by log_fine
            range between current row and {{ signal_parameter('log_band') }} following
        ) as fines_in_band
    from fines
),

scopes as (
    select
        scope_id,
        month,
        count(*) as units,
        count(distinct subject_id) as bodies,
        max(fines_in_band) as fullest_band
    from in_band
    group by scope_id, month
),

fullest as (
    select
        in_band.scope_id,
        in_band.month,
        min(in_band.log_fine) as band_begins
    from in_band
    inner join scopes
        on
            in_band.scope_id = scopes.scope_id
            and in_band.month = scopes.month
            and in_band.fines_in_band = scopes.fullest_band
    group by in_band.scope_id, in_band.month
),

shares as (
    select
        scope_id,
        month,
        units,
        fullest_band / cast(nullif(units, 0) as {{ type_double() }}) as statistic
    from scopes
    where
        bodies >= {{ signal_parameter('least_bodies') }}
        and units >= {{ signal_parameter('least_units') }}
),

tested as (
    select
        cast(null as {{ api.Column.translate_type('string') }}) as subject_id,
        scope_id,
        month,
        statistic,
        cast(null as {{ type_double() }}) as p_value,
        units,
        statistic >= {{ signal_threshold() }} as has_fired
    from shares
),

behind as (
    select
        fines.scope_id,
        fines.month,
        'cases' as record_entity,
        fines.case_id as record_id
    from fines
    inner join fullest
        on
            fines.scope_id = fullest.scope_id
            and fines.month = fullest.month
            and fines.log_fine between fullest.band_begins and fullest.band_begins + {{ signal_parameter('log_band') }}
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
