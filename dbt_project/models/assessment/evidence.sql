{{ config(materialized='view') }}

{%- set declarations = declared_indicators() %}

with

evidence as (
    {% for name in indicator_register() %}
        {{ evidence_of_version(name, declarations) }}{{ ' union all' if not loop.last }}
    {% endfor %}
)

select * from evidence
