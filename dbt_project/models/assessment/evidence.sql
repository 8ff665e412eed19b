{{ config(materialized='view') }}

with

evidence as (
    {% for name in indicator_register() %}
        select * from {{ ref(name) }}{{ ' union all' if not loop.last }}
    {% endfor %}
)

select * from evidence
