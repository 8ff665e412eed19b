{# A model's schema is the one its folder names, without a prefix: readers write `marts.fct_cases`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
