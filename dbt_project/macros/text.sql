{# A text without digits, spaces and punctuation: equal for copies in which only a date or a sum was changed. #}
{% macro text_skeleton(expression) -%}
    {{ return(adapter.dispatch('text_skeleton', 'hengfa')(expression)) }}
{%- endmacro %}

{% macro duckdb__text_skeleton(expression) -%}
    lower(regexp_replace({{ expression }}, '[\p{N}\p{P}\p{S}\p{Z}\s]+', '', 'g'))
{%- endmacro %}

{# The running number of a document number, its last run of digits, as a number; NULL where it has none. #}
{% macro running_number(expression) -%}
    {{ return(adapter.dispatch('running_number', 'hengfa')(expression)) }}
{%- endmacro %}

{% macro duckdb__running_number(expression) -%}
    try_cast(regexp_extract({{ expression }}, '(\d+)\D*$', 1) as bigint)
{%- endmacro %}

{# The series of a document number: all before its last run of digits. #}
{% macro number_series(expression) -%}
    {{ return(adapter.dispatch('number_series', 'hengfa')(expression)) }}
{%- endmacro %}

{% macro duckdb__number_series(expression) -%}
    regexp_extract({{ expression }}, '^(.*?)\d+\D*$', 1)
{%- endmacro %}

{# A row for each member of a list field (members joined by `;`), in a select list; none for NULL. #}
{% macro list_member(list_column) -%}
    {{ return(adapter.dispatch('list_member', 'hengfa')(list_column)) }}
{%- endmacro %}

{% macro duckdb__list_member(list_column) -%}
    unnest(string_split({{ list_column }}, ';'))
{%- endmacro %}
