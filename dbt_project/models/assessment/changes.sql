with

run as (
    select * from {{ source('control', 'run') }}
),

subject_domains as (
    select * from {{ ref('unit_domains') }}
),

subjects as (
    select * from {{ ref('dim_subject') }}
),

results as (
    select * from {{ ref('results') }}
    where
        period_kind = 'month'
        and level in ('subject', 'peer_group', 'total')
),

indicators as (
    select * from {{ ref('dim_indicator') }}
    where unit in ('share', 'per_head')
),

comparisons as (
    select
        'previous_month' as comparison,
        {{ period_name('month') }} as period,
        {{ period_name(month_plus('month', -1)) }} as base_period
    from run
    union all
    select
        'year_before' as comparison,
        {{ period_name('month') }} as period,
        {{ period_name(month_plus('month', -12)) }} as base_period
    from run
),

-- Only where both months have a value; one below the number that a value needs has nothing to explain.
pairs as (
    select
        comparisons.comparison,
        comparisons.period,
        comparisons.base_period,
        this_month.indicator_id,
        this_month.variant,
        this_month.level,
        this_month.entity_id,
        this_month.definition_version,
        base_month.definition_version as base_definition_version,
        cast(this_month.numerator as {{ type_double() }}) as numerator,
        cast(this_month.denominator as {{ type_double() }}) as denominator,
        cast(base_month.numerator as {{ type_double() }}) as base_numerator,
        cast(base_month.denominator as {{ type_double() }}) as base_denominator
    from comparisons
    inner join results as this_month
        on comparisons.period = this_month.period
    inner join results as base_month
        on
            comparisons.base_period = base_month.period
            and this_month.indicator_id = base_month.indicator_id
            and this_month.variant = base_month.variant
            and this_month.level = base_month.level
            and this_month.entity_id = base_month.entity_id
    inner join indicators
        on
            this_month.indicator_id = indicators.indicator_id
            and this_month.variant = indicators.variant
            and this_month.definition_version = indicators.definition_version
    where
        this_month.value is not null
        and base_month.value is not null
),

domain_sums as (
    select
        subject_domains.indicator_id,
        subject_domains.variant,
        'subject' as level,
        subject_domains.subject_id as entity_id,
        subject_domains.place,
        subject_domains.domain,
        subject_domains.numerator,
        subject_domains.denominator
    from subject_domains
    union all
    select
        subject_domains.indicator_id,
        subject_domains.variant,
        'peer_group' as level,
        subjects.peer_group_id as entity_id,
        subject_domains.place,
        subject_domains.domain,
        sum(subject_domains.numerator) as numerator,
        sum(subject_domains.denominator) as denominator
    from subject_domains
    inner join subjects
        on subject_domains.subject_id = subjects.subject_id
    group by
        subject_domains.indicator_id,
        subject_domains.variant,
        subjects.peer_group_id,
        subject_domains.place,
        subject_domains.domain
    union all
    select
        indicator_id,
        variant,
        'total' as level,
        'total' as entity_id,
        place,
        domain,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from subject_domains
    group by
        indicator_id,
        variant,
        place,
        domain
),

-- A domain that occurs in one of the two months only has nothing in the other.
strata as (
    select
        pairs.comparison,
        pairs.period,
        pairs.base_period,
        pairs.indicator_id,
        pairs.variant,
        pairs.level,
        pairs.entity_id,
        pairs.definition_version,
        pairs.base_definition_version,
        pairs.denominator as all_units,
        pairs.base_denominator as all_base_units,
        pairs.numerator / nullif(pairs.denominator, 0) as value,
        pairs.base_numerator / nullif(pairs.base_denominator, 0) as base_value,
        domain_sums.domain,
        sum(case when domain_sums.place = 'this' then domain_sums.numerator else 0 end) as numerator,
        sum(case when domain_sums.place = 'this' then domain_sums.denominator else 0 end) as denominator,
        sum(case when domain_sums.place = 'this' then 0 else domain_sums.numerator end) as base_numerator,
        sum(case when domain_sums.place = 'this' then 0 else domain_sums.denominator end) as base_denominator
    from pairs
    inner join domain_sums
        on
            pairs.indicator_id = domain_sums.indicator_id
            and pairs.variant = domain_sums.variant
            and pairs.level = domain_sums.level
            and pairs.entity_id = domain_sums.entity_id
            and domain_sums.place in ('this', pairs.comparison)
    group by
        pairs.comparison,
        pairs.period,
        pairs.base_period,
        pairs.indicator_id,
        pairs.variant,
        pairs.level,
        pairs.entity_id,
        pairs.definition_version,
        pairs.base_definition_version,
        pairs.numerator,
        pairs.denominator,
        pairs.base_numerator,
        pairs.base_denominator,
        domain_sums.domain
),

with_weights as (
    select
        strata.*,
        denominator / nullif(all_units, 0) as weight,
        base_denominator / nullif(all_base_units, 0) as base_weight,
        numerator / nullif(all_units, 0) - base_numerator / nullif(all_base_units, 0) as effect,
        -- A domain without units in one month keeps the rate of the other, so that its coming or going is all mix.
        (
            coalesce(
                numerator / nullif(denominator, 0),
                base_numerator / nullif(base_denominator, 0),
                0
            )
            + coalesce(
                base_numerator / nullif(base_denominator, 0),
                numerator / nullif(denominator, 0),
                0
            )
        ) / 2 as mean_rate
    from strata
),

-- Symmetric decomposition (Kitagawa, E. M., JASA 50, 1955): with mean weights and mean rates of the two months.
-- The mix effect is taken against the entity's own mean rate, which changes no sum: the weights change by 0 in all.
-- Months of two versions of a definition do not count the same thing: no part of their difference is mix or rate.
split as (
    select
        comparison,
        period,
        base_period,
        indicator_id,
        variant,
        level,
        entity_id,
        domain,
        numerator,
        denominator,
        base_numerator,
        base_denominator,
        value,
        base_value,
        value - base_value as difference,
        case
            when definition_version = base_definition_version
                then (weight - base_weight) * (mean_rate - (value + base_value) / 2)
            else 0
        end as mix_effect,
        case
            when definition_version = base_definition_version then effect - (weight - base_weight) * mean_rate
            else 0
        end as rate_effect,
        case when definition_version = base_definition_version then 0 else effect end as definition_effect,
        case
            when definition_version = base_definition_version then 'mix_and_rate'
            else 'definition'
        end as cause,
        definition_version,
        base_definition_version
    from with_weights
)

select * from split
