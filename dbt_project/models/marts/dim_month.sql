with

run as (
    select * from {{ source('control', 'run') }}
),

months as (
    {% for step in range(13) %}
        select
            {{ month_plus('run.month', -step) }} as month
        from run{{ ' union all' if not loop.last }}
    {% endfor %}
),

with_last_day as (
    select
        month,
        {{ last_day_of('month') }} as last_day
    from months
)

select * from with_last_day
