"""检查发现率: counted inspections that found a problem; neither high nor low is good in itself."""

from tests.spec.world import World


def test_only_inspections_with_an_object_and_a_result_count():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        inspections="""
            inspection_id | subject_id | mode    | object_id | result     | started_at
            N1            | S1         | planned | X         | problem    | 2026-10-05
            N2            | S1         | random  | X         | rectify    | 2026-10-05
            N3            | S1         | planned | X         | case_filed | 2026-10-05
            N4            | S1         | planned | X         | pass       | 2026-10-05
            N5            | S1         | patrol  | .         | problem    | 2026-10-05
            N6            | S1         | planned | X         | no_entry   | 2026-10-05
            N7            | S1         | planned | .         | problem    | 2026-10-05
            N8            | S1         | planned | X         | .          | 2026-10-05
        """,
    )
    assert world.counts("inspection_yield", "default", "S1") == (3, 4, 0, 0)
