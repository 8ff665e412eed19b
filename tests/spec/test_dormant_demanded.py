"""有需求未履行职权数: powers that at least 3 leads named in twelve months and nobody used. A count, of r12 alone."""

import pytest

from tests.spec.world import World


def demand(*named: tuple[str, int], day: str = "2026-05-05") -> str:
    """(matter, leads) → a table of leads to S1."""
    rows = [f"{matter}-{n} | S1 | {matter} | {day}" for matter, leads in named for n in range(leads)]
    return "\n".join(["lead_id | subject_id | matter_id | received_at", *rows])


BODY = {
    "subjects": "subject_id | kind\nS1 | street_town\nS2 | street_town",
    "matters": "matter_id | kind\nM1 | penalty\nM2 | penalty\nM3 | inspection\nM4 | penalty\nM5 | penalty",
}


def test_three_leads_and_no_act_make_a_power_dormant():
    world = World(
        "2026-10",
        **BODY,
        powers="""
            subject_id | matter_id | valid_from | valid_to
            S1         | M1        | 2020-01-01 | .
            S1         | M2        | 2020-01-01 | .
            S1         | M3        | 2020-01-01 | .
            S1         | M4        | 2025-11-01 | 2026-10-31
            S1         | M5        | 2025-11-02 | .
            S1         | M9        | 2020-01-01 | .
            S2         | M1        | 2020-01-01 | .
        """,
        leads=demand(("M1", 3), ("M2", 2), ("M3", 9), ("M4", 3), ("M5", 3), ("M9", 3)),
        inspections="""
            inspection_id | subject_id | mode    | matter_id | object_id | result | started_at
            N1            | S1         | planned | M3        | X         | pass   | 2025-11-01
        """,
        cases="""
            case_id | subject_id | matter_id | decision | decided_at
            K1      | S2         | M4        | penalty  | 2026-05-05
            K2      | S1         | M1        | penalty  | 2025-10-31
        """,
    )
    assert world.evidence("dormant_demanded", "default") == [
        ("S1", "M1", "hit", None),  # its last act was a day before the twelve months
        ("S1", "M2", "miss", None),  # two leads are not enough
        ("S1", "M3", "miss", None),  # used on the first day
        ("S1", "M4", "hit", None),  # in force from the first day to the last; another body's act does not use it
        ("S1", "M9", "undecidable", "UNKNOWN_MATTER"),  # M5 came a day late
        ("S2", "M1", "miss", None),
    ]
    assert world.counts("dormant_demanded", "default", "S1", period_kind="r12") == (2, 4, 0, 1)
    result = world.result("dormant_demanded", "default", "S1", period_kind="r12")
    # 1 of 5 undecidable is more than 5 %: two powers at least, three at most.
    assert (result["value"], result["lower"], result["upper"], result["status"]) == (2, 2, 3, "bounds")
    # A count of few is exact: no `tiny`, no interval.
    other = world.result("dormant_demanded", "default", "S2", period_kind="r12")
    assert (other["value"], other["lower"], other["upper"], other["status"]) == (0, None, None, "ok")
    assert world.result("dormant_demanded", "default", period_kind="r12")["value"] == 2


def test_a_new_row_of_the_list_does_not_interrupt_a_power_but_a_gap_does():
    world = World(
        "2026-10",
        **BODY,
        powers="""
            subject_id | matter_id | valid_from | valid_to   | duty_listed
            S1         | M1        | 2020-01-01 | 2026-03-31 | false
            S1         | M1        | 2026-04-01 | .          | true
            S1         | M2        | 2020-01-01 | 2026-03-31 | false
            S1         | M2        | 2026-04-02 | .          | true
        """,
        leads=demand(("M1", 3), ("M2", 3)),
    )
    assert world.evidence("dormant_demanded", "default") == [("S1", "M1", "hit", None)]


def test_it_is_reported_for_twelve_months_alone_and_for_every_body():
    world = World("2026-10", **BODY)
    rows = world.connection.execute(
        "select distinct period_kind, status, value from assessment.results where indicator_id = 'dormant_demanded'"
    ).fetchall()
    assert rows == [("r12", "none", None)]
    assert world.result("dormant_demanded", "default", "S2", period_kind="r12")["reason"] == "NO_UNITS"


@pytest.mark.parametrize(("day", "hits"), [("2025-10-31", 0), ("2025-11-01", 1), ("2026-10-31", 1), ("2026-11-01", 0)])
def test_leads_are_those_of_the_twelve_months(day, hits):
    world = World("2026-10", **BODY, powers="subject_id | matter_id\nS1 | M1", leads=demand(("M1", 3), day=day))
    assert world.counts("dormant_demanded", "default", "S1", period_kind="r12")[0] == hits
