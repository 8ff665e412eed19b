{# The declarations of the registered models, each with `model`; empty while dbt parses. #}
{% macro declared_indicators() %}
    {%- set declarations = [] -%}
    {%- for name in indicator_register() -%}
        {%- set declaration = declared_metadata(name, 'indicator') -%}
        {%- if declaration is not none -%}
            {%- do declarations.append(dict(declaration, model=name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(declarations) }}
{% endmacro %}

{#
    The days from and to which one of the declarations defines its indicator. A definition that changes is a model of
    its own with the same id and a later `valid_from`; a month is computed by the version in force on its first day, and
    the first version stands for every month before it too.
#}
{% macro version_span(declaration, declarations) %}
    {%- set span = namespace(first=true, until=none) -%}
    {%- for other in declarations if other['id'] == declaration['id'] -%}
        {%- if other['valid_from'] < declaration['valid_from'] -%}
            {%- set span.first = false -%}
        {%- elif other['valid_from'] > declaration['valid_from'] -%}
            {%- if span.until is none or other['valid_from'] < span.until -%}
                {%- set span.until = other['valid_from'] -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set starts = '0001-01-01' if span.first else declaration['valid_from'] -%}
    {%- if span.until is none -%}
        {{ return([starts, '9999-12-31']) }}
    {%- endif -%}
    {%- set ends = modules.datetime.date.fromisoformat(span.until) - modules.datetime.timedelta(days=1) -%}
    {{ return([starts, ends.isoformat()]) }}
{% endmacro %}

{# The kinds of period of an edition, in the order of reports. #}
{% macro period_kinds() %}
    {{ return(['month', 'quarter', 'ytd', 'r12']) }}
{% endmacro %}

{# A select per declared version and variant, joined by union all. #}
{% macro declared_variant_rows() -%}
    {%- set declarations = declared_indicators() -%}
    {%- set rows = [] -%}
    {%- for declaration in declarations -%}
        {%- for variant in declaration['variants'] -%}
            {%- do rows.append([declaration, variant]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set kinds = period_kinds() -%}
    {%- for declaration, variant in rows %}
    {%- set span = version_span(declaration, declarations) %}
    select
        '{{ declaration["id"] }}' as indicator_id,
        '{{ variant }}' as variant,
        {{ 'true' if variant == declaration['default_variant'] else 'false' }} as is_default,
        '{{ declaration["unit"] }}' as unit,
        '{{ declaration["interval"] }}' as interval_kind,
        '{{ declaration["direction"] }}' as direction,
        '{{ declaration.get("aggregation", "units") }}' as aggregation,
        {%- for period_kind in kinds %}
        {{ 'true' if period_kind in declaration.get('periods', kinds) else 'false' }} as reports_{{ period_kind }},
        {%- endfor %}
        '{{ declaration["version"] }}' as definition_version,
        cast('{{ declaration["valid_from"] }}' as date) as valid_from,
        cast('{{ span[0] }}' as date) as in_force_from,
        cast('{{ span[1] }}' as date) as in_force_to,
        {{ declaration["position"] }} as position{{ ' union all' if not loop.last }}
    {%- else %}
    select cast(null as {{ api.Column.translate_type('string') }}) as indicator_id
    {%- endfor %}
{%- endmacro %}

{# The evidence of a registered model, one of the declarations, of the months for which its version is in force. #}
{% macro evidence_of_version(name, declarations) -%}
    select * from {{ ref(name) }}
    {%- for declaration in declarations if declaration['model'] == name %}
    {%- set span = version_span(declaration, declarations) %}
    {%- if span != ['0001-01-01', '9999-12-31'] %}
        where month between cast('{{ span[0] }}' as date) and cast('{{ span[1] }}' as date)
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
