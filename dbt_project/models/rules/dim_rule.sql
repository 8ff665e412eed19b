{{ config(materialized='table') }}

-- The declarations stand in the properties beside the rule models; this relation depends on
-- {% for name in rule_register() %}{{ ref(name) }} {% endfor %}
with

declared as (
    {{ declared_rule_rows() }}
)

select * from declared
