{#
    The parameters of a rule are rows of its declaration: a value, the days it holds, and where it holds. A row may name
    a region (the first digits of an area code), a workflow, a domain, a subject or a kind of party; what it leaves out
    holds for all. Of the rows that fit a record the most particular counts: a subject's own before a region's, a
    domain's, a workflow's, a party's.
#}

{# What makes a row more particular than another, heaviest first. #}
{% macro scope_weights() %}
    {{ return({'subject_id': 16, 'region': 8, 'domain': 4, 'workflow': 2, 'party_kind': 1}) }}
{% endmacro %}

{# Declared rows as a relation: the scope columns, code, level, valid_from, valid_to, value, weight. #}
{% macro scoped_rows(rows) -%}
    {%- set string = api.Column.translate_type('string') -%}
    {%- set texts = scope_weights().keys() | list + ['code', 'level'] -%}
    select
        {%- for column in texts %}
        cast(declared_values.{{ column }} as {{ string }}) as {{ column }},
        {%- endfor %}
        cast(declared_values.valid_from as date) as valid_from,
        cast(declared_values.valid_to as date) as valid_to,
        cast(declared_values.value as {{ type_double() }}) as value,
        declared_values.weight
    from (
        values
        {%- for row in rows %}
        {%- set weight = namespace(sum=0) %}
        (
            {%- for column in texts %}
            {%- if column in row %}{% set weight.sum = weight.sum + scope_weights().get(column, 0) %}{% endif %}
            {{- "'" ~ row[column] ~ "', " if column in row else 'null, ' }}
            {%- endfor -%}
            '{{ row["valid_from"] }}', '{{ row.get("valid_to", "9999-12-31") }}', {{ row.get('value', 1) }}, {{ weight.sum -}}
        ){{ ',' if not loop.last }}
        {%- else %}
        ({{ 'null, ' * (texts | length) }}null, null, null, 0)
        {%- endfor %}
    ) as declared_values ({{ texts | join(', ') }}, valid_from, valid_to, value, weight)
{%- endmacro %}

{# The declared rows of a parameter of this model's rule. #}
{% macro parameter_rows(name) -%}
    {%- set parameters = declared_rule().get('parameters', {}) -%}
    {%- if execute and name not in parameters -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: config.meta.rule.parameters." ~ name ~ " is missing") }}
    {%- endif -%}
    {{ scoped_rows(parameters.get(name, {}).get('rows', [])) }}
{%- endmacro %}

{# Whether a declared row fits a record on a day; the kind of party is compared by whoever reads it. #}
{% macro scope_matches(record, row, day) -%}
    coalesce({{ row }}.subject_id, {{ record }}.subject_id) = {{ record }}.subject_id
            and (
                {{ row }}.region is null
                or {{ row }}.region = substring({{ record }}.region, 1, length({{ row }}.region))
            )
            and ({{ row }}.domain is null or {{ row }}.domain = {{ record }}.domain)
            and ({{ row }}.workflow is null or {{ row }}.workflow = {{ record }}.workflow)
            and {{ day }} between {{ row }}.valid_from and {{ row }}.valid_to
{%- endmacro %}

{#
    The value of a parameter for each record of a relation on a day: record_id, lowest, highest. The two differ only
    where the kind of party is not recorded and the value depends on it; a record that no row fits has no row here.
#}
{% macro parameter_values(name, records, day) -%}
    select
        fitting.record_id,
        min(fitting.value) as lowest,
        max(fitting.value) as highest
    from (
        select
            {{ records }}.record_id,
            parties.code as party_kind,
            declared_rows.value,
            row_number() over (
                partition by {{ records }}.record_id, parties.code
                order by declared_rows.weight desc, declared_rows.valid_from desc
            ) as choice
        from {{ records }}
        inner join ({{ code_classes('object_kind') }}) as parties
            on coalesce({{ records }}.party_kind, parties.code) = parties.code
        inner join ({{ parameter_rows(name) }}) as declared_rows
            on
            {{ scope_matches(records, 'declared_rows', day) }}
            and coalesce(declared_rows.party_kind, parties.code) = parties.code
    ) as fitting
    where fitting.choice = 1
    group by fitting.record_id
{%- endmacro %}

{# The one value of a parameter that holds everywhere and always. #}
{% macro rule_constant(name) -%}
    {%- set rows = declared_rule().get('parameters', {}).get(name, {}).get('rows', []) -%}
    {%- if execute and rows | length != 1 -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: the parameter " ~ name ~ " must have one row") }}
    {%- endif -%}
    {{ rows[0]['value'] if rows else 0 }}
{%- endmacro %}
