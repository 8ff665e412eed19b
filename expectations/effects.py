"""Within which range a failing rule could move an indicator: the records touched, and the worst cases.

A unit of evidence is touched if the record behind it fails the rule. If every touched unit turned out to
be a miss the value would be `lowest`, if every one were a hit `highest`. Touched units that are left out
(excluded, undecidable) come back in the worse way. So does a failing record that counts nowhere now: where
the units are records of its kind it may be one unit more, else it may make a hit out of a miss. A record
of a kind that no unit of the indicator names (a plan's inspections, a case's supervision) may count already:
it may make a hit out of a miss or a miss out of a hit. It is no act more per head, and where a variant rests
on records of other kinds than the indicator's other variants do, it is no concern of it.
Over twelve months a unit is a hit if any month is, so that it falls only if every month in which it is one
is touched. The rows of expectation `*` take all rules together. An index has no such range: it is no ratio
of units (evenness), and is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from expectations.completeness import write_relation
from expectations.contract_suite import Check, literal
from pipelines.warehouse.months import Month

FILE = "quality_effects.parquet"
ALL_RULES = "*"
#: A record of these is never a unit: it says something of its activity.
OF_ACTIVITIES = ("participations", "recordings", "documents")
#: The tables of an audit that effects are computed from, beside what was built.
OF_THE_AUDIT = ("failing_acts", "described_failures")
#: Periods with a range: the month assessed and the twelve months that a scheme scores.
PERIOD_KINDS = {"month": 1, "r12": 12}


def keep_failures(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Keep what effects need of an audit that ran before evidence was built."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in OF_THE_AUDIT:
        write_relation(connection, f"from {table}", folder / f"{table}.parquet")


def recall_failures(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The temporary tables that `keep_failures` kept."""
    for table in OF_THE_AUDIT:
        path = literal((folder / f"{table}.parquet").as_posix())
        connection.execute(f"create or replace temp table {table} as from read_parquet({path})")


def write_effects(
    connection: duckdb.DuckDBPyConnection,
    checks: Collection[Check],
    indicators: Sequence[Mapping[str, Any]],
    folder: Path,
    *,
    month: Month,
) -> None:
    """`quality_effects.parquet` in `folder`, where there is anything to say."""
    if create_effects(connection, checks, indicators, month=month):
        write_relation(connection, "from quality_effects", folder / FILE)


def create_effects(
    connection: duckdb.DuckDBPyConnection,
    checks: Collection[Check],
    indicators: Sequence[Mapping[str, Any]],
    *,
    month: Month,
) -> bool:
    """Temporary tables `touches` and `quality_effects`; False, and neither, where no evidence or no results were built.

    Reads `failing_acts`, `described_failures`, `assessment.evidence` and `assessment.results`; covers every
    variant of every indicator in the month and in the twelve months that end with it, as far as results report
    them. Columns: expectation_id, indicator_id, variant, level (subject, total), entity_id, period_kind, period,
    records (failing, of the period), touched, touched_hits, uncounted, numerator, denominator, value, lowest,
    highest. Rows that could move nothing are left out.
    """
    built = connection.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'assessment' and table_name in ('evidence', 'results')"
    ).fetchall()[0][0]
    units = {one["id"]: one["unit"] for one in indicators if one["unit"] != "index"}
    endangered = [
        (check.id, indicator)
        for check in checks
        for indicator in check.indicators
        if indicator in units and check.judgement.severity != "info"
    ]
    if built < 2 or not endangered:
        return False
    rules = "select expectation_id from failing_acts union select expectation_id from described_failures"
    failed = {row[0] for row in connection.execute(rules).fetchall()}
    # Of some 2,500 pairs few are of a rule that a record fails; where none does, any pair finds nothing.
    pairs = [pair for pair in endangered if pair[0] in failed] or endangered[:1]
    values = ", ".join(f"({literal(rule)}, {literal(indicator)})" for rule, indicator in pairs)
    declared = ", ".join(f"({literal(name)}, {literal(unit)})" for name, unit in units.items())
    periods = ", ".join(
        f"({literal(kind)}, date '{month.plus(1 - months).first_day}')" for kind, months in PERIOD_KINDS.items()
    )
    of_activities = ", ".join(map(literal, OF_ACTIVITIES))
    evidence = (
        "select * from assessment.evidence where month between "
        f"date '{month.plus(1 - max(PERIOD_KINDS.values())).first_day}' and date '{month.first_day}'"
    )
    # A table of its own: joined as a part of one statement, it is taken for large, and all evidence is held in memory.
    connection.execute(f"""
        create or replace temp table touches as
        with endangered (expectation_id, indicator_id) as (values {values}),
        evidence as not materialized ({evidence})
        select distinct f.expectation_id, e.indicator_id, e.variant, e.subject_id, e.unit_kind, e.unit_id, e.month,
            f.failing_entity, f.failing_id
        from failing_acts as f
        inner join endangered as n on n.expectation_id = f.expectation_id
        inner join evidence as e
            on e.indicator_id = n.indicator_id and e.record_entity = f.entity and e.record_id = f.record_id
            and (f.officer_id is null or e.unit_kind <> 'officer' or e.unit_id = f.officer_id)
    """)
    connection.execute(f"""
        create or replace temp table quality_effects as
        with endangered (expectation_id, indicator_id) as (values {values}),
        declared (indicator_id, unit) as (values {declared}),
        periods (period_kind, first_month) as (values {periods}),
        reported as (
            select r.indicator_id, r.variant, d.unit, r.level, r.entity_id, r.period_kind, p.first_month,
                r.numerator, r.denominator
            from assessment.results as r
            inner join declared as d on d.indicator_id = r.indicator_id
            inner join periods as p on p.period_kind = r.period_kind
            where r.period = '{month}' and r.level in ('subject', 'total')
        ),
        evidence as not materialized ({evidence}),
        touches_with_all as (
            select * from touches
            union
            select '{ALL_RULES}', * exclude (expectation_id) from touches
        ),
        touched_months as (
            select distinct expectation_id, indicator_id, variant, subject_id, unit_kind, unit_id, month
            from touches_with_all
        ),
        touched_units as (select distinct * exclude (month) from touched_months),
        -- A unit by period: what it counts now, and what is left of it if every touched month were none.
        units as (
            select u.expectation_id, u.indicator_id, u.variant, u.subject_id, u.unit_kind, u.unit_id, p.period_kind,
                max(e.numerator) filter (where e.state in ('hit', 'miss')) as numerator,
                coalesce(
                    max(e.numerator) filter (where e.state in ('hit', 'miss') and m.month is null), 0
                ) as untouched,
                max(e.denominator) filter (where e.state in ('hit', 'miss')) as denominator,
                bool_or(e.state in ('hit', 'miss')) as counts
            from touched_units as u
            inner join evidence as e
                on e.indicator_id = u.indicator_id and e.variant = u.variant and e.subject_id = u.subject_id
                and e.unit_kind = u.unit_kind and e.unit_id = u.unit_id
            inner join periods as p on e.month >= p.first_month
            left join touched_months as m
                on m.expectation_id = u.expectation_id and m.indicator_id = u.indicator_id and m.variant = u.variant
                and m.subject_id = u.subject_id and m.unit_kind = u.unit_kind and m.unit_id = u.unit_id
                and m.month = e.month
            group by all
            having bool_or(m.month is not null)
        ),
        touched as (
            select expectation_id, indicator_id, variant, subject_id, period_kind, count(*) as touched,
                count(*) filter (where counts and numerator > 0) as hits,
                coalesce(sum(numerator - untouched) filter (where counts), 0) as down,
                coalesce(sum(denominator) filter (where counts and numerator = 0), 0) as misses,
                count(*) filter (where not counts) as others
            from units group by all
        ),
        -- On records of which kinds a variant rests, and whether each of them is a unit of its own.
        kinds as (
            select indicator_id, variant, record_entity, bool_and(unit_id = record_id) as is_unit
            from evidence where record_entity is not null group by all
        ),
        of_indicators as (select distinct indicator_id, record_entity from kinds),
        stands_for as (select distinct failing_entity, failing_id, entity from failing_acts),
        failing as (
            select distinct d.expectation_id, n.indicator_id, r.variant, d.subject_id, r.period_kind, d.entity,
                d.record_id, bool_or(k.record_entity is not null) as is_of_variant, bool_or(k.is_unit) as is_unit,
                bool_or(i.record_entity is not null) as is_of_indicator
            from described_failures as d
            inner join endangered as n on n.expectation_id = d.expectation_id
            inner join reported as r
                on r.indicator_id = n.indicator_id and r.level = 'subject' and r.entity_id = d.subject_id
                and d.month between r.first_month and date '{month.first_day}'
            left join stands_for as s on s.failing_entity = d.entity and s.failing_id = d.record_id
            left join kinds as k
                on k.indicator_id = n.indicator_id and k.variant = r.variant and k.record_entity = s.entity
            left join of_indicators as i on i.indicator_id = n.indicator_id and i.record_entity = s.entity
            group by all
            having is_of_variant or (not is_of_indicator and any_value(r.unit) <> 'per_head')
        ),
        behind as (select distinct indicator_id, variant, failing_entity, failing_id from touches),
        -- What a failing record of the period that stands behind no unit would count for is not known.
        loose as (
            select f.expectation_id, f.indicator_id, f.variant, f.subject_id, f.period_kind, f.entity, f.record_id,
                b.failing_id is null as is_uncounted, b.failing_id is null and not f.is_of_variant as may_count,
                b.failing_id is null and coalesce(f.is_unit, false) and f.entity not in ({of_activities}) as is_new_unit
            from failing as f
            left join behind as b
                on b.indicator_id = f.indicator_id and b.variant = f.variant
                and b.failing_entity = f.entity and b.failing_id = f.record_id
        ),
        loose_with_all as (
            select * from loose
            union
            select '{ALL_RULES}', * exclude (expectation_id) from loose
        ),
        uncounted as (
            select expectation_id, indicator_id, variant, subject_id, period_kind, count(*) as records,
                count(*) filter (where is_uncounted) as uncounted,
                count(*) filter (where is_new_unit) as new_units, count(*) filter (where may_count) as may_count
            from loose_with_all group by all
        ),
        joined as (
            select coalesce(t.expectation_id, u.expectation_id) as expectation_id, r.indicator_id, r.variant, r.unit,
                r.entity_id, r.period_kind, coalesce(u.records, 0) as records, coalesce(t.touched, 0) as touched,
                coalesce(t.hits, 0) as hits, coalesce(t.down, 0) as down, coalesce(t.misses, 0) as misses,
                coalesce(u.may_count, 0) as may_count,
                coalesce(t.others, 0) as others, coalesce(u.uncounted, 0) as uncounted,
                case when r.unit = 'share' then coalesce(u.new_units, 0) else 0 end as new_units,
                r.numerator, r.denominator
            from touched as t
            full outer join uncounted as u
                on u.expectation_id = t.expectation_id and u.indicator_id = t.indicator_id and u.variant = t.variant
                and u.subject_id = t.subject_id and u.period_kind = t.period_kind
            inner join reported as r
                on r.level = 'subject' and r.indicator_id = coalesce(t.indicator_id, u.indicator_id)
                and r.variant = coalesce(t.variant, u.variant) and r.entity_id = coalesce(t.subject_id, u.subject_id)
                and r.period_kind = coalesce(t.period_kind, u.period_kind)
        ),
        bounded as (
            select * exclude (down, misses, may_count, others, new_units),
                -- Of a number of powers nobody knows which way a record that counts nowhere would move it.
                case
                    when unit = 'count' then least(down + uncounted, numerator)
                    when unit = 'share' then least(down + may_count, numerator)
                    else down
                end as down,
                case
                    when unit = 'per_head' then others + uncounted
                    else misses + others + new_units
                        + greatest(least(uncounted - new_units, denominator - numerator - misses), 0)
                end as up,
                case when unit = 'per_head' then 0 else others + new_units end as back
            from joined
        ),
        levels as (
            select 'subject' as level, * from bounded
            union all
            select 'total', b.expectation_id, b.indicator_id, b.variant, b.unit, 'total', b.period_kind,
                sum(b.records), sum(b.touched), sum(b.hits), sum(b.uncounted), min(r.numerator), min(r.denominator),
                sum(b.down), sum(b.up), sum(b.back)
            from bounded as b
            inner join reported as r
                on r.level = 'total' and r.indicator_id = b.indicator_id and r.variant = b.variant
                and r.period_kind = b.period_kind
            group by b.expectation_id, b.indicator_id, b.variant, b.unit, b.period_kind
        ),
        divided as (
            select *,
                case when unit = 'count' then 1 else nullif(denominator, 0) end as divisor,
                case when unit = 'count' then 1 else nullif(denominator + back, 0) end as divisor_with_back,
                case
                    when unit = 'per_head' then numerator + up else least(numerator + up, denominator + back)
                end as most
            from levels
        )
        select expectation_id, indicator_id, variant, level, entity_id, period_kind, '{month}' as period,
            cast(records as bigint) as records, cast(touched as bigint) as touched,
            cast(hits as bigint) as touched_hits, cast(uncounted as bigint) as uncounted,
            numerator, denominator,
            numerator / divisor as value,
            greatest(numerator - down, 0) / divisor_with_back as lowest,
            most / divisor_with_back as highest
        from divided
        where down > 0 or up > 0 or back > 0
        order by expectation_id, indicator_id, variant, level, entity_id, period_kind
    """)
    return True
