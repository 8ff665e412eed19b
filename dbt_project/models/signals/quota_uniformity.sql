with

months as (
    select * from {{ ref('dim_month') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

powers as (
    select * from {{ ref('dim_power') }}
),

matters as (
    select * from {{ ref('dim_matter') }}
    where
        is_newest
        and kind = 'penalty'
),

decisions as (
    select * from {{ ref('fct_decisions') }}
    where decision = 'penalty'
),

topics as (
    select
        matter_id,
        'matter' as topic_kind,
        matter_id as topic
    from matters
    union all
    select
        matter_id,
        'domain' as topic_kind,
        domain as topic
    from matters
    where domain is not null
),

windows as (
    select
        month,
        {{ window_start('month') }} as first_month,
        last_day
    from months
),

-- A body that never acts is a zero and no gap: the bodies are those that hold the power, not those that used it.
holders as (
    select distinct
        windows.month,
        topics.topic_kind,
        topics.topic,
        subjects.kind as subject_kind,
        subjects.subject_id
    from windows
    inner join powers
        on
            windows.first_month >= powers.valid_from
            and windows.last_day <= powers.valid_to
    inner join topics
        on powers.matter_id = topics.matter_id
    inner join subjects
        on powers.subject_id = subjects.subject_id
),

bodies as (
    select
        month,
        topic_kind,
        topic,
        subject_kind,
        count(*) as bodies
    from holders
    group by month, topic_kind, topic, subject_kind
),

monthly as (
    select
        topics.topic_kind,
        topics.topic,
        decisions.subject_id,
        decisions.decided_month,
        count(*) as penalties
    from decisions
    inner join topics
        on decisions.matter_id = topics.matter_id
    group by topics.topic_kind, topics.topic, decisions.subject_id, decisions.decided_month
),

cells as (
    select
        holders.month,
        holders.topic_kind,
        holders.topic,
        holders.subject_kind,
        monthly.penalties
    from windows
    inner join monthly
        on monthly.decided_month between windows.first_month and windows.month
    inner join holders
        on
            windows.month = holders.month
            and monthly.topic_kind = holders.topic_kind
            and monthly.topic = holders.topic
            and monthly.subject_id = holders.subject_id
),

sums as (
    select
        month,
        topic_kind,
        topic,
        subject_kind,
        sum(penalties) as penalties,
        sum(penalties * penalties) as squares
    from cells
    group by month, topic_kind, topic, subject_kind
),

-- Over n counts with sum T the dispersion statistic Σ(x − x̄)² / x̄ is n · Σx² / T − T.
dispersions as (
    select
        sums.month,
        sums.topic_kind,
        sums.topic,
        sums.subject_kind,
        sums.topic_kind || ':' || sums.topic || ':' || sums.subject_kind as scope_id,
        sums.penalties,
        bodies.bodies * {{ signal_parameter('window_months') }} as counts,
        bodies.bodies * {{ signal_parameter('window_months') }} * sums.squares
        / cast(nullif(sums.penalties, 0) as {{ type_double() }}) - sums.penalties as dispersion
    from sums
    inner join bodies
        on
            sums.month = bodies.month
            and sums.topic_kind = bodies.topic_kind
            and sums.topic = bodies.topic
            and sums.subject_kind = bodies.subject_kind
    where
        bodies.bodies >= {{ signal_parameter('least_bodies') }}
        and sums.penalties
        >= {{ signal_parameter('least_mean') }} * bodies.bodies * {{ signal_parameter('window_months') }}
),

with_p_value as (
    select
        dispersions.*,
        {{ chi_squared_lower_tail('dispersion', 'counts - 1') }} as p_value
    from dispersions
),

tested as (
    select
        cast(null as {{ api.Column.translate_type('string') }}) as subject_id,
        scope_id,
        topic_kind,
        topic,
        subject_kind,
        month,
        dispersion / nullif(counts - 1, 0) as statistic,
        p_value,
        penalties as units,
        p_value <= {{ signal_threshold() }} as has_fired
    from with_p_value
),

behind as (
    select
        tested.scope_id,
        tested.month,
        'cases' as record_entity,
        decisions.case_id as record_id
    from tested
    inner join windows
        on tested.month = windows.month
    inner join holders
        on
            tested.month = holders.month
            and tested.topic_kind = holders.topic_kind
            and tested.topic = holders.topic
            and tested.subject_kind = holders.subject_kind
    inner join topics
        on
            tested.topic_kind = topics.topic_kind
            and tested.topic = topics.topic
    inner join decisions
        on
            holders.subject_id = decisions.subject_id
            and topics.matter_id = decisions.matter_id
            and decisions.decided_month between windows.first_month and windows.month
    where tested.has_fired
),

signal as (
    {{ signal_from('tested', 'behind') }}
)

select * from signal
