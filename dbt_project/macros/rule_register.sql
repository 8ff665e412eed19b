{#
    The names of the rule models, in the order of their ids. dbt has to know every `ref` while it parses; a test holds
    that this list, the folder `models/rules` and the register of rules that no field decides are complete.
#}
{% macro rule_register() %}
    {{ return([
        'p01_decision_in_time',
        'p02_service_in_time',
        'p03_two_officers',
        'p04_simple_procedure_limit',
        'p05_simple_decision_numbered',
        'p06_filing_in_time',
        'p07_notice_before_decision',
        'p08_hearing',
        'p09_legal_review',
        'p11_limitation',
        'p12_not_fined_twice',
        'p14_ground_of_discretion',
        'p15_amount_in_band',
        'p16_penalty_type_allowed',
        'p17_power_in_force',
        'p18_rule_in_force',
        'p19_publication_in_time',
        'p20_fine_paid_in_time',
        'p23_record_of_every_stage',
        'p24_decision_document_complete',
        'p29_lead_acted_on',
        'c01_approval_and_officers',
        'c02_urgent_measure_reported',
        'c03_papers_on_the_spot',
        'c04_seizure_limit',
        'c05_decision_or_release',
        'c06_freeze',
        'c07_coercion_power',
    ]) }}
{% endmacro %}

{# The declarations of the registered rules, as a list; empty while dbt parses. #}
{% macro declared_rules() %}
    {%- set declarations = [] -%}
    {%- for name in rule_register() -%}
        {%- set declaration = declared_metadata(name, 'rule') -%}
        {%- if declaration is not none -%}
            {%- do declarations.append(declaration) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(declarations) }}
{% endmacro %}

{# A select per rule, those that no field decides included, joined by union all. #}
{% macro declared_rule_rows() -%}
    {%- set string = api.Column.translate_type('string') -%}
    {%- set rows = [] -%}
    {%- for declaration in declared_rules() -%}
        {%- do rows.append([declaration, 'true']) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- for declaration in model.config.meta['undecided_rules'] -%}
            {%- do rows.append([declaration, 'false']) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for declaration, is_decided in rows %}
    select
        cast('{{ declaration["id"] }}' as {{ string }}) as rule_id,
        {{ is_decided }} as is_decided,
        cast('{{ declaration["severity"] }}' as {{ string }}) as severity,
        cast('{{ declaration["unit"] }}' as {{ string }}) as unit,
        cast('{{ declaration["name"]["zh"] }}' as {{ string }}) as name_zh,
        cast('{{ declaration["name"]["en"] | replace("'", "''") }}' as {{ string }}) as name_en,
        cast('{{ declaration["article"]["zh"] }}' as {{ string }}) as article_zh,
        cast('{{ declaration["article"]["en"] }}' as {{ string }}) as article_en,
        {{ declaration["position"] }} as position{{ ' union all' if not loop.last }}
    {%- else %}
    select cast(null as {{ string }}) as rule_id
    {%- endfor %}
{%- endmacro %}
