{# Whether a list field (codes joined by `;`) holds a code; NULL without a list. #}
{% macro has_code(codes, code) -%}
    ';' || {{ codes }} || ';' like '%;' || {{ code }} || ';%'
{%- endmacro %}

{# One row per entry of a list field: the key and `entry`. #}
{% macro list_entries(relation, key, codes) -%}
    {{ return(adapter.dispatch('list_entries', 'hengfa')(relation, key, codes)) }}
{%- endmacro %}

{% macro duckdb__list_entries(relation, key, codes) -%}
    select
        {{ key }},
        trim(unnest(string_split({{ codes }}, ';'))) as entry
    from {{ relation }}
    where {{ codes }} is not null
{%- endmacro %}

{% macro spark__list_entries(relation, key, codes) -%}
    select
        {{ key }},
        trim(explode(split({{ codes }}, ';'))) as entry
    from {{ relation }}
    where {{ codes }} is not null
{%- endmacro %}

{% macro postgres__list_entries(relation, key, codes) -%}
    select
        {{ key }},
        trim(regexp_split_to_table({{ codes }}, ';')) as entry
    from {{ relation }}
    where {{ codes }} is not null
{%- endmacro %}
