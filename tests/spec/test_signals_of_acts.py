"""象征性履职, 一人同时在两地, 空壳检查, 检查从不发现问题, 无记录月份: patterns among acts."""

import math

from scipy.stats import binom, poisson

from tests.spec.signal_rows import records, scopes_of, table
from tests.spec.world import World

BODIES = {"subjects": "subject_id | kind\nS1 | department\nS2 | department"}


def test_one_minor_act_a_matter_all_in_the_last_month():
    # S1 used five matters once, all in October and on the spot. S2 did the rest of the year's work, evenly.
    token = [(f"T{n}", "S1", f"M{n}", "penalty", "simple", "2026-10-28") for n in range(5)]
    steady = [
        (f"E{n}", "S2", "M9", "penalty", "ordinary", f"{year}-{month:02d}-10")
        for n, (year, month) in enumerate([(2025, 11), (2025, 12), *((2026, m) for m in range(1, 11))] * 10)
    ]
    head = "case_id | subject_id | matter_id | decision | procedure | decided_at"
    world = World("2026-10", **BODIES, cases=table(head, token + steady))
    found = scopes_of(world, "token_performance")["S1"]
    # The last month has 10 + 5 of 120 + 5 acts, 12 % > 1/12: 0.12^5 = 0.0000249.
    assert math.isclose(found["p_value"], (15 / 125) ** 5, rel_tol=1e-9)
    assert (found["units"], found["has_fired"]) == (5, True)
    assert records(world, "token_performance") == ["T0", "T1", "T2", "T3", "T4"]

    serious = [(*row[:4], "ordinary", row[5]) for row in token]
    fined = World("2026-10", **BODIES, cases=table(head + " | fine_amount", [(*r, 5000) for r in serious + steady]))
    assert not scopes_of(fined, "token_performance")["S1"]["has_fired"]  # an ordinary procedure with a fine is no token


OFFICERS = {
    "agencies": "agency_id | subject_id\nA1 | S1",
    "officers": "officer_id | agency_id | on_post_from | certificate_from\nO1 | A1 | 2020-01-01 | 2020-01-01",
}


def visits(rows: list[tuple[str, str | None, str, str | None]]) -> dict[str, str]:
    """(inspection, area, start, end), all by officer O1."""
    return {
        "inspections": table(
            "inspection_id | subject_id | mode | object_id | result | area_code | started_at | ended_at",
            [(i, "S2", "planned", "OBJ", "pass", area, start, end) for i, area, start, end in rows],
        ),
        "participations": table(
            "activity_kind | activity_id | officer_id", [("inspection", row[0], "O1") for row in rows]
        ),
    }


def test_one_officer_in_two_places_at_once():
    world = World(
        "2026-10",
        **BODIES,
        **OFFICERS,
        **visits(
            [
                ("I1", "120116001", "2026-10-12 09:00", "2026-10-12 11:00"),
                ("I2", "120116002", "2026-10-12 10:00", "2026-10-12 10:30"),  # elsewhere, inside I1
                (
                    "I3",
                    "120116001",
                    "2026-10-12 10:15",
                    "2026-10-12 10:45",
                ),  # elsewhere than I2, in the same place as I1
                ("I4", "120116003", "2026-10-12 11:00", "2026-10-12 12:00"),  # begins when I1 has ended
                ("I5", "120116004", "2026-10-13 09:00", None),  # no end
                ("I6", "120116005", "2026-10-13 09:00", "2026-10-13 22:00"),  # 13 hours: a mistake
                ("I7", None, "2026-10-13 09:00", "2026-10-13 10:00"),  # no place
                ("I8", "120116006", "2026-10-13 09:00", "2026-10-13 10:00"),
            ]
        ),
    )
    found = scopes_of(world, "name_lending")["O1"]
    # I1–I2 and I2–I3, of I1, I2, I3, I4 and I8. The body is the officer's own, whoever's inspection it was.
    assert found == {"subject_id": "S1", "statistic": 2, "p_value": None, "units": 5, "has_fired": True}
    assert records(world, "name_lending") == ["I1", "I2", "I3"]


def test_a_visit_that_found_nobody_in_is_a_place_too():
    tables = visits(
        [
            ("I1", "120116001", "2026-10-12 09:00", "2026-10-12 11:00"),
            ("I2", "120116002", "2026-10-12 10:00", "2026-10-12 10:30"),
        ]
    )
    tables["inspections"] = tables["inspections"].replace("| pass |", "| no_entry |")
    world = World("2026-10", **BODIES, **OFFICERS, **tables)
    assert records(world, "name_lending") == ["I1", "I2"]


def test_visits_one_after_the_other_are_no_sign():
    rows = [(f"I{n}", f"12011600{n}", f"2026-10-12 {9 + n:02d}:00", f"2026-10-12 {10 + n:02d}:00") for n in range(5)]
    assert scopes_of(World("2026-10", **BODIES, **OFFICERS, **visits(rows)), "name_lending") == {}


def test_a_visit_without_a_time_of_day_shows_nobody_in_two_places():
    rows = [
        ("I1", "120116001", "2026-10-12", "2026-10-12 11:00"),
        ("I2", "120116002", "2026-10-12 09:00", "2026-10-12 10:00"),
        ("I3", "120116003", "2026-10-12 09:00", "2026-10-13"),
    ]
    assert scopes_of(World("2026-10", **BODIES, **OFFICERS, **visits(rows)), "name_lending") == {}


def test_empty_inspections_have_no_object_no_result_or_take_no_time():
    head = "inspection_id | subject_id | mode | object_id | object_name | result | started_at | ended_at"
    full = [
        (f"F{n}", body, "planned", "OBJ", None, "pass", "2026-10-12 09:00", "2026-10-12 09:02")
        for n, body in enumerate(["S1"] * 6 + ["S2"] * 20)
    ]
    empty = [
        ("E1", "S1", "planned", None, None, "pass", "2026-10-12 09:00", None),
        ("E2", "S1", "planned", "OBJ", None, None, "2026-10-12 09:00", None),
        ("E3", "S1", "planned", "OBJ", None, "pass", "2026-10-12 09:00", "2026-10-12 09:01:59"),
        ("E4", "S1", "planned", "OBJ", None, "pass", "2026-10-12 09:00", "2026-10-12 09:00"),
        ("E5", "S1", "planned", None, None, "problem", "2026-10-12 09:00", None),
    ]
    unlike = [
        ("U1", "S1", "planned", None, "某人", "pass", "2026-10-12 09:00", None),  # a person has a name and no code
        ("U2", "S1", "patrol", None, None, "pass", "2026-10-12 09:00", None),
        ("U3", "S1", "planned", None, None, "no_entry", "2026-10-12 09:00", None),
        ("U4", "S1", "planned", "OBJ", None, "pass", "2026-10-12", "2026-10-12"),  # dates alone tell no length
    ]
    world = World("2026-10", **BODIES, inspections=table(head, full + empty + unlike))
    found = scopes_of(world, "empty_inspections")["S1"]
    # 5 of 6 + 5 + 2 = 13, where the others have none and 5 % is the floor.
    assert (found["statistic"], found["units"]) == (5 / 13, 13)
    assert math.isclose(found["p_value"], binom.sf(4, 13, 0.05), rel_tol=1e-9)
    assert found["has_fired"]
    assert records(world, "empty_inspections") == ["E1", "E2", "E3", "E4", "E5"]


def test_many_inspections_that_find_nothing():
    def world(found_by_others):
        rows = [(f"A{n:03d}", "S1", "planned", "OBJ", "pass", "2026-10-12") for n in range(100)]
        rows += [
            (f"B{n:03d}", "S2", "planned", "OBJ", "problem" if n < found_by_others else "pass", "2026-10-12")
            for n in range(100)
        ]
        return World(
            "2026-10", **BODIES,
            inspections=table("inspection_id | subject_id | mode | object_id | result | started_at", rows),
        )  # fmt: skip

    # The others found 28 in 100; a quarter of that are 7 expected: exp(−7) = 0.0009.
    found = scopes_of(world(28), "no_problem_inspections")["S1"]
    assert math.isclose(found["p_value"], math.exp(-7), rel_tol=1e-9)
    assert (found["statistic"], found["has_fired"]) == (0, True)
    assert not scopes_of(world(27), "no_problem_inspections")["S1"]["has_fired"]  # exp(−6.75) = 0.0012


def test_a_silent_month_after_busy_ones():
    # S1: 7 patrols a month from April to September and none in October. S2: 10 a month, also in October.
    rows = [
        (f"{body}-{month}-{n}", body, "patrol", "pass", f"2026-{month:02d}-{n + 1:02d} 09:00")
        for body, months, count in (("S1", range(4, 10), 7), ("S2", range(4, 11), 10))
        for month in months
        for n in range(count)
    ]
    head = "inspection_id | subject_id | mode | result | started_at"
    world = World("2026-10", **BODIES, inspections=table(head, rows))
    found = scopes_of(world, "silent_months")["S1"]
    # Expected 42 · 10 / 60 = 7: exp(−7) = 0.0009. The record is the last one before the silence.
    assert found["units"] == 42
    assert math.isclose(found["p_value"], poisson.cdf(0, 7), rel_tol=1e-9)
    assert found["has_fired"]
    assert records(world, "silent_months") == ["S1-9-6"]
    assert not scopes_of(world, "silent_months")["S2"]["has_fired"]

    # If all the others fell silent too, it is the season: expected 42 · 1 / 60.
    quiet = [row for row in rows if not (row[1] == "S2" and row[4] >= "2026-10-02")]
    assert not scopes_of(World("2026-10", **BODIES, inspections=table(head, quiet)), "silent_months")["S1"]["has_fired"]


def test_a_body_not_in_force_is_not_silent():
    rows = [(f"I{m}-{n}", "S1", "patrol", "pass", f"2026-{m:02d}-10") for m in range(4, 10) for n in range(9)]
    world = World(
        "2026-10",
        subjects="subject_id | kind | valid_to\nS1 | department | 2026-10-15",
        inspections=table("inspection_id | subject_id | mode | result | started_at", rows),
    )
    assert scopes_of(world, "silent_months") == {}
