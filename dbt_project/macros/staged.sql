{#
    The staging query of an entity: of every key the newest version known at the run's `as_of`.

    An activity's version is known from its `updated_at`, else its `submitted_at`, else the time of its load
    (indicators.md); between versions of one time the one loaded last counts; a withdrawn key is gone; a record
    counts from its submission on. A ledger counts as it stands: the row loaded last.

    Columns, key and group are read from the source's declaration, which is generated from the contracts.
#}
{% macro staged(entity) %}
    {%- if execute -%}
        {%- set declared = namespace(source=none) -%}
        {%- for node in graph.sources.values() if node.source_name == 'raw' and node.name == entity -%}
            {%- set declared.source = node -%}
        {%- endfor -%}
        {%- if declared.source is none -%}
            {{ exceptions.raise_compiler_error("staged('" ~ entity ~ "'): no such source in the schema raw") }}
        {%- endif -%}
        {%- set columns = declared.source.columns.keys() | list -%}
        {%- set key = declared.source.meta['key'] -%}
        {%- set is_activity = declared.source.meta['group'] == 'activity' -%}
    {%- else -%}
        {%- set columns = ['*'] -%}
        {%- set key = ['1'] -%}
        {%- set is_activity = false -%}
    {%- endif -%}
with

source as (
    select * from {{ source('raw', entity) }}
),

run as (
    select * from {{ source('control', 'run') }}
),

versions as (
    select
        source.*,
        {%- if is_activity %}
        coalesce(source.updated_at, source.submitted_at, source._loaded_at) as known_at,
        coalesce(source.submitted_at, source._loaded_at) as counts_from,
        {%- else %}
        source._loaded_at as known_at,
        {%- endif %}
        run.as_of
    from source
    cross join run
),

known as (
    select
        versions.*,
        row_number() over (
            partition by {{ key | join(', ') }}
            order by {% if is_activity %}known_at desc, {% endif %}_load_order desc
        ) as version_rank
    from versions
    {%- if is_activity %}
    where known_at <= as_of
    {%- endif %}
),

newest as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        _file_id,
        _row_number,
        _loaded_at,
        _load_order,
        known_at
    from known
    where
        version_rank = 1
        {%- if is_activity %}
        and coalesce(operation, 'i') <> 'd'
        and counts_from <= as_of
        {%- endif %}
)

select * from newest
{%- endmacro %}
