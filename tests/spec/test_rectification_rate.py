"""问题整改率: problems put right by the day that supervision set."""

from tests.spec.world import World


def test_the_due_day_decides_the_month_and_is_in_time():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        supervisions="""
            supervision_id | subject_id | done_at    | problems | rectify_due_on | rectified_on
            V1             | S1         | 2026-08-01 | 2        | 2026-10-15     | 2026-10-15
            V2             | S1         | 2026-09-01 | 1        | 2026-10-31     | 2026-11-01
            V3             | S1         | 2026-09-01 | 1        | 2026-10-31     | .
            V4             | S1         | 2026-09-01 | 0        | 2026-10-31     | 2026-10-01
            V5             | S1         | 2026-09-01 | .        | 2026-10-31     | .
            V6             | S1         | 2026-10-01 | 1        | .              | 2026-10-02
            V7             | S1         | 2026-10-01 | 1        | 2026-11-01     | .
        """,
    )
    assert world.evidence("rectification_rate", "default") == [
        ("S1", "V1", "hit", None),
        ("S1", "V2", "miss", None),
        ("S1", "V3", "miss", None),
    ]
    assert world.counts("rectification_rate", "default", "S1") == (1, 3, 0, 0)
