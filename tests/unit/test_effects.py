"""How far failing rules could move an indicator: each way a record can stand to a unit, in a table of its own."""

from types import SimpleNamespace

import duckdb
import pytest

from expectations.effects import create_effects
from pipelines.warehouse.months import Month
from tests.spec.world import rows_of

MONTH = Month.parse("2026-10")
RULE = "rule"
ACTS = "entity | record_id | officer_id | failing_entity | failing_id"
FAILURES = "entity | subject_id | record_id | month"
EVIDENCE = (
    "variant | subject_id | month | unit_kind | unit_id | record_entity | record_id | state | numerator | denominator"
)
RESULTS = "variant | level | entity_id | period_kind | numerator | denominator"


def filled(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: str, **constants: str) -> None:
    for row in rows_of(f"{columns}\n{rows.strip()}") if rows.strip() else []:
        values = {**row, **constants}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        connection.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))


def effects(
    unit: str, *, acts: str, failures: str, evidence: str, results: str
) -> dict[tuple[str, ...], tuple[float, ...]]:
    """(variant, entity, period kind) → touched, uncounted, value, lowest, highest of one rule."""
    connection = duckdb.connect()
    connection.execute("create schema assessment")
    connection.execute(
        "create table failing_acts (expectation_id text, entity text, record_id text, officer_id text, "
        "failing_entity text, failing_id text)"
    )
    connection.execute(
        "create table described_failures (expectation_id text, entity text, subject_id text, record_id text, month date)"
    )
    connection.execute(
        "create table assessment.evidence (indicator_id text, variant text, subject_id text, month date, unit_kind text, "
        "unit_id text, record_entity text, record_id text, state text, numerator double, denominator double)"
    )
    connection.execute(
        "create table assessment.results (indicator_id text, variant text, level text, entity_id text, period_kind text, "
        "period text, numerator double, denominator double)"
    )
    filled(connection, "failing_acts", ACTS, acts, expectation_id=RULE)
    filled(connection, "described_failures", FAILURES, failures, expectation_id=RULE)
    filled(connection, "assessment.evidence", EVIDENCE, evidence, indicator_id="rate")
    filled(connection, "assessment.results", RESULTS, results, indicator_id="rate", period="2026-10")
    check = SimpleNamespace(id=RULE, indicators=("rate",), judgement=SimpleNamespace(severity="warning"))
    assert create_effects(connection, [check], [{"id": "rate", "unit": unit}], month=MONTH)  # type: ignore[list-item]
    rows = connection.execute(
        "select variant, entity_id, period_kind, touched, uncounted, value, lowest, highest from quality_effects "
        "where expectation_id = ?",
        [RULE],
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def test_a_participation_touches_the_case_it_belongs_to_and_is_not_counted_once_more():
    found = effects(
        "share",
        acts="cases | C1 | O1 | participations | P1",
        failures="participations | S1 | P1 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | case | C1 | cases | C1 | hit  | 1 | 1
            all | S1 | 2026-10-01 | case | C2 | cases | C2 | miss | 0 | 1
        """,
        results="all | subject | S1 | month | 1 | 2",
    )
    # C1 could be a miss; nothing could make C2 a hit.
    assert found == {("all", "S1", "month"): (1, 0, 1 / 2, 0 / 2, 1 / 2)}


def test_a_recording_touches_the_device_whose_use_it_shows():
    found = effects(
        "share",
        acts="recordings | R1 | . | recordings | R1\ncases | C1 | . | recordings | R1",
        failures="recordings | S1 | R1 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | device | D1 | recordings | R1 | hit  | 1 | 1
            all | S1 | 2026-10-01 | device | D2 | .          | .  | miss | 0 | 1
        """,
        results="all | subject | S1 | month | 1 | 2",
    )
    assert found == {("all", "S1", "month"): (1, 0, 1 / 2, 0 / 2, 1 / 2)}


def test_a_record_is_no_concern_of_a_variant_that_rests_on_records_of_other_kinds():
    found = effects(
        "share",
        acts="cases | C1 | . | cases | C1",
        failures="cases | S1 | C1 | 2026-10-01",
        evidence="""
            cases       | S1 | 2026-10-01 | case       | C1 | cases       | C1 | miss | 0 | 1
            cases       | S1 | 2026-10-01 | case       | C2 | cases       | C2 | miss | 0 | 1
            inspections | S1 | 2026-10-01 | inspection | I1 | inspections | I1 | hit  | 1 | 1
            inspections | S1 | 2026-10-01 | inspection | I2 | inspections | I2 | miss | 0 | 1
        """,
        results="cases | subject | S1 | month | 0 | 2\ninspections | subject | S1 | month | 1 | 2",
    )
    assert found == {("cases", "S1", "month"): (1, 0, 0 / 2, 0 / 2, 1 / 2)}


def test_a_record_that_counts_nowhere_may_be_one_unit_more_of_its_kind():
    found = effects(
        "share",
        acts="cases | C5 | . | cases | C5",
        failures="cases | S1 | C5 | 2026-10-01",
        evidence="\n".join(f"all | S1 | 2026-10-01 | case | C{n} | cases | C{n} | hit | 1 | 1" for n in range(1, 5)),
        results="all | subject | S1 | month | 4 | 4",
    )
    # A fifth case: missed 4/5, hit 5/5.
    assert found == {("all", "S1", "month"): (0, 1, 4 / 4, 4 / 5, 5 / 5)}


def test_a_record_that_counts_nowhere_may_make_a_hit_where_units_are_no_records():
    found = effects(
        "share",
        acts="cases | C9 | . | cases | C9",
        failures="cases | S1 | C9 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | matter | M1 | cases | C1 | hit  | 1 | 1
            all | S1 | 2026-10-01 | matter | M2 | .     | .  | miss | 0 | 1
        """,
        results="all | subject | S1 | month | 1 | 2",
    )
    # C9 could be the act of M2; no matter is added to the list.
    assert found == {("all", "S1", "month"): (0, 1, 1 / 2, 1 / 2, 2 / 2)}


def test_a_supervision_that_fails_may_make_a_case_a_hit_or_be_what_made_it_one():
    found = effects(
        "share",
        acts="supervisions | V1 | . | supervisions | V1",
        failures="supervisions | S1 | V1 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | case | C1 | cases | C1 | hit  | 1 | 1
            all | S1 | 2026-10-01 | case | C2 | cases | C2 | miss | 0 | 1
            all | S1 | 2026-10-01 | case | C3 | cases | C3 | miss | 0 | 1
        """,
        results="all | subject | S1 | month | 1 | 3",
    )
    assert found == {("all", "S1", "month"): (0, 1, 1 / 3, (1 - 1) / 3, (1 + 1) / 3)}


def test_an_act_of_another_kind_is_no_act_per_head():
    found = effects(
        "per_head",
        acts="inspections | I1 | . | inspections | I1",
        failures="inspections | S1 | I1 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | case    | C1 | cases | C1 | hit | 1 | 0
            all | S1 | 2026-10-01 | officer | O1 | .     | .  | hit | 0 | 1
        """,
        results="all | subject | S1 | month | 1 | 1",
    )
    assert found == {}


@pytest.mark.parametrize("state", ["excluded", "undecidable"])
def test_a_touched_unit_that_is_left_out_comes_back_in_the_worse_way(state):
    found = effects(
        "share",
        acts="cases | C2 | . | cases | C2",
        failures="cases | S1 | C2 | 2026-10-01",
        evidence=f"""
            all | S1 | 2026-10-01 | case | C1 | cases | C1 | hit     | 1 | 1
            all | S1 | 2026-10-01 | case | C2 | cases | C2 | {state} | 0 | 0
        """,
        results="all | subject | S1 | month | 1 | 1",
    )
    assert found == {("all", "S1", "month"): (1, 0, 1 / 1, 1 / 2, 2 / 2)}


def test_acts_per_head_lose_touched_acts_and_gain_uncounted_ones():
    found = effects(
        "per_head",
        acts="cases | C1 | . | cases | C1\ncases | C9 | . | cases | C9",
        failures="cases | S1 | C1 | 2026-10-01\ncases | S1 | C9 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | case    | C1 | cases | C1 | hit | 1 | 0
            all | S1 | 2026-10-01 | case    | C2 | cases | C2 | hit | 1 | 0
            all | S1 | 2026-10-01 | case    | C3 | cases | C3 | hit | 1 | 0
            all | S1 | 2026-10-01 | officer | O1 | .     | .  | hit | 0 | 1
            all | S1 | 2026-10-01 | officer | O2 | .     | .  | hit | 0 | 1
        """,
        results="all | subject | S1 | month | 3 | 2",
    )
    # Two officers; without C1 two acts, with C9 four.
    assert found == {("all", "S1", "month"): (1, 1, 3 / 2, 2 / 2, 4 / 2)}


def test_all_bodies_together_move_by_the_sum_of_theirs():
    found = effects(
        "share",
        acts="cases | C1 | . | cases | C1\ncases | C3 | . | cases | C3",
        failures="cases | S1 | C1 | 2026-10-01\ncases | S2 | C3 | 2026-10-01",
        evidence="""
            all | S1 | 2026-10-01 | case | C1 | cases | C1 | hit  | 1 | 1
            all | S1 | 2026-10-01 | case | C2 | cases | C2 | hit  | 1 | 1
            all | S2 | 2026-10-01 | case | C3 | cases | C3 | miss | 0 | 1
        """,
        results="all | subject | S1 | month | 2 | 2\nall | subject | S2 | month | 0 | 1\nall | total | total | month | 2 | 3",
    )
    assert found == {
        ("all", "S1", "month"): (1, 0, 2 / 2, 1 / 2, 2 / 2),
        ("all", "S2", "month"): (1, 0, 0 / 1, 0 / 1, 1 / 1),
        ("all", "total", "month"): (2, 0, 2 / 3, (2 - 1) / 3, (2 + 1) / 3),
    }
