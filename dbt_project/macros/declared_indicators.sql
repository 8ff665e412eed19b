{# The declarations of the registered indicators, as a list; empty while dbt parses. #}
{% macro declared_indicators() %}
    {%- set declarations = [] -%}
    {%- if execute -%}
        {%- for name in indicator_register() -%}
            {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == name -%}
                {%- do declarations.append(node.config.meta['indicator']) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(declarations) }}
{% endmacro %}

{# A select per declared variant, joined by union all. #}
{% macro declared_variant_rows() -%}
    {%- set rows = [] -%}
    {%- for declaration in declared_indicators() -%}
        {%- for variant in declaration['variants'] -%}
            {%- do rows.append([declaration, variant]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for declaration, variant in rows %}
    select
        '{{ declaration["id"] }}' as indicator_id,
        '{{ variant }}' as variant,
        {{ 'true' if variant == declaration['default_variant'] else 'false' }} as is_default,
        '{{ declaration["unit"] }}' as unit,
        '{{ declaration["interval"] }}' as interval_kind,
        '{{ declaration["direction"] }}' as direction,
        '{{ declaration["version"] }}' as definition_version,
        cast('{{ declaration["valid_from"] }}' as date) as valid_from,
        {{ declaration["position"] }} as position{{ ' union all' if not loop.last }}
    {%- else %}
    select cast(null as {{ api.Column.translate_type('string') }}) as indicator_id
    {%- endfor %}
{%- endmacro %}
