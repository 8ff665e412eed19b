{#
    The parameters of a rule are rows of its declaration: a value, the days it holds, and where it holds. A row may name
    a region (the first digits of an area code), a workflow, a domain, a subject or a kind of party; what it leaves out
    holds for all. Of the rows that fit a record the most particular counts: a subject's own before a region's, a
    domain's, a workflow's, a party's. Rows that name a code or a word (types, stages, names of documents) add up.
    What a row may name, and with which values, is checked when the project is parsed (pipelines/warehouse/rule_rows.py).
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

{# The declared rows of a parameter of a rule: this model's, or that of the rule model named. #}
{% macro declared_rows_of(name, rule_model=none) -%}
    {%- set rule = declared_rule() if rule_model is none else (declared_metadata(rule_model, 'rule') or {}) -%}
    {%- set parameters = rule.get('parameters', {}) -%}
    {%- if execute and rule and name not in parameters -%}
        {{ exceptions.raise_compiler_error(model.name ~ ".yml: config.meta.rule.parameters." ~ name ~ " is missing") }}
    {%- endif -%}
    {{ return(parameters.get(name, {}).get('rows', [])) }}
{%- endmacro %}

{# Refuses rows limited to a kind of party where nothing is said of a record whose kind of party is not known. #}
{% macro refuse_party_kinds(name, rows) -%}
    {%- if rows | selectattr('party_kind', 'defined') | list -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ".yml: parameters." ~ name ~ " cannot be limited to a party_kind; subject_id, region, domain "
            ~ "and workflow can") }}
    {%- endif -%}
{%- endmacro %}

{#
    The declared rows of a parameter as a relation, for a join by `scope_matches`. With `by_party` the model looks at
    `is_party_certain` itself; else no row may be limited to a kind of party.
#}
{% macro parameter_rows(name, by_party=false) -%}
    {%- set rows = declared_rows_of(name) -%}
    {%- if not by_party -%}{{ refuse_party_kinds(name, rows) }}{%- endif -%}
    {{ scoped_rows(rows) }}
{%- endmacro %}

{# Whether a declared row fits a record on a day, or may fit it: see `is_party_certain`. #}
{% macro scope_matches(record, row, day) -%}
    coalesce({{ row }}.subject_id, {{ record }}.subject_id) = {{ record }}.subject_id
            and (
                {{ row }}.region is null
                or {{ row }}.region = substring({{ record }}.region, 1, length({{ row }}.region))
            )
            and ({{ row }}.domain is null or {{ row }}.domain = {{ record }}.domain)
            and ({{ row }}.workflow is null or {{ row }}.workflow = {{ record }}.workflow)
            and ({{ row }}.party_kind is null or coalesce({{ record }}.party_kind, {{ row }}.party_kind) = {{ row }}.party_kind)
            and {{ day }} between {{ row }}.valid_from and {{ row }}.valid_to
{%- endmacro %}

{# Whether a row that may fit a record does: not so if it is limited to a kind of party and the record names none. #}
{% macro is_party_certain(record, row) -%}
    ({{ row }}.party_kind is null or {{ record }}.party_kind is not null)
{%- endmacro %}

{#
    The value of a parameter for a record on a day, as an expression: the most particular row that fits, of two alike
    the later. NULL where no row fits: nothing was in force for the record on that day.
#}
{% macro parameter_at(name, record, day, rule_model=none) -%}
    {%- set weighed = [] -%}
    {%- set rows = declared_rows_of(name, rule_model) -%}
    {{- refuse_party_kinds(name, rows) -}}
    {%- for row in rows -%}
        {%- set weight = namespace(sum=0) -%}
        {%- for column in scope_weights() if column in row -%}
            {%- set weight.sum = weight.sum + scope_weights()[column] -%}
        {%- endfor -%}
        {%- do weighed.append(dict(row, weight=weight.sum)) -%}
    {%- endfor -%}
    case
        {%- for row in weighed | sort(attribute='valid_from', reverse=true) | sort(attribute='weight', reverse=true) %}
            when
                {{ day }} between cast('{{ row["valid_from"] }}' as date)
                and cast('{{ row.get("valid_to", "9999-12-31") }}' as date)
                {%- for column in ('subject_id', 'domain', 'workflow') if column in row %}
                and {{ record }}.{{ column }} = '{{ row[column] }}'
                {%- endfor %}
                {%- if 'region' in row %}
                and substring({{ record }}.region, 1, {{ row['region'] | length }}) = '{{ row["region"] }}'
                {%- endif %}
                then {{ row['value'] }}
        {%- else %}
            when {{ day }} is null then null
        {%- endfor %}
        end
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
        inner join ({{ scoped_rows(declared_rows_of(name)) }}) as declared_rows
            on
            {{ scope_matches(records, 'declared_rows', day) }}
            and coalesce(declared_rows.party_kind, parties.code) = parties.code
    ) as fitting
    where fitting.choice = 1
    group by fitting.record_id
{%- endmacro %}

{#
    The documents of each record whose name contains a word of a parameter on a day, once each: record_id, document_id,
    kind, issued_at, complete. `without` is a parameter with words that they must not contain.
#}
{% macro documents_named(name, records, documents, day, without=none) -%}
    select distinct
        {{ records }}.record_id,
        {{ documents }}.document_id,
        {{ documents }}.kind,
        {{ documents }}.issued_at,
        {{ documents }}.complete
    from {{ records }}
    inner join {{ documents }}
        on {{ records }}.record_id = {{ documents }}.record_id
    inner join ({{ parameter_rows(name) }}) as words
        on
            {{ documents }}.kind like '%' || words.code || '%'
            and {{ scope_matches(records, 'words', day) }}
    {%- if without is not none %}
    where {{ documents }}.document_id not in (
        select unwanted.document_id from ({{ documents_named(without, records, documents, day) }}) as unwanted
    )
    {%- endif %}
{%- endmacro %}
