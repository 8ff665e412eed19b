with

indicators as (
    select * from {{ ref('dim_indicator') }}
),

period_months as (
    select
        dim_period.*,
        min(month) over (partition by period_kind, period) as first_month,
        max(month) over (partition by period_kind, period) as last_month
    from {{ ref('dim_period') }} as dim_period
),

-- The versions by which the months of a period are computed, in their order: `1`, or `1+2` of a period that spans two.
month_versions as (
    select distinct
        indicators.indicator_id,
        indicators.variant,
        period_months.period_kind,
        period_months.period,
        indicators.definition_version,
        indicators.in_force_from
    from indicators
    inner join period_months
        on period_months.month between indicators.in_force_from and indicators.in_force_to
),

period_versions as (
    select
        indicator_id,
        variant,
        period_kind,
        period,
        {{ dbt.listagg('definition_version', "'+'", 'order by in_force_from') }} as definition_versions
    from month_versions
    group by
        indicator_id,
        variant,
        period_kind,
        period
),

-- Of the versions of a definition the one in force in the period's last month decides whether and how it is reported.
reported as (
    select
        indicators.indicator_id,
        indicators.variant,
        indicators.unit,
        indicators.interval_kind,
        indicators.aggregation,
        indicators.definition_version,
        period_months.period_kind,
        period_months.period,
        period_months.month,
        period_months.last_day,
        period_months.first_month,
        period_months.last_month
    from indicators
    inner join period_months
        on period_months.last_month between indicators.in_force_from and indicators.in_force_to
    where
        false
        {% for period_kind in period_kinds() %}
            or (period_months.period_kind = '{{ period_kind }}' and indicators.reports_{{ period_kind }})
        {% endfor %}
),

named as (
    select
        reported.*,
        period_versions.definition_versions
    from reported
    inner join period_versions
        on
            reported.indicator_id = period_versions.indicator_id
            and reported.variant = period_versions.variant
            and reported.period_kind = period_versions.period_kind
            and reported.period = period_versions.period
)

select * from named
