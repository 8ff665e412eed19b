"""检查计划完成率: planned inspections done by the day they were due."""

from tests.spec.world import World


def test_a_plan_is_done_by_a_counted_inspection_that_names_it():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        inspection_plans="""
            plan_id | subject_id | due_on     | cancelled
            B1      | S1         | 2026-10-15 | false
            B2      | S1         | 2026-10-15 | .
            B3      | S1         | 2026-10-15 | true
            B4      | S1         | 2026-10-31 | .
            B5      | S1         | 2026-10-31 | .
            B6      | S1         | 2026-11-01 | .
        """,
        inspections="""
            inspection_id | subject_id | mode    | plan_id | object_id | result   | started_at
            N1            | S1         | planned | B1      | X         | pass     | 2026-10-15 22:00:00
            N2            | S1         | planned | B2      | X         | pass     | 2026-10-16
            N3            | S1         | planned | B3      | X         | pass     | 2026-10-15
            N4            | S1         | planned | B4      | X         | no_entry | 2026-10-30
            N5            | S1         | planned | B5      | X         | pass     | 2026-07-01
        """,
    )
    assert world.evidence("plan_completion_rate", "default") == [
        ("S1", "B1", "hit", None),
        ("S1", "B2", "miss", None),  # a day late
        ("S1", "B3", "excluded", "CANCELLED"),
        ("S1", "B4", "miss", None),  # nobody let them in
        ("S1", "B5", "hit", None),  # done early
    ]
    assert world.counts("plan_completion_rate", "default", "S1") == (2, 4, 1, 0)
