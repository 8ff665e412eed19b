{{ config(materialized='view') }}

with

evidence as (
    {% for name in indicator_register() %}
        {{ evidence_of_version(name) }}{{ ' union all' if not loop.last }}
    {% endfor %}
)

select * from evidence
