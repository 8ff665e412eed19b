with

calendar_days as (
    select * from {{ source('raw', 'calendar_days') }}
),

-- `working_number` counts working days up to and including the day; on a working day it is the day's own number.
numbered as (
    select
        day,
        is_working_day,
        cast(sum(case when is_working_day then 1 else 0 end) over (
            order by day
            rows between unbounded preceding and current row
        ) as bigint) as working_number
    from calendar_days
)

select * from numbered
