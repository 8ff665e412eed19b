"""法制审核率: cases that need a legal review were reviewed before the decision (Penalty Law art. 58)."""

from tests.spec.world import World


def test_a_review_after_the_decision_is_no_review():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        cases="""
            case_id | subject_id | decision   | decided_at          | review_required | major | reviewed_at
            K1      | S1         | penalty    | 2026-10-10 10:00:00 | true            | .     | 2026-10-10 10:00:00
            K2      | S1         | penalty    | 2026-10-10 10:00:00 | true            | .     | 2026-10-10 10:00:01
            K3      | S1         | no_penalty | 2026-10-10 10:00:00 | false           | true  | 2026-10-09
            K4      | S1         | penalty    | 2026-10-10 10:00:00 | true            | true  | .
            K5      | S1         | penalty    | 2026-10-10 10:00:00 | false           | false | .
            K6      | S1         | penalty    | 2026-10-10 10:00:00 | .               | .     | 2026-10-01
            K7      | S1         | withdrawn  | 2026-10-10 10:00:00 | true            | true  | .
        """,
    )
    assert world.evidence("legal_review_rate", "default") == [
        ("S1", "K1", "hit", None),
        ("S1", "K2", "miss", None),
        ("S1", "K3", "hit", None),
        ("S1", "K4", "miss", None),
    ]
    assert world.counts("legal_review_rate", "default", "S1") == (2, 4, 0, 0)
