"""送达及时率: decisions served within 7 working days (Penalty Law arts 61, 85)."""

from tests.spec.world import World

BODY = {"subjects": "subject_id | kind\nS1 | department"}


def test_seven_working_days_pass_over_the_national_holiday():
    """2025-09-25 is a Thursday; the calendar has 10-01 to 10-08 off and works on Sunday 09-28 and Saturday 10-11.

    Working days after it: 09-26, 09-28, 09-29, 09-30, 10-09, 10-10, 10-11. The seventh is 10-11.
    """
    world = World(
        "2025-09",
        as_of="2025-10-31",
        **BODY,
        cases="""
            case_id | subject_id | decision   | decided_at          | served_at
            K1      | S1         | penalty    | 2025-09-25 17:00:00 | 2025-10-11 23:59:59
            K2      | S1         | penalty    | 2025-09-25          | 2025-10-12
            K3      | S1         | no_penalty | 2025-09-25          | 2025-09-25
            K4      | S1         | penalty    | 2025-09-25          | .
            K5      | S1         | withdrawn  | 2025-09-25          | .
            K6      | S1         | penalty    | .                   | 2025-09-26
        """,
    )
    assert world.evidence("service_on_time_rate", "default") == [
        ("S1", "K1", "hit", None),
        ("S1", "K2", "miss", None),  # the Sunday after the seventh working day is late
        ("S1", "K3", "hit", None),  # handed over on the spot
        ("S1", "K4", "miss", None),
    ]


def test_what_is_not_yet_due_is_left_out_and_what_no_calendar_reaches_is_undecidable():
    world = World(
        "2026-10",
        as_of="2026-11-05",
        **BODY,
        cases="""
            case_id | subject_id | decision | decided_at | served_at
            K1      | S1         | penalty  | 2026-10-27 | .
            K2      | S1         | penalty  | 2026-10-28 | .
            K3      | S1         | penalty  | 2026-10-28 | 2026-10-29
        """,
    )
    # The seventh working day after Tuesday 10-27 is Thursday 11-05, after 10-28 it is 11-06.
    assert world.evidence("service_on_time_rate", "default") == [
        ("S1", "K1", "miss", None),
        ("S1", "K2", "excluded", "NOT_DUE"),
        ("S1", "K3", "hit", None),
    ]
    beyond = World(
        "2099-10",
        **BODY,
        cases="case_id | subject_id | decision | decided_at | served_at\nK1 | S1 | penalty | 2099-10-05 | 2099-10-05",
    )
    assert beyond.evidence("service_on_time_rate", "default") == [("S1", "K1", "undecidable", "OUTSIDE_CALENDAR")]
    assert beyond.counts("service_on_time_rate", "default", "S1") == (0, 0, 0, 1)
