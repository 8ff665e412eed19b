"""Within which range a failing rule could move an indicator: the records touched, and the worst cases.

A unit of evidence is touched if the record behind it fails the rule. If every touched unit turned out to
be a miss the value would be `lowest`; if every one were a hit, and every failing record that counts
nowhere now made one more hit out of a miss, it would be `highest`. Touched units that are left out
(excluded, undecidable) come back in the worse way. The rows of expectation `*` take all rules together.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb

from expectations.contract_suite import Check, literal
from pipelines.warehouse.months import Month

FILE = "quality_effects.parquet"
ALL_RULES = "*"


def create_effects(
    connection: duckdb.DuckDBPyConnection,
    checks: Collection[Check],
    indicators: Sequence[Mapping[str, Any]],
    *,
    month: Month,
) -> bool:
    """Temporary table `quality_effects`; False, and no table, where no evidence was built.

    Reads `failing_acts`, `described_failures` and `assessment.evidence`; covers the default variant of every
    indicator, in the month. Columns: expectation_id, indicator_id, variant, level (subject, total), entity_id,
    period, records (failing, of the month), touched, touched_hits, uncounted, numerator, denominator, value,
    lowest, highest. Rows that could move nothing are left out.
    """
    built = connection.execute(
        "select count(*) from information_schema.tables where table_schema = 'assessment' and table_name = 'evidence'"
    ).fetchall()[0][0]
    declared = {one["id"]: (one["default_variant"], one["unit"]) for one in indicators}
    endangered = [
        f"({literal(check.id)}, {literal(indicator)})"
        for check in checks
        for indicator in check.indicators
        if indicator in declared and check.judgement.severity != "info"
    ]
    if not built or not endangered:
        return False
    defaults = ", ".join(
        f"({literal(name)}, {literal(variant)}, {literal(unit)})" for name, (variant, unit) in declared.items()
    )
    connection.execute(f"""
        create or replace temp table quality_effects as
        with endangered (expectation_id, indicator_id) as (values {", ".join(endangered)}),
        defaults (indicator_id, variant, unit) as (values {defaults}),
        units as (
            select e.indicator_id, e.variant, d.unit, e.subject_id, e.unit_kind, e.unit_id, e.record_entity,
                e.record_id,
                e.state, e.numerator, e.denominator
            from assessment.evidence as e
            inner join defaults as d on d.indicator_id = e.indicator_id and d.variant = e.variant
            where e.month = date '{month.first_day}'
        ),
        counted as (
            select indicator_id, variant, unit, subject_id,
                sum(numerator) filter (where state in ('hit', 'miss')) as numerator,
                sum(denominator) filter (where state in ('hit', 'miss')) as denominator,
                count(*) filter (where state = 'miss') as misses
            from units group by all
        ),
        touches as (
            select distinct f.expectation_id, u.indicator_id, u.subject_id, u.unit_kind, u.unit_id, u.state,
                u.numerator,
                u.record_entity, u.record_id
            from failing_acts as f
            inner join endangered as n on n.expectation_id = f.expectation_id
            inner join units as u
                on u.indicator_id = n.indicator_id and u.record_entity = f.entity and u.record_id = f.record_id
                and (f.officer_id is null or u.unit_kind <> 'officer' or u.unit_id = f.officer_id)
        ),
        with_all as (
            select * from touches
            union
            select '{ALL_RULES}', * exclude (expectation_id) from touches
        ),
        touched as (
            select expectation_id, indicator_id, subject_id, count(*) as touched,
                count(*) filter (where state = 'hit') as hits,
                coalesce(sum(numerator) filter (where state in ('hit', 'miss')), 0) as weight,
                count(*) filter (where state = 'miss') as misses,
                count(*) filter (where state not in ('hit', 'miss')) as others
            from (select distinct * exclude (record_entity, record_id) from with_all) group by all
        ),
        -- Failing records of the month that stand behind no unit: what they would count for is not known.
        failing as (
            select distinct d.expectation_id, n.indicator_id, d.subject_id, d.entity, d.record_id
            from described_failures as d
            inner join endangered as n on n.expectation_id = d.expectation_id
            where d.month = date '{month.first_day}' and d.subject_id is not null
        ),
        behind as (select distinct indicator_id, record_entity, record_id from touches),
        loose as (
            select f.*, b.record_id is null as is_uncounted
            from failing as f
            left join behind as b
                on b.indicator_id = f.indicator_id and b.record_entity = f.entity and b.record_id = f.record_id
        ),
        loose_with_all as (
            select * from loose
            union
            select '{ALL_RULES}', * exclude (expectation_id) from loose
        ),
        uncounted as (
            select expectation_id, indicator_id, subject_id, count(*) as records,
                count(*) filter (where is_uncounted) as uncounted
            from loose_with_all group by all
        ),
        joined as (
            select coalesce(t.expectation_id, u.expectation_id) as expectation_id, c.indicator_id, c.variant, c.unit,
                c.subject_id, coalesce(u.records, 0) as records, coalesce(t.touched, 0) as touched,
                coalesce(t.hits, 0) as hits,
                coalesce(t.weight, 0) as weight, coalesce(t.misses, 0) as touched_misses,
                coalesce(t.others, 0) as others,
                coalesce(u.uncounted, 0) as uncounted, c.numerator, c.denominator, c.misses
            from touched as t
            full outer join uncounted as u
                on u.expectation_id = t.expectation_id and u.indicator_id = t.indicator_id
                and u.subject_id = t.subject_id
            inner join counted as c
                on c.indicator_id = coalesce(t.indicator_id, u.indicator_id)
                and c.subject_id = coalesce(t.subject_id, u.subject_id)
        ),
        bounded as (
            select *,
                case when unit = 'share' then hits else weight end as down,
                case when unit = 'share' then touched_misses + others + least(uncounted, misses - touched_misses)
                    else others + uncounted end as up,
                case when unit = 'share' then others else 0 end as back
            from joined
        ),
        levels as (
            select 'subject' as level, subject_id as entity_id, * exclude (subject_id, misses) from bounded
            union all
            select 'total', 'total', b.expectation_id, b.indicator_id, b.variant, b.unit, sum(b.records),
                sum(b.touched),
                sum(b.hits), sum(b.weight), sum(b.touched_misses), sum(b.others), sum(b.uncounted),
                min(t.numerator), min(t.denominator), sum(b.down), sum(b.up), sum(b.back)
            from bounded as b
            inner join (
                select indicator_id, sum(numerator) as numerator, sum(denominator) as denominator
                from counted group by all
            ) as t on t.indicator_id = b.indicator_id
            group by b.expectation_id, b.indicator_id, b.variant, b.unit
        )
        select expectation_id, indicator_id, variant, level, entity_id, '{month}' as period,
            cast(records as bigint) as records, cast(touched as bigint) as touched,
            cast(hits as bigint) as touched_hits,
            cast(uncounted as bigint) as uncounted, numerator, denominator,
            numerator / nullif(denominator, 0) as value,
            greatest(numerator - down, 0) / nullif(denominator + back, 0) as lowest,
            case when unit = 'share' then least(numerator + up, denominator + back) else numerator + up end
                / nullif(denominator + back, 0) as highest
        from levels
        where down > 0 or up > 0 or back > 0
        order by expectation_id, indicator_id, level, entity_id
    """)
    return True
