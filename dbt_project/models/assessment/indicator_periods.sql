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
)

select * from reported
