{# Whether a list field (codes joined by `;`) holds a code; NULL without a list. #}
{% macro has_code(codes, code) -%}
    ';' || {{ codes }} || ';' like '%;' || {{ code }} || ';%'
{%- endmacro %}

{# One row per entry of a list field: the key and `entry`. #}
{% macro list_entries(relation, key, codes) -%}
    select
        {{ key }},
        trim({{ list_member(codes) }}) as entry
    from {{ relation }}
    where {{ codes }} is not null
{%- endmacro %}
