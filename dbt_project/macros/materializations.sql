{#
    Each model is one statement, `create or replace`, inside a transaction: readers see the old relation or the new
    one. dbt's own materialisations build beside the relation, rename twice and drop; over a hundred and forty models
    that took half the time of a build of an empty warehouse.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {{ return(replace_relation(this.incorporate(type='table'))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb', supported_languages=['sql'] %}
    {{ return(replace_relation(this.incorporate(type='view'))) }}
{% endmaterialization %}

{# Builds `relation` in place of what bears its name; a model with a contract is refused if its columns differ. #}
{% macro replace_relation(relation) %}
    {%- set existing = load_cached_relation(relation) -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {%- if existing is not none and existing.type != relation.type %}
        drop {{ existing.type }} {{ existing }};
        {%- endif %}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        {%- endif %}
        create or replace {{ relation.type }} {{ relation }} as (
            {{ compiled_code }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
