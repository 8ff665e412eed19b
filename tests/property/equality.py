"""One small world computed twice, by the project's SQL and by the reference, and where they differ."""

from datetime import date
from typing import Any

from pipelines.contract.loader import load_contracts
from tests.property.worlds import SmallWorld
from tests.reference.compare import evidence_differences, result_differences
from tests.reference.exports import Row
from tests.reference.indicators import VARIANTS, evidence
from tests.reference.periods import default_as_of
from tests.reference.records import Records, records
from tests.reference.results import Result, results
from tests.reference.rules import CASE_RULES, COERCION_RULES, LEAD_RULES, judged
from tests.reference.tables import rows_of_strings
from tests.spec.world import World


def reference_records(world: SmallWorld) -> Records:
    """The records that count, as the reference sees them."""
    rows: dict[str, list[Row]] = {}
    for entity in load_contracts().entities:
        rows[entity] = rows_of_strings(entity, world.rows.get(entity, []))
    return records(rows, world.as_of or default_as_of(world.month))


def computed_by_sql(world: SmallWorld) -> World:
    """The world in DuckDB, up to the results."""
    as_of = None if world.as_of is None else world.as_of.isoformat()
    return World(f"{world.month:%Y-%m}", as_of, until="results", **world.rows)


def relation(world: World, name: str) -> list[dict[str, Any]]:
    """All rows of a relation."""
    found = world.connection.execute(f"select * from {name}")
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def rule_differences(known: Records, month: date, rows: list[dict[str, Any]]) -> list[str]:
    """Where the results of the statutory rules differ, of the rules that the reference computes."""
    first = month.year * 12 + month.month - 1 - 12
    months = {date(number // 12, number % 12 + 1, 1) for number in range(first, first + 13)}
    expected = judged(known, months)
    rules = {*CASE_RULES, *COERCION_RULES, *LEAD_RULES}
    found = {(row["rule_id"], row["record_id"]): row["result"] for row in rows if row["rule_id"] in rules}
    return [
        f"rule {rule} {record}: expected {expected.get((rule, record))}, found {found.get((rule, record))}"
        for rule, record in sorted(expected.keys() | found.keys())
        if expected.get((rule, record)) != found.get((rule, record))
    ]


def differences(world: SmallWorld) -> list[str]:
    """Where SQL and reference differ: evidence first, then results; empty if they agree."""
    known = reference_records(world)
    mine = evidence(known, world.month)
    expected: list[Result] = results(mine, known.subjects, world.month)
    sql = computed_by_sql(world)
    try:
        both = {row["indicator_id"] for row in relation(sql, "assessment.dim_indicator")} & set(VARIANTS)
        found = evidence_differences(mine, relation(sql, "assessment.evidence"), both)
        found += rule_differences(known, world.month, relation(sql, "rules.rule_results"))
        return found + result_differences(expected, relation(sql, "assessment.results"))
    finally:
        sql.connection.close()


def reduced(world: SmallWorld) -> SmallWorld:
    """The world with every row and every field left out without which SQL and reference still differ in the same way."""
    if not (first := differences(world)):
        return world
    what = first[0].split(" ", 2)[:2]

    def still_differs(smaller: SmallWorld) -> bool:
        return any(line.split(" ", 2)[:2] == what for line in differences(smaller))

    size = max(1, sum(map(len, world.rows.values())) // 4)
    while size:
        places = [(entity, number) for entity, rows in world.rows.items() for number in range(len(rows))]
        start = 0
        while start < len(places):
            gone = set(places[start : start + size])
            kept = {
                entity: [row for number, row in enumerate(rows) if (entity, number) not in gone]
                for entity, rows in world.rows.items()
            }
            if still_differs(world.with_rows(kept)):
                world = world.with_rows(kept)
                places = [(entity, number) for entity, rows in world.rows.items() for number in range(len(rows))]
            else:
                start += size
        size //= 2
    return _with_fewer_fields(world, still_differs)


def _with_fewer_fields(world: SmallWorld, still_differs: Any) -> SmallWorld:
    for entity, rows in world.rows.items():
        required = {field.name for field in load_contracts().entities[entity].required_fields} | {"_loaded_at"}
        for number, row in enumerate(rows):
            for name in [name for name, cell in row.items() if cell is not None and name not in required]:
                emptied = {**world.rows[entity][number], name: None}
                changed = [*world.rows[entity]]
                changed[number] = emptied
                smaller = world.with_rows({**world.rows, entity: changed})
                if still_differs(smaller):
                    world = smaller
    return world
