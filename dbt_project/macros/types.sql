{# The 64-bit floating point type; dbt's own `type_float` is the 32-bit one on some engines. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'hengfa')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro spark__type_double() -%}
    double
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}

{# A text column without a value. #}
{% macro no_text() -%}
    cast(null as {{ api.Column.translate_type('string') }})
{%- endmacro %}
