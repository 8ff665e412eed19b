{# The declaration beside this rule's model: `config.meta.rule` of its properties file. #}
{% macro declared_rule() %}
    {%- if execute and 'rule' not in model.config.meta -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: config.meta.rule is missing") }}
    {%- endif -%}
    {{ return(model.config.meta.get('rule', {'id': model.name, 'unit': 'case', 'reasons': {}, 'parameters': {}})) }}
{% endmacro %}

{#
    The result columns of a rule from a relation that has record_id, outcome, from_at, to_at, observed, allowed,
    and from `scope`, the relation of the records judged (record_id, subject_id, agency_id, month, happened_at and the
    columns that parameters look at).

    `outcome` is PASS or a reason that the declaration names; the declaration says what the reason makes of the record.
    An outcome that is NULL is undecidable: what a rule's case expression does not foresee is never a pass.
#}
{% macro rule_rows_from(relation, scope) -%}
    {%- set declared = declared_rule() -%}
    {%- set string = api.Column.translate_type('string') -%}
    {%- set exempt = declared.get('exempt', []) -%}
    {%- set entities = {'case': 'cases', 'coercion': 'coercions', 'lead': 'leads'} -%}
    {%- set outcome = exempted_outcome(declared, relation ~ '.outcome') -%}
    select
        cast('{{ declared.id }}' as {{ string }}) as rule_id,
        {{ scope }}.subject_id,
        cast({{ scope }}.agency_id as {{ string }}) as agency_id,
        {{ scope }}.month,
        cast('{{ entities[declared.unit] }}' as {{ string }}) as record_entity,
        {{ scope }}.record_id,
        cast({{ scope }}.happened_at as {{ dbt.type_timestamp() }}) as happened_at,
        cast(case {{ outcome }}
            when 'PASS' then 'pass'
            {%- for code, reason in declared.reasons.items() %}
            when '{{ code }}' then '{{ reason["result"] }}'
            {%- endfor %}
            else 'undecidable'
        end as {{ string }}) as result,
        cast(case {{ outcome }}
            when 'PASS' then null
            else coalesce({{ outcome }}, 'NOT_DECIDED')
        end as {{ string }}) as reason,
        cast({{ relation }}.from_at as {{ dbt.type_timestamp() }}) as from_at,
        cast({{ relation }}.to_at as {{ dbt.type_timestamp() }}) as to_at,
        cast({{ relation }}.observed as {{ type_double() }}) as observed,
        cast({{ relation }}.allowed as {{ type_double() }}) as allowed
    from {{ relation }}
    inner join {{ scope }}
        on {{ relation }}.record_id = {{ scope }}.record_id
    {%- if exempt %}
    left join (
        select
            {{ scope }}.record_id,
            max(case when {{ is_party_certain(scope, 'declared_rows') }} then 1 else 0 end) as is_certain
        from {{ scope }}
        inner join ({{ scoped_rows(exempt) }}) as declared_rows
            on {{ scope_matches(scope, 'declared_rows', day_of(scope ~ '.happened_at')) }}
        group by {{ scope }}.record_id
    ) as exempted
        on {{ scope }}.record_id = exempted.record_id
    {%- endif %}
{%- endmacro %}

{#
    An outcome with the exemptions of the rule. One that is limited to a kind of party leaves a record without it open,
    unless the rule does not apply to the record anyway.
#}
{% macro exempted_outcome(declared, outcome) -%}
    {%- set exempt = declared.get('exempt', []) -%}
    {%- if not exempt -%}
        {{ return(outcome) }}
    {%- endif -%}
    {%- set elsewhere = [] -%}
    {%- for code, reason in declared.reasons.items() if reason['result'] == 'not_applicable' -%}
        {%- do elsewhere.append("'" ~ code ~ "'") -%}
    {%- endfor -%}
    {%- set open = '' -%}
    {%- if exempt | selectattr('party_kind', 'defined') | list -%}
        {%- if 'NO_PARTY_KIND' not in declared.reasons -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ".yml: exempt rows limited to a party_kind need the reason NO_PARTY_KIND (undecidable)") }}
        {%- endif -%}
        {%- set open = " when exempted.is_certain = 0 and coalesce(" ~ outcome ~ ", '') not in ("
            ~ elsewhere | join(', ') ~ ") then 'NO_PARTY_KIND'" -%}
    {%- endif -%}
    {{ return("case when exempted.is_certain = 1 then 'EXEMPT'" ~ open ~ " else " ~ outcome ~ " end") }}
{%- endmacro %}
