"""人均检查量: counted inspections over officers on post, the same officers as in 人均执法量."""

import pytest

from tests.spec.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="""
            officer_id | on_post_from | agency_id | frontline
            O1         | 2020-01-01   | A1        | true
            O2         | 2020-01-01   | A1        | true
            O3         | 2020-01-01   | A1        | false
        """,
        inspections="""
            inspection_id | subject_id | mode    | object_id | result   | started_at
            N1            | S1         | planned | X         | pass     | 2026-10-05
            N2            | S1         | planned | X         | no_entry | 2026-10-05
            N3            | S1         | patrol  | .         | pass     | 2026-10-05
        """,
        cases="""
            case_id | subject_id | decision   | decided_at
            K1      | S1         | penalty    | 2026-10-05
            K2      | S1         | no_penalty | 2026-10-05
            K3      | S1         | withdrawn  | 2026-10-05
        """,
        coercions="coercion_id | subject_id | imposed_at\nE1 | S1 | 2026-10-05",
        participations="activity_kind | activity_id | officer_id\ninspection | N3 | O3",
    )


@pytest.mark.parametrize(("variant", "officers"), [("frontline", 2), ("all", 3), ("participants", 1)])
def test_inspections_are_the_counted_ones(world, variant, officers):
    assert world.counts("inspections_per_officer", variant, "S1") == (1, officers, 0, 0)


def test_the_parts_and_the_coercions_make_the_whole(world):
    parts = [world.counts(f"{kind}_per_officer", "all", "S1")[0] for kind in ("inspections", "cases")]
    assert world.counts("acts_per_officer", "all", "S1")[0] == sum(parts) + 1
