with

evidence as (
    select * from {{ ref('evidence') }}
),

periods as (
    select * from {{ ref('indicator_periods') }}
    where aggregation = 'evenness'
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

acts as (
    select
        evidence.indicator_id,
        evidence.variant,
        evidence.subject_id,
        subjects.peer_group_id,
        evidence.unit_id,
        evidence.numerator,
        periods.period_kind,
        periods.period
    from evidence
    inner join periods
        on
            evidence.indicator_id = periods.indicator_id
            and evidence.variant = periods.variant
            and evidence.month = periods.month
    inner join subjects
        on evidence.subject_id = subjects.subject_id
    where evidence.numerator > 0
),

acts_at_levels as (
    select
        acts.*,
        'subject' as level,
        subject_id as entity_id
    from acts
    union all
    select
        acts.*,
        'peer_group' as level,
        peer_group_id as entity_id
    from acts
    union all
    select
        acts.*,
        'total' as level,
        'total' as entity_id
    from acts
),

-- The acts of the bodies of a group on a matter are taken together, as if the group were one body.
acts_of_units as (
    select
        indicator_id,
        variant,
        level,
        entity_id,
        period_kind,
        period,
        unit_id,
        sum(numerator) as acts
    from acts_at_levels
    group by
        indicator_id,
        variant,
        level,
        entity_id,
        period_kind,
        period,
        unit_id
),

-- With n acts, a of them on a matter, H = -Σ (a/n) ln (a/n) = ln n - Σ a ln a / n.
-- The sum is one of decimals, so that it does not depend on the order of the rows.
summed as (
    select
        indicator_id,
        variant,
        level,
        entity_id,
        period_kind,
        period,
        count(*) as units,
        sum(acts) as all_acts,
        cast(sum(cast(acts * ln(acts) as decimal(28, 12))) as {{ type_double() }}) as acts_times_log
    from acts_of_units
    group by
        indicator_id,
        variant,
        level,
        entity_id,
        period_kind,
        period
),

evenness as (
    select
        indicator_id,
        variant,
        level,
        entity_id,
        period_kind,
        period,
        units,
        case
            when units >= 2 then least((ln(all_acts) - acts_times_log / all_acts) / ln(units), 1.0)
        end as evenness
    from summed
)

select * from evenness
