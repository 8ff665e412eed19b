{#
    Evidence summed by an entity and period. A unit that is in scope in several months of a period counts once,
    as a hit if it was a hit in any of them; it is excluded only if no month of the period has it in scope.
#}
{% macro counts_by(entity_column) -%}
with

evidence as (
    select * from {{ ref('evidence') }}
    where {{ entity_column }} is not null
),

periods as (
    select * from {{ ref('dim_period') }}
),

units as (
    select
        evidence.indicator_id,
        evidence.variant,
        evidence.{{ entity_column }},
        periods.period_kind,
        periods.period,
        evidence.unit_kind,
        evidence.unit_id,
        max(evidence.numerator) as numerator,
        max(evidence.denominator) as denominator,
        max(case evidence.state when 'excluded' then 0 when 'undecidable' then 1 else 2 end) as scope
    from evidence
    inner join periods
        on evidence.month = periods.month
    group by
        evidence.indicator_id,
        evidence.variant,
        evidence.{{ entity_column }},
        periods.period_kind,
        periods.period,
        evidence.unit_kind,
        evidence.unit_id
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
        sum(case when scope = 0 then 1 else 0 end) as excluded,
        sum(case when scope = 1 then 1 else 0 end) as undecidable
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
