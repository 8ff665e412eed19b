{{ config(materialized='view') }}

with

signals as (
    {% for name in signal_register() %}
        select * from {{ ref(name) }}{{ ' union all' if not loop.last }}
    {% endfor %}
)

select * from signals
