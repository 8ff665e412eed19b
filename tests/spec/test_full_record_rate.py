"""全过程记录率: a record of every stage of an ordinary case (Penalty Law art. 47)."""

from tests.spec.world import World

STAGES = ("start", "evidence", "review", "decision", "service")


def recordings(**stages_of_case: tuple[str, ...]) -> str:
    rows = [
        f"{case}{number} | case | {case} | {stage} | 2026-10-05"
        for case, stages in stages_of_case.items()
        for number, stage in enumerate(stages)
    ]
    return "\n".join(["recording_id | activity_kind | activity_id | stage | started_at", *rows])


def test_every_stage_needs_a_record_and_execution_only_where_it_took_place():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        cases="""
            case_id | subject_id | procedure | decision | decided_at | executed_at
            K1      | S1         | ordinary  | penalty  | 2026-10-10 | .
            K2      | S1         | ordinary  | penalty  | 2026-10-10 | 2026-10-20
            K3      | S1         | ordinary  | penalty  | 2026-10-10 | 2026-10-20
            K4      | S1         | ordinary  | penalty  | 2026-10-10 | .
            K5      | S1         | ordinary  | penalty  | 2026-10-10 | .
            K6      | S1         | simple    | penalty  | 2026-10-10 | .
        """,
        recordings=recordings(
            K1=STAGES,
            K2=STAGES,
            K3=(*STAGES, "execution"),
            K4=("start", "start", "evidence", "review", "service"),
            K6=STAGES,
        ),
    )
    assert world.evidence("full_record_rate", "default") == [
        ("S1", "K1", "hit", None),
        ("S1", "K2", "miss", None),  # executed, and no record of it
        ("S1", "K3", "hit", None),
        ("S1", "K4", "miss", None),  # five records, but none of the decision
        ("S1", "K5", "miss", None),  # none at all
    ]
    assert world.counts("full_record_rate", "default", "S1") == (2, 5, 0, 0)


def test_a_record_of_an_inspection_of_the_same_number_is_not_the_cases():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        cases="case_id | subject_id | procedure | decision | decided_at\nX1 | S1 | ordinary | penalty | 2026-10-10",
        recordings=recordings(X1=STAGES).replace("| case |", "| inspection |"),
    )
    assert world.counts("full_record_rate", "default", "S1") == (0, 1, 0, 0)
