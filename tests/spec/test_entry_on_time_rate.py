"""录入及时率: inspections and cases submitted within 3 calendar days of the act."""

from tests.spec.world import World


def test_the_third_day_is_in_time_on_a_weekend_too():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        inspections="""
            inspection_id | subject_id | mode    | result   | started_at          | submitted_at
            N1            | S1         | planned | pass     | 2026-10-15 08:00:00 | 2026-10-18 23:59:59
            N2            | S1         | planned | pass     | 2026-10-15 08:00:00 | 2026-10-19 00:00:00
            N3            | S1         | patrol  | .        | 2026-10-15          | 2026-10-15
            N4            | S1         | random  | no_entry | 2026-10-15          | .
            N5            | S1         | planned | pass     | 2026-10-31          | 2026-11-06
        """,
        cases="""
            case_id | subject_id | filed_at   | decided_at | decision | submitted_at
            K1      | S1         | 2026-10-05 | 2026-10-20 | penalty  | 2026-10-20
            K2      | S1         | .          | 2026-10-20 | penalty  | 2026-10-20
            K3      | S1         | .          | .          | .        | 2026-10-20
        """,
    )
    assert world.evidence("entry_on_time_rate", "default") == [
        ("S1", "K1", "miss", None),  # by its filing; K3 has no date and no month
        ("S1", "K2", "hit", None),  # without a filing by its decision
        ("S1", "N1", "hit", None),  # Thursday 15 + 3 = Sunday 18: calendar days
        ("S1", "N2", "miss", None),
        ("S1", "N3", "hit", None),  # patrols are records too
        ("S1", "N4", "undecidable", "NO_SUBMITTED_AT"),  # N5 is not known yet on 11-05
    ]
    assert world.counts("entry_on_time_rate", "default", "S1") == (3, 5, 0, 1)
