"""撤案率: of the cases that ended in any decision, those withdrawn; lower is better."""

from tests.spec.world import World


def test_every_kind_of_end_is_in_the_denominator():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        cases="""
            case_id | subject_id | filed_at   | decided_at          | decision
            K1      | S1         | 2026-09-01 | 2026-10-01          | withdrawn
            K2      | S1         | 2026-09-01 | 2026-10-31 23:59:59 | penalty
            K3      | S1         | 2026-09-01 | 2026-10-05          | no_penalty
            K4      | S1         | 2026-09-01 | 2026-10-05          | transferred
            K5      | S1         | 2026-09-01 | 2026-10-05          | .
            K6      | S1         | 2026-10-01 | .                   | .
            K7      | S1         | 2026-10-01 | 2026-11-01          | withdrawn
        """,
    )
    assert world.counts("withdrawal_rate", "default", "S1") == (1, 4, 0, 1)
    assert world.evidence("withdrawal_rate", "default")[4] == ("S1", "K5", "undecidable", "NO_DECISION")
