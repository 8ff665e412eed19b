"""部门监督率: of the decided cases, how many were looked at by supervision."""

from tests.spec.world import World

BODY = {"subjects": "subject_id | kind\nS1 | department"}


def test_a_case_supervised_by_the_as_of_time_is_a_hit_once():
    world = World(
        "2026-10",
        as_of="2026-11-05",
        **BODY,
        cases="""
            case_id | subject_id | decision   | decided_at
            K1      | S1         | penalty    | 2026-10-01
            K2      | S1         | no_penalty | 2026-10-31 23:59:59
            K3      | S1         | penalty    | 2026-10-15
            K4      | S1         | withdrawn  | 2026-10-15
            K5      | S1         | penalty    | 2026-11-01
            K6      | S1         | .          | .
        """,
        supervisions="""
            supervision_id | kind        | subject_id | activity_kind | activity_id | done_at
            V1             | spot_check  | S1         | case          | K1          | 2026-10-20
            V2             | file_review | S1         | case          | K1          | 2026-10-21
            V3             | file_review | S1         | case          | K2          | 2026-11-05 23:59:59
            V4             | file_review | S1         | case          | K3          | 2026-11-06
            V5             | duty        | S1         | .             | .           | 2026-10-20
        """,
    )
    assert world.evidence("supervision_rate", "cases") == [
        ("S1", "K1", "hit", None),
        ("S1", "K2", "hit", None),
        ("S1", "K3", "miss", None),  # supervised the day after what this edition knows
    ]
    assert world.counts("supervision_rate", "cases", "S1") == (2, 3, 0, 0)


def test_the_reading_acts_adds_counted_inspections():
    world = World(
        "2026-10",
        **BODY,
        cases="case_id | subject_id | decision | decided_at\nX1 | S1 | penalty | 2026-10-01",
        inspections="""
            inspection_id | subject_id | mode    | object_id | result | started_at
            X1            | S1         | planned | OBJ       | pass   | 2026-10-02
            X2            | S1         | patrol  | .         | pass   | 2026-10-02
        """,
        supervisions="""
            supervision_id | subject_id | activity_kind | activity_id | done_at
            V1             | S1         | inspection    | X1          | 2026-10-20
        """,
    )
    # The case and the inspection share the number X1; the supervision was of the inspection.
    assert world.counts("supervision_rate", "acts", "S1") == (1, 1 + 1, 0, 0)
    assert world.counts("supervision_rate", "cases", "S1") == (0, 1, 0, 0)


def test_without_decided_cases_there_is_no_value():
    result = World("2026-10", **BODY).result("supervision_rate", "cases", "S1")
    assert (result["denominator"], result["value"], result["status"]) == (0, None, "none")
