"""案卷合格率: reviewed files with at least 60 points and no fatal fault; excellent from 90."""

from tests.spec.world import World


def test_a_fatal_fault_fails_whatever_the_score():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        supervisions="""
            supervision_id | subject_id | kind        | done_at             | score | fatal
            V1             | S1         | file_review | 2026-10-01          | 60    | false
            V2             | S1         | file_review | 2026-10-31 23:59:59 | 59.99 | .
            V3             | S1         | file_review | 2026-10-05          | 90    | .
            V4             | S1         | file_review | 2026-10-05          | 100   | true
            V5             | S1         | file_review | 2026-10-05          | .     | false
            V6             | S1         | spot_check  | 2026-10-05          | 80    | false
            V7             | S1         | file_review | 2026-11-01          | 80    | false
        """,
    )
    assert world.evidence("file_pass_rate", "pass") == [
        ("S1", "V1", "hit", None),
        ("S1", "V2", "miss", None),
        ("S1", "V3", "hit", None),
        ("S1", "V4", "miss", None),
    ]
    assert world.counts("file_pass_rate", "excellent", "S1") == (1, 4, 0, 0)  # V3 alone
