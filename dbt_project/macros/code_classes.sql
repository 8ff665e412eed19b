{# The codes of a list with their classes, as the contract's code lists say: code, code_class. #}
{% macro code_classes(list_name) -%}
select
        code,
        code_class
    from {{ source('raw', 'code_lists') }}
    where list_name = '{{ list_name }}'
{%- endmacro %}
