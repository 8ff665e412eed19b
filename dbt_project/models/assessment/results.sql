with

subject_counts as (
    select * from {{ ref('subject_counts') }}
),

agency_counts as (
    select * from {{ ref('agency_counts') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

indicator_periods as (
    select * from {{ ref('indicator_periods') }}
),

evenness_values as (
    select * from {{ ref('evenness_values') }}
),

run as (
    select * from {{ source('control', 'run') }}
),

-- Every indicator and variant with the periods it is reported for.
reported as (
    select
        indicator_id,
        variant,
        unit,
        interval_kind,
        definition_versions,
        period_kind,
        period,
        min(month) as first_day,
        max(last_day) as last_day
    from indicator_periods
    group by
        indicator_id,
        variant,
        unit,
        interval_kind,
        definition_versions,
        period_kind,
        period
),

-- Every subject in force on a day of the period has a row, also where nothing happened.
subjects_in_force as (
    select
        reported.indicator_id,
        reported.variant,
        reported.period_kind,
        reported.period,
        subjects.subject_id,
        subjects.peer_group_id
    from subjects
    inner join reported
        on
            subjects.valid_from <= reported.last_day
            and coalesce(subjects.valid_to, {{ open_end() }}) >= reported.first_day
            and subjects.valid_from <= coalesce(subjects.valid_to, {{ open_end() }})
),

-- A subject that acted while not in force keeps its row, so that evidence and results always agree.
subjects_that_acted as (
    select
        subject_counts.indicator_id,
        subject_counts.variant,
        subject_counts.period_kind,
        subject_counts.period,
        subject_counts.subject_id,
        subjects.peer_group_id
    from subject_counts
    inner join subjects
        on subject_counts.subject_id = subjects.subject_id
),

subject_frame as (
    select * from subjects_in_force
    union
    select * from subjects_that_acted
),

subject_totals as (
    select
        subject_frame.indicator_id,
        subject_frame.variant,
        subject_frame.period_kind,
        subject_frame.period,
        subject_frame.subject_id,
        subject_frame.peer_group_id,
        coalesce(subject_counts.numerator, 0) as numerator,
        coalesce(subject_counts.denominator, 0) as denominator,
        coalesce(subject_counts.excluded, 0) as excluded,
        coalesce(subject_counts.undecidable, 0) as undecidable
    from subject_frame
    left join subject_counts
        on
            subject_frame.indicator_id = subject_counts.indicator_id
            and subject_frame.variant = subject_counts.variant
            and subject_frame.period_kind = subject_counts.period_kind
            and subject_frame.period = subject_counts.period
            and subject_frame.subject_id = subject_counts.subject_id
),

-- The whole has a row for every indicator and period, also where no body is in force.
total_frame as (
    select
        indicator_id,
        variant,
        period_kind,
        period
    from reported
),

-- Groups are ratios of sums over their bodies, never means of rates.
levels as (
    select
        'subject' as level,
        subject_id as entity_id,
        indicator_id,
        variant,
        period_kind,
        period,
        numerator,
        denominator,
        excluded,
        undecidable
    from subject_totals
    union all
    select
        'agency' as level,
        agency_id as entity_id,
        indicator_id,
        variant,
        period_kind,
        period,
        numerator,
        denominator,
        excluded,
        undecidable
    from agency_counts
    union all
    select
        'peer_group' as level,
        peer_group_id as entity_id,
        indicator_id,
        variant,
        period_kind,
        period,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(excluded) as excluded,
        sum(undecidable) as undecidable
    from subject_totals
    group by
        peer_group_id,
        indicator_id,
        variant,
        period_kind,
        period
    union all
    select
        'total' as level,
        'total' as entity_id,
        total_frame.indicator_id,
        total_frame.variant,
        total_frame.period_kind,
        total_frame.period,
        coalesce(sum(subject_totals.numerator), 0) as numerator,
        coalesce(sum(subject_totals.denominator), 0) as denominator,
        coalesce(sum(subject_totals.excluded), 0) as excluded,
        coalesce(sum(subject_totals.undecidable), 0) as undecidable
    from total_frame
    left join subject_totals
        on
            total_frame.indicator_id = subject_totals.indicator_id
            and total_frame.variant = subject_totals.variant
            and total_frame.period_kind = subject_totals.period_kind
            and total_frame.period = subject_totals.period
    group by
        total_frame.indicator_id,
        total_frame.variant,
        total_frame.period_kind,
        total_frame.period
),

-- What a value is: a quotient, for a count the number itself, for an index what was computed from the pooled acts.
with_ratio as (
    select
        levels.level,
        levels.entity_id,
        levels.indicator_id,
        levels.variant,
        levels.period_kind,
        levels.period,
        levels.numerator,
        coalesce(evenness_values.units, levels.denominator) as denominator,
        levels.excluded,
        levels.undecidable,
        reported.unit,
        reported.interval_kind,
        reported.definition_versions,
        case reported.unit
            when 'count' then levels.numerator
            when 'index' then evenness_values.evenness
            else levels.numerator / nullif(levels.denominator, 0)
        end as ratio
    from levels
    inner join reported
        on
            levels.indicator_id = reported.indicator_id
            and levels.variant = reported.variant
            and levels.period_kind = reported.period_kind
            and levels.period = reported.period
    left join evenness_values
        on
            levels.indicator_id = evenness_values.indicator_id
            and levels.variant = evenness_values.variant
            and levels.level = evenness_values.level
            and levels.entity_id = evenness_values.entity_id
            and levels.period_kind = evenness_values.period_kind
            and levels.period = evenness_values.period
),

-- A count of few units is as exact as one of many, so it is never `tiny` or `small`; an index has no bounds.
with_status as (
    select
        with_ratio.*,
        case
            when denominator = 0 then 'none'
            when unit <> 'count' and denominator < {{ var('tiny_below') }} then 'tiny'
            when
                unit <> 'index'
                and undecidable > {{ var('undecidable_share') }} * (denominator + undecidable) then 'bounds'
            when unit <> 'count' and denominator < {{ var('small_below') }} then 'small'
            else 'ok'
        end as status
    from with_ratio
),

with_limits as (
    select
        with_status.*,
        case
            when status in ('none', 'tiny') then null
            else ratio
        end as value,
        case
            when status in ('none', 'tiny') then null
            when status = 'bounds' and unit = 'count' then numerator
            when status = 'bounds' then numerator / nullif(denominator + undecidable, 0)
            when interval_kind = 'wilson' then {{ wilson_lower('numerator', 'denominator') }}
            when interval_kind = 'poisson' then {{ poisson_lower('numerator') }} / nullif(denominator, 0)
        end as lower,
        case
            when status in ('none', 'tiny') then null
            when status = 'bounds' and unit = 'count' then numerator + undecidable
            when status = 'bounds' and interval_kind = 'poisson' then ratio
            when status = 'bounds' then (numerator + undecidable) / nullif(denominator + undecidable, 0)
            when interval_kind = 'wilson' then {{ wilson_upper('numerator', 'denominator') }}
            when interval_kind = 'poisson' then {{ poisson_upper('numerator') }} / nullif(denominator, 0)
        end as upper
    from with_status
),

results as (
    select
        run.as_of,
        with_limits.indicator_id,
        with_limits.variant,
        with_limits.level,
        with_limits.entity_id,
        with_limits.period_kind,
        with_limits.period,
        with_limits.numerator,
        with_limits.denominator,
        cast(with_limits.excluded as {{ dbt.type_bigint() }}) as excluded,
        cast(with_limits.undecidable as {{ dbt.type_bigint() }}) as undecidable,
        with_limits.value,
        with_limits.lower,
        with_limits.upper,
        with_limits.status,
        case when with_limits.status = 'none' then 'NO_UNITS' end as reason,
        with_limits.definition_versions as definition_version
    from with_limits
    cross join run
)

select * from results
