"""Whatever a small world holds, the project's SQL and the reference see the same evidence and the same results.

A short set, the same in every run: some worlds alone, more side by side. `make worlds` runs hundreds and makes the first
difference small.
"""

from datetime import date

import pytest
from hypothesis import Phase, given, settings

from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import declarations
from tests.property.equality import differences, reduced
from tests.property.worlds import SmallWorld, small_worlds
from tests.reference.indicators import VARIANTS
from tests.reference.rules import CASE_RULES, COERCION_RULES, LEAD_RULES
from tests.spec.world import rows_of


def agree(world: SmallWorld) -> None:
    if differences(world):
        smallest = reduced(world)
        raise AssertionError("\n".join([smallest.shown(), *differences(smallest)[:12]]))


@settings(max_examples=10, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
@given(small_worlds())
def test_evidence_rules_and_results_are_the_same(world: SmallWorld) -> None:
    agree(world)


@settings(max_examples=4, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
@given(small_worlds(25))
def test_and_so_they_are_in_a_hundred_worlds_side_by_side(world: SmallWorld) -> None:
    agree(world)


def test_the_reference_knows_every_indicator_and_every_rule_that_is_declared() -> None:
    assert {rule["id"] for rule in declarations("rule")} == {*CASE_RULES, *COERCION_RULES, *LEAD_RULES}
    assert {indicator["id"] for indicator in declarations("indicator")} == set(VARIANTS)


def rows(entity: str, table: str) -> list[dict[str, str | None]]:
    """The rows of an ASCII table with all fields of the entity."""
    names = [field.name for field in load_contracts().entities[entity].fields]
    return [{**dict.fromkeys(names), "_loaded_at": None, **row} for row in rows_of(table)]


def test_a_difference_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    world = SmallWorld(
        month=date(2026, 10, 1),
        as_of=None,
        rows={
            "subjects": rows("subjects", """
                subject_id | name | kind        | valid_from
                S1         | S1   | street_town | 2020-01-01
                S2         | S2   | street_town | 2020-01-01
            """),
            "inspections": rows("inspections", """
                inspection_id | subject_id | mode    | object_id | result   | started_at | problems
                N1            | S1         | planned | B1        | pass     | 2026-10-05 | 0
                N2            | S2         | planned | B1        | no_entry | 2026-10-05 | 0
                N3            | S2         | planned | B1        | pass     | 2026-10-05 | 1
            """),
        },
    )  # fmt: skip
    for row in world.rows["subjects"] + world.rows["inspections"]:
        row["_loaded_at"] = "2020-01-01"
    assert differences(world) == []

    # A reference that takes a visit which found nobody in for an inspection differs by N2, and by nothing else.
    monkeypatch.setattr("tests.reference.words.is_counted", lambda inspection: True)
    smallest = reduced(world)
    assert [(entity, [row[f"{entity[:-1]}_id"] for row in kept]) for entity, kept in smallest.rows.items()] == [
        ("subjects", ["S2"]),
        ("inspections", ["N2"]),
    ]
    assert "problems" not in smallest.shown()
    assert differences(smallest)[0] == (
        "acts_per_officer all S2 2026-10-01 inspection N2: expected [(None, 'hit', 1, 0, None)], found nothing"
    )
