"""公示及时率: penalty decisions published within 7 working days."""

from tests.spec.world import World


def test_penalties_that_stand_are_published_within_seven_working_days():
    world = World(
        "2026-10",
        as_of="2026-11-05",
        subjects="subject_id | kind\nS1 | department",
        cases="""
            case_id | subject_id | decision   | decided_at | published_at        | revoked_at
            K1      | S1         | penalty    | 2026-10-12 | 2026-10-21 18:00:00 | .
            K2      | S1         | penalty    | 2026-10-12 | 2026-10-22          | .
            K3      | S1         | penalty    | 2026-10-12 | .                   | 2026-10-30
            K4      | S1         | no_penalty | 2026-10-12 | 2026-10-13          | .
            K5      | S1         | penalty    | 2026-10-30 | .                   | .
            K6      | S1         | penalty    | 2026-10-12 | .                   | .
        """,
    )
    # Working days after Monday 10-12: 13, 14, 15, 16, 19, 20, 21.
    assert world.evidence("publication_on_time_rate", "default") == [
        ("S1", "K1", "hit", None),
        ("S1", "K2", "miss", None),  # 9 calendar days would have been within 7 + a weekend + 1
        ("S1", "K3", "excluded", "REVOKED"),
        ("S1", "K5", "excluded", "NOT_DUE"),
        ("S1", "K6", "miss", None),
    ]
    assert world.counts("publication_on_time_rate", "default", "S1") == (1, 3, 2, 0)
