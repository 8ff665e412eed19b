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
    Units that lie in one month need no such care: their months are summed first, which keeps the work small.
    The acts of an evenness are added up per unit.
#}
{% macro counts_by(entity_column) -%}
with

evidence as (
    select * from {{ ref('evidence') }}
    where {{ entity_column }} is not null
),

periods as (
    select * from {{ ref('indicator_periods') }}
),

months_of_dated_units as (
    select
        indicator_id,
        variant,
        {{ entity_column }},
        month,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(case when state = 'excluded' then 1 else 0 end) as excluded,
        sum(case when state = 'undecidable' then 1 else 0 end) as undecidable
    from evidence
    where unit_kind in ('{{ dated_unit_kinds() | join("', '") }}')
    group by
        indicator_id,
        variant,
        {{ entity_column }},
        month
),

dated_units as (
    select
        months_of_dated_units.indicator_id,
        months_of_dated_units.variant,
        months_of_dated_units.{{ entity_column }},
        periods.period_kind,
        periods.period,
        months_of_dated_units.numerator,
        months_of_dated_units.denominator,
        months_of_dated_units.excluded,
        months_of_dated_units.undecidable
    from months_of_dated_units
    inner join periods
        on
            months_of_dated_units.indicator_id = periods.indicator_id
            and months_of_dated_units.variant = periods.variant
            and months_of_dated_units.month = periods.month
),

standing_units as (
    select
        evidence.indicator_id,
        evidence.variant,
        evidence.{{ entity_column }},
        periods.period_kind,
        periods.period,
        periods.aggregation,
        evidence.unit_kind,
        evidence.unit_id,
        max(evidence.numerator) as numerator,
        sum(evidence.numerator) as acts,
        max(evidence.denominator) as denominator,
        max(case evidence.state when 'excluded' then 0 when 'undecidable' then 1 else 2 end) as scope
    from evidence
    inner join periods
        on
            evidence.indicator_id = periods.indicator_id
            and evidence.variant = periods.variant
            and evidence.month = periods.month
    where evidence.unit_kind not in ('{{ dated_unit_kinds() | join("', '") }}')
    group by
        evidence.indicator_id,
        evidence.variant,
        evidence.{{ entity_column }},
        periods.period_kind,
        periods.period,
        periods.aggregation,
        evidence.unit_kind,
        evidence.unit_id
),

units as (
    select * from dated_units
    union all
    select
        indicator_id,
        variant,
        {{ entity_column }},
        period_kind,
        period,
        case when aggregation = 'evenness' then acts else numerator end as numerator,
        denominator,
        case when scope = 0 then 1 else 0 end as excluded,
        case when scope = 1 then 1 else 0 end as undecidable
    from standing_units
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
    from units
    group by
        indicator_id,
        variant,
        {{ entity_column }},
        period_kind,
        period
)

select * from counts
{%- endmacro %}
