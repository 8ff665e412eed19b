{#
    The names of the signal models. dbt has to know every `ref` while it parses, so the models are named here;
    a test holds that this list and the folder `models/signals` are the same.
#}
{% macro signal_register() %}
    {{ return([
        'quota_uniformity',
        'uniform_fines',
        'month_end_batch',
        'back_dated_entry',
        'numbers_out_of_order',
        'split_cases',
        'limit_bunching',
        'token_performance',
        'name_lending',
        'copy_text',
        'empty_inspections',
        'no_problem_inspections',
        'filed_then_withdrawn',
        'silent_months',
    ]) }}
{% endmacro %}

{# The declaration beside this model: `config.meta.signal` of its properties file. #}
{% macro declared_signal() %}
    {%- if execute and 'signal' not in model.config.meta -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: config.meta.signal is missing") }}
    {%- endif -%}
    {{ return(model.config.meta.get('signal', {'id': model.name, 'threshold': 1, 'parameters': {}})) }}
{% endmacro %}

{# A parameter of the declaration beside this model. #}
{% macro signal_parameter(name) %}
    {%- set parameters = declared_signal()['parameters'] -%}
    {%- if execute and name not in parameters and 'signal' in model.config.meta -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: signal.parameters." ~ name ~ " is missing") }}
    {%- endif -%}
    {{ return(parameters.get(name, 1)) }}
{% endmacro %}

{# The threshold of the declaration beside this model: of the p-value where the signal has one, else of the statistic. #}
{% macro signal_threshold() %}
    {{ return(declared_signal()['threshold']) }}
{% endmacro %}

{#
    The limit in yuan that a rule declares for a kind of party, where no region, field or body has one of its own:
    limits are the rules', and no signal states them again.
#}
{% macro rule_limit(rule_model, parameter, party_kind) %}
    {%- set found = namespace(value=none) -%}
    {%- if execute -%}
        {%- set rule = declared_metadata(rule_model, 'rule') -%}
        {%- for row in (rule['parameters'][parameter]['rows'] if rule is not none else [])
            if row.get('party_kind') == party_kind
            and not ('valid_to' in row or 'region' in row or 'domain' in row or 'workflow' in row or 'subject_id' in row) -%}
            {%- set found.value = row['value'] -%}
        {%- endfor -%}
        {%- if found.value is none and rule is not none -%}
            {{ exceptions.raise_compiler_error(model.name ~ ": " ~ rule_model ~ " declares no " ~ parameter ~ " for " ~ party_kind) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(found.value or 1) }}
{% endmacro %}

{# The first month of the window of `window_months` months that ends with `month`. #}
{% macro window_start(month) -%}
    {{ month_plus(month, 1 - signal_parameter('window_months')) }}
{%- endmacro %}

{#
    The columns of a signal from `tested`, which has subject_id, scope_id, month, statistic, p_value, units, has_fired,
    and `behind`, which has scope_id, month, record_entity, record_id. A scope that did not fire names no records.
#}
{% macro signal_from(tested, behind) -%}
    select
        cast('{{ declared_signal()["id"] }}' as {{ api.Column.translate_type('string') }}) as signal_id,
        cast({{ tested }}.subject_id as {{ api.Column.translate_type('string') }}) as subject_id,
        cast({{ tested }}.scope_id as {{ api.Column.translate_type('string') }}) as scope_id,
        {{ tested }}.month,
        cast({{ tested }}.statistic as {{ type_double() }}) as statistic,
        cast({{ tested }}.p_value as {{ type_double() }}) as p_value,
        cast({{ signal_threshold() }} as {{ type_double() }}) as threshold,
        cast({{ tested }}.units as {{ dbt.type_bigint() }}) as units,
        coalesce({{ tested }}.has_fired, false) as has_fired,
        cast({{ behind }}.record_entity as {{ api.Column.translate_type('string') }}) as record_entity,
        cast({{ behind }}.record_id as {{ api.Column.translate_type('string') }}) as record_id
    from {{ tested }}
    left join {{ behind }}
        on
            {{ tested }}.has_fired
            and {{ tested }}.scope_id = {{ behind }}.scope_id
            and {{ tested }}.month = {{ behind }}.month
{%- endmacro %}

{# The declarations of the registered signals, as a select per signal joined by union all. #}
{% macro declared_signal_rows() -%}
    {%- set declarations = [] -%}
    {%- for name in signal_register() -%}
        {%- set declaration = declared_metadata(name, 'signal') -%}
        {%- if declaration is not none -%}
            {%- do declarations.append(declaration) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for declaration in declarations %}
    select
        '{{ declaration["id"] }}' as signal_id,
        {{ declaration["position"] }} as position,
        '{{ declaration["name"]["zh"] | replace("'", "''") }}' as name_zh,
        '{{ declaration["name"]["en"] | replace("'", "''") }}' as name_en,
        '{{ declaration["threshold_of"] }}' as threshold_of,
        cast({{ declaration["threshold"] }} as {{ type_double() }}) as threshold,
        cast({{ 'null' if declaration["false_alarm_rate"] is none else declaration["false_alarm_rate"] }} as {{ type_double() }}) as false_alarm_rate{{ ' union all' if not loop.last }}
    {%- else %}
    select cast(null as {{ api.Column.translate_type('string') }}) as signal_id
    {%- endfor %}
{%- endmacro %}
