{# The declaration beside this model: `config.meta.indicator` of its properties file. #}
{% macro declared() %}
    {%- if execute and 'indicator' not in model.config.meta -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: config.meta.indicator is missing") }}
    {%- endif -%}
    {{ return(model.config.meta.get('indicator', {'id': model.name, 'variants': {'default': {}}})) }}
{% endmacro %}

{# A relation of the declared variants, one column `variant`. #}
{% macro declared_variants() -%}
    {%- for variant in declared().variants %}
    select '{{ variant }}' as variant{{ ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
    A threshold of the declaration beside this model, from its `parameters`: the number stands there alone. The scheme
    of a run may set another value, as the variable `<indicator>.<name>`.
#}
{% macro parameter(name) -%}
    {%- if execute and name not in declared().get('parameters', {}) -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: config.meta.indicator.parameters has no " ~ name) }}
    {%- endif -%}
    {{ return(var(declared().id ~ '.' ~ name, declared().get('parameters', {}).get(name, 0))) }}
{%- endmacro %}

{#
    Evidence of units that are records and count once: from a relation that has variant, subject_id, agency_id,
    month, unit_id, happened_at, state, reason, where the unit is the record.
#}
{% macro one_per_record(relation, unit_kind, record_entity) -%}
    select
        variant,
        subject_id,
        agency_id,
        month,
        '{{ unit_kind }}' as unit_kind,
        unit_id,
        '{{ record_entity }}' as record_entity,
        unit_id as record_id,
        happened_at,
        state,
        {{ counted_once() }},
        reason
    from {{ relation }}
{%- endmacro %}

{#
    The evidence columns, in the order of indicators.md, from a relation that has
    variant, subject_id, agency_id, month, unit_kind, unit_id, record_entity, record_id, happened_at,
    state, numerator, denominator, reason. Rows of subjects that are not in the ledger count for nobody.
#}
{% macro evidence_from(relation) -%}
    select
        cast('{{ declared().id }}' as {{ api.Column.translate_type('string') }}) as indicator_id,
        cast({{ relation }}.variant as {{ api.Column.translate_type('string') }}) as variant,
        {{ relation }}.subject_id,
        cast({{ relation }}.agency_id as {{ api.Column.translate_type('string') }}) as agency_id,
        {{ relation }}.month,
        cast({{ relation }}.unit_kind as {{ api.Column.translate_type('string') }}) as unit_kind,
        {{ relation }}.unit_id,
        cast({{ relation }}.record_entity as {{ api.Column.translate_type('string') }}) as record_entity,
        cast({{ relation }}.record_id as {{ api.Column.translate_type('string') }}) as record_id,
        cast({{ relation }}.happened_at as {{ dbt.type_timestamp() }}) as happened_at,
        cast({{ relation }}.state as {{ api.Column.translate_type('string') }}) as state,
        cast({{ relation }}.numerator as {{ type_double() }}) as numerator,
        cast({{ relation }}.denominator as {{ type_double() }}) as denominator,
        cast({{ relation }}.reason as {{ api.Column.translate_type('string') }}) as reason
    from {{ relation }}
    inner join {{ ref('dim_subject') }} as ledger
        on {{ relation }}.subject_id = ledger.subject_id
    inner join {{ ref('dim_month') }} as reported
        on {{ relation }}.month = reported.month
{%- endmacro %}

{# numerator and denominator of a unit that counts once: 1/0 from its state. #}
{% macro counted_once(state='state') -%}
    case when {{ state }} = 'hit' then 1 else 0 end as numerator,
        case when {{ state }} in ('hit', 'miss') then 1 else 0 end as denominator
{%- endmacro %}

{# What the class of a source makes of a unit: proactive is a hit, reactive a miss, ordered is left out, unknown is undecidable. #}
{% macro discovery_state(code_class) -%}
    case {{ code_class }}
            when 'proactive' then 'hit'
            when 'reactive' then 'miss'
            when 'ordered' then 'excluded'
            else 'undecidable'
        end
{%- endmacro %}

{% macro discovery_reason(code_class) -%}
    case {{ code_class }}
            when 'proactive' then null
            when 'reactive' then null
            when 'ordered' then 'ORDERED'
            else 'UNKNOWN_SOURCE'
        end
{%- endmacro %}
