{{ config(materialized='table') }}

with

results as (
    {% for name in rule_register() %}
        select * from {{ ref(name) }}{{ ' union all' if not loop.last }}
    {% endfor %}
)

select * from results
