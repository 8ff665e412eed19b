{#
    The kinds of units that are one record with one date, so that a unit lies in one month. Of every other kind
    (a matter, an officer, a device, an object …) the same unit comes back in the next month.
#}
{% macro dated_unit_kinds() %}
    {{ return(['case', 'inspection', 'coercion', 'lead', 'plan', 'supervision', 'dispute', 'request']) }}
{% endmacro %}

{#
    Evidence summed by an entity and period. A unit that is in scope in several months of a period counts once,
    as a hit if it was a hit in any of them; it is excluded only if no month of the period has it in scope.
    In one month a unit has one row (the audit holds that), so a month is a sum of rows, and so is every period of
    units that lie in one month. Units that come back are gone through once for all longer periods: an edition has one
    of each kind, and each is a set of columns. The acts of an evenness are added up per unit.
#}
{% macro counts_by(entity_column) -%}
{%- set longer_period_kinds = period_kinds() | reject('equalto', 'month') | list -%}
{%- set is_dated = "unit_kind in ('" ~ dated_unit_kinds() | join("', '") ~ "')" -%}
with

evidence as (
    select * from {{ ref('evidence') }}
    where {{ entity_column }} is not null
),

evidence_of_standing_units as (
    select * from {{ ref('evidence') }}
    where
        {{ entity_column }} is not null
        and not {{ is_dated }}
),

periods as (
    select * from {{ ref('indicator_periods') }}
),

months as (
    select
        indicator_id,
        variant,
        {{ entity_column }},
        month,
        {{ is_dated }} as is_dated,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(case when state = 'excluded' then 1 else 0 end) as excluded,
        sum(case when state = 'undecidable' then 1 else 0 end) as undecidable
    from evidence
    group by
        indicator_id,
        variant,
        {{ entity_column }},
        month,
        {{ is_dated }}
),

sums_of_rows as (
    select
        months.indicator_id,
        months.variant,
        months.{{ entity_column }},
        periods.period_kind,
        periods.period,
        months.numerator,
        months.denominator,
        months.excluded,
        months.undecidable
    from months
    inner join periods
        on
            months.indicator_id = periods.indicator_id
            and months.variant = periods.variant
            and months.month = periods.month
    where
        months.is_dated
        or periods.period_kind = 'month'
),

-- The kinds of longer periods that a month is part of.
places as (
    select
        indicator_id,
        variant,
        aggregation,
        month,
        {%- for period_kind in longer_period_kinds %}
        max(case when period_kind = '{{ period_kind }}' then 1 else 0 end) as in_{{ period_kind }}{{ ',' if not loop.last }}
        {%- endfor %}
    from periods
    group by
        indicator_id,
        variant,
        aggregation,
        month
),

standing_units as (
    select
        evidence.indicator_id,
        evidence.variant,
        evidence.{{ entity_column }},
        evidence.unit_kind,
        evidence.unit_id,
        {%- for period_kind in longer_period_kinds %}
        {%- set in_period = 'case when places.in_' ~ period_kind ~ ' = 1 then' %}
        max({{ in_period }} evidence.numerator end) as {{ period_kind }}_numerator,
        sum({{ in_period }} evidence.numerator end) as {{ period_kind }}_acts,
        max({{ in_period }} evidence.denominator end) as {{ period_kind }}_denominator,
        max({{ in_period }} case evidence.state when 'excluded' then 0 when 'undecidable' then 1 else 2 end end)
            as {{ period_kind }}_scope{{ ',' if not loop.last }}
        {%- endfor %}
    from evidence_of_standing_units as evidence
    inner join places
        on
            evidence.indicator_id = places.indicator_id
            and evidence.variant = places.variant
            and evidence.month = places.month
    group by
        evidence.indicator_id,
        evidence.variant,
        evidence.{{ entity_column }},
        evidence.unit_kind,
        evidence.unit_id
),

sums_of_units as (
    {%- for period_kind in longer_period_kinds %}
    select
        indicator_id,
        variant,
        {{ entity_column }},
        '{{ period_kind }}' as period_kind,
        sum({{ period_kind }}_numerator) as numerator,
        sum({{ period_kind }}_acts) as acts,
        sum({{ period_kind }}_denominator) as denominator,
        sum(case when {{ period_kind }}_scope = 0 then 1 else 0 end) as excluded,
        sum(case when {{ period_kind }}_scope = 1 then 1 else 0 end) as undecidable
    from standing_units
    where {{ period_kind }}_scope is not null
    group by
        indicator_id,
        variant,
        {{ entity_column }}{{ ' union all' if not loop.last }}
    {%- endfor %}
),

longer_periods as (
    select distinct
        indicator_id,
        variant,
        aggregation,
        period_kind,
        period
    from periods
    where period_kind <> 'month'
),

sums as (
    select * from sums_of_rows
    union all
    select
        sums_of_units.indicator_id,
        sums_of_units.variant,
        sums_of_units.{{ entity_column }},
        longer_periods.period_kind,
        longer_periods.period,
        case longer_periods.aggregation
            when 'evenness' then sums_of_units.acts
            else sums_of_units.numerator
        end as numerator,
        sums_of_units.denominator,
        sums_of_units.excluded,
        sums_of_units.undecidable
    from sums_of_units
    inner join longer_periods
        on
            sums_of_units.indicator_id = longer_periods.indicator_id
            and sums_of_units.variant = longer_periods.variant
            and sums_of_units.period_kind = longer_periods.period_kind
),

counts as (
    select
        indicator_id,
        variant,
        {{ entity_column }},
        period_kind,
        period,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(excluded) as excluded,
        sum(undecidable) as undecidable
    from sums
    group by
        indicator_id,
        variant,
        {{ entity_column }},
        period_kind,
        period
)

select * from counts
{%- endmacro %}
