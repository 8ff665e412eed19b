with

run as (
    select * from {{ source('control', 'run') }}
),

months as (
    select * from {{ ref('dim_month') }}
),

single_months as (
    select
        'month' as period_kind,
        month as period_month,
        month
    from months
),

{# A quarter is the three months that end with the run's month, r12 the twelve; ytd begins in January. #}
longer_periods as (
    {% for period_kind, first_month in [
        ('quarter', month_plus('run.month', -2)),
        ('ytd', "cast(" ~ dbt.date_trunc('year', 'run.month') ~ " as date)"),
        ('r12', month_plus('run.month', -11)),
    ] %}
        select
            '{{ period_kind }}' as period_kind,
            run.month as period_month,
            months.month
        from months
        cross join run
        where months.month >= {{ first_month }}{{ ' union all' if not loop.last }}
    {% endfor %}
),

periods as (
    select * from single_months
    union all
    select * from longer_periods
),

named as (
    select
        periods.period_kind,
        {{ period_name('periods.period_month') }} as period,
        periods.month,
        dim_month.last_day
    from periods
    inner join months as dim_month
        on periods.month = dim_month.month
)

select * from named
