{# What the properties file of a model declares under `config.meta.<kind>`; none while dbt parses. #}
{% macro declared_metadata(name, kind) %}
    {%- if not execute or not graph.nodes -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ name) -%}
    {%- if node is none or kind not in node.config.meta -%}
        {{ exceptions.raise_compiler_error("a register names " ~ name ~ ", but no model of that name declares config.meta." ~ kind) }}
    {%- endif -%}
    {{ return(node.config.meta[kind]) }}
{% endmacro %}
