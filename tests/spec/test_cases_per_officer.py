"""人均办案量: decided cases over officers on post, the same officers as in 人均执法量."""

import pytest

from tests.spec.world import World


@pytest.mark.parametrize(("variant", "officers"), [("frontline", 2), ("all", 3), ("participants", 1)])
def test_cases_are_the_decided_ones(variant, officers):
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="""
            officer_id | on_post_from | agency_id | frontline
            O1         | 2020-01-01   | A1        | true
            O2         | 2020-01-01   | A1        | true
            O3         | 2020-01-01   | A1        | false
        """,
        cases="""
            case_id | subject_id | filed_at   | decision    | decided_at
            K1      | S1         | 2026-10-05 | penalty     | 2026-10-05
            K2      | S1         | 2026-09-30 | no_penalty  | 2026-10-31 23:59:59
            K3      | S1         | 2026-10-05 | withdrawn   | 2026-10-05
            K4      | S1         | 2026-10-05 | transferred | 2026-10-05
            K5      | S1         | 2026-10-05 | .           | .
            K6      | S1         | 2026-10-05 | penalty     | 2026-11-01
        """,
        participations="activity_kind | activity_id | officer_id\ncase | K2 | O3\ncase | K1 | O3",
    )
    assert world.counts("cases_per_officer", variant, "S1") == (2, officers, 0, 0)
