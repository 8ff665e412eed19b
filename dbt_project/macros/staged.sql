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
    {%- set known_at = 'coalesce(source.updated_at, source.submitted_at, source._loaded_at)' if is_activity else 'source._loaded_at' -%}
with

source as (
    select * from {{ source('raw', entity) }}
),

run as (
    select * from {{ source('control', 'run') }}
),

known as (
    select
        source.*,
        {{ known_at }} as known_at,
        {%- if is_activity %}
        coalesce(source.submitted_at, source._loaded_at) as counts_from,
        {%- endif %}
        run.as_of
    from source
    cross join run
    {%- if is_activity %}
    where {{ known_at }} <= run.as_of
    {%- endif %}
),

-- Few keys have several versions: those alone are ranked.
several as (
    select {{ key | join(', ') }} from known
    group by {{ key | join(', ') }}
    having count(*) > 1
),

ranked as (
    select
        {%- for column in key %}
        known.{{ column }},
        {%- endfor %}
        known._load_order,
        row_number() over (
            partition by known.{{ key | join(', known.') }}
            order by {% if is_activity %}known.known_at desc, {% endif %}known._load_order desc
        ) as version_rank
    from known
    inner join several
        on
            {%- for column in key %}
            known.{{ column }} = several.{{ column }}{{ ' and' if not loop.last }}
            {%- endfor %}
),

superseded as (
    select * from ranked
    where version_rank > 1
),

-- The key is part of the join so that a condition on it, such as a kind of activity, reaches the versions ranked.
newest as (
    select
        {%- for column in columns %}
        known.{{ column }},
        {%- endfor %}
        known._file_id,
        known._row_number,
        known._loaded_at,
        known._load_order,
        known.known_at
    from known
    left join superseded
        on
            {%- for column in key %}
            known.{{ column }} = superseded.{{ column }} and
            {%- endfor %}
            known._load_order = superseded._load_order
    where
        superseded._load_order is null
        {%- if is_activity %}
        and coalesce(known.operation, 'i') <> 'd'
        and known.counts_from <= known.as_of
        {%- endif %}
)

select * from newest
{%- endmacro %}
