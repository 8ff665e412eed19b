"""月末集中录入, 关账后补录, 文号与日期倒序: when records are entered, and in which order decisions are numbered."""

import math

from scipy.stats import binom

from tests.spec.signal_rows import records, scopes_of, table
from tests.spec.world import World

BODIES = {"subjects": "subject_id | kind\nS1 | department\nS2 | department"}


def inspections(rows):
    return table("inspection_id | subject_id | mode | object_id | result | started_at | submitted_at", rows)


def test_everything_typed_in_on_the_last_working_day_fires():
    # October 2026 has 18 working days (holidays 1–7, the 10th is worked); the 30th, a Friday, is the last of them.
    rows = [(f"B{d}", "S1", "planned", "OBJ", "pass", f"2026-10-{d}", "2026-10-30 17:20") for d in range(12, 22)]
    rows += [
        (f"C{d}", "S2", "planned", "OBJ", "pass", f"2026-10-{d}", f"2026-10-{d} 18:00")
        for d in (*range(12, 17), *range(19, 24))
    ]
    world = World("2026-10", **BODIES, inspections=inspections(rows))
    found = scopes_of(world, "month_end_batch")
    working_days = world.connection.execute(
        "select count(*) from marts.dim_day where is_working_day and day between '2026-10-01' and '2026-10-31'"
    ).fetchone()[0]
    assert found["S1"]["statistic"] == 10 / 10
    assert math.isclose(found["S1"]["p_value"], (1 / working_days) ** 10, rel_tol=1e-9)
    assert found["S1"]["has_fired"]
    assert (found["S2"]["statistic"], found["S2"]["p_value"], found["S2"]["has_fired"]) == (0, 1, False)
    assert records(world, "month_end_batch") == sorted(f"B{d}" for d in range(12, 22))


def test_nine_entries_are_too_few_and_an_entry_without_a_time_is_none():
    rows = [(f"B{d}", "S1", "planned", "OBJ", "pass", f"2026-10-{d}", "2026-10-30 17:20") for d in range(12, 21)]
    rows += [("BX", "S1", "planned", "OBJ", "pass", "2026-10-21", None)]
    assert scopes_of(World("2026-10", **BODIES, inspections=inspections(rows)), "month_end_batch") == {}


def test_acts_of_september_entered_after_the_5th_of_october_are_late():
    # S1 entered 4 of 10 late, at the first minute after the close; S2, the yardstick, none: the floor of 5 % holds.
    late = [(f"L{n}", "S1", "patrol", None, "pass", "2026-09-15", "2026-10-06 00:00") for n in range(4)]
    just = [(f"J{n}", "S1", "patrol", None, "pass", "2026-09-15", "2026-10-05 23:59:59") for n in range(6)]
    other = [(f"O{n}", "S2", "patrol", None, "pass", "2026-09-15", "2026-09-16") for n in range(10)]
    world = World("2026-10", **BODIES, inspections=inspections(late + just + other))
    found = scopes_of(world, "back_dated_entry", "2026-09")["S1"]
    assert found["statistic"] == 4 / 10
    # P(X ≥ 4 of 10 at 5 %) = 0.00103, a hair above the threshold of 0.001.
    assert math.isclose(found["p_value"], binom.sf(3, 10, 0.05), rel_tol=1e-9)
    assert not found["has_fired"]

    five = World("2026-10", **BODIES, inspections=inspections([*late, (*just[0][:6], "2026-10-20"), *just[1:], *other]))
    found = scopes_of(five, "back_dated_entry", "2026-09")["S1"]
    assert math.isclose(found["p_value"], binom.sf(4, 10, 0.05), rel_tol=1e-9)
    assert found["has_fired"]
    assert records(five, "back_dated_entry", "2026-09") == ["J0", "L0", "L1", "L2", "L3"]


def test_what_everybody_enters_late_is_nobodys_signal():
    rows = [
        (f"{body}{n}", body, "patrol", None, "pass", "2026-09-15", "2026-10-07" if n < 5 else "2026-09-16")
        for body in ("S1", "S2")
        for n in range(10)
    ]
    found = scopes_of(World("2026-10", **BODIES, inspections=inspections(rows)), "back_dated_entry", "2026-09")
    # Half are late, as half are with the others: P(X ≥ 5 of 10 at 50 %) = 0.62.
    assert math.isclose(found["S1"]["p_value"], binom.sf(4, 10, 0.5), rel_tol=1e-9)
    assert not found["S1"]["has_fired"]


def decisions(numbers: list[tuple[str | None, str]]) -> str:
    rows = [(f"K{n:02d}", "S1", "penalty", number, decided) for n, (number, decided) in enumerate(numbers)]
    return table("case_id | subject_id | decision | document_no | decided_at", rows)


def test_numbers_lower_than_that_of_the_decision_before_are_out_of_order():
    in_order = [(f"罚〔2026〕{n:03d}号", f"2026-10-{n:02d} 09:00") for n in range(1, 10)]
    world = World(
        "2026-10",
        **BODIES,
        cases=decisions(
            [
                *in_order,
                ("罚〔2026〕020号", "2026-10-17"),
                ("罚〔2026〕012号", "2026-10-18"),  # out of order
                ("罚〔2026〕021号", "2026-10-19"),
                ("罚〔2026〕013号", "2026-10-20"),  # out of order
                ("罚〔2026〕014号", "2026-10-21"),
                ("罚〔2026〕010号", "2026-10-22"),  # out of order
                ("罚〔2026〕016号", "2026-10-23 10:00"),
                ("罚〔2026〕015号", "2026-10-23 11:00"),  # the same day has no order
                ("罚〔2025〕001号", "2026-10-24"),  # another series
                (None, "2026-10-25"),  # no number
            ]
        ),
    )
    found = scopes_of(world, "numbers_out_of_order")["S1"]
    assert found == {"subject_id": "S1", "statistic": 3 / 18, "p_value": None, "units": 18, "has_fired": True}
    assert records(world, "numbers_out_of_order") == ["K10", "K12", "K14"]
    assert not scopes_of(World("2026-10", **BODIES, cases=decisions([*in_order, ("罚〔2026〕010号", "2026-10-10")])),
                      "numbers_out_of_order")["S1"]["has_fired"]  # fmt: skip
