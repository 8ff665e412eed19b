"""合法性达标率: decided cases that fail no veto rule; what is undecidable is shown and does not fail."""

from tests.spec.world import World

WORLD = {
    "subjects": "subject_id | kind\nS1 | department",
    "matters": """
        matter_id | kind    | valid_from | fine_min | fine_max | penalty_types | penalty_articles
        M1        | penalty | 2020-01-01 | 100      | 1000     | fine          | A1
    """,
    "laws": "law_id | level\nL1 | law",
    "articles": "article_id | law_id\nA1 | L1",
    "powers": "subject_id | matter_id | valid_from | origin\nS1 | M1 | 2020-01-01 | statutory",
    "agencies": "agency_id | subject_id\nG1 | S1",
    "officers": "officer_id | agency_id | certificate_from\nO1 | G1 | 2020-01-01\nO2 | G1 | 2020-01-01",
}


def test_a_case_is_lawful_unless_a_veto_rule_fails():
    teams = {"clean": 2, "alone": 1, "fined": 2, "late": 2, "bare": 0, "spared": 2}
    world = World(
        "2026-10",
        **WORLD,
        cases="""
            case_id | subject_id | matter_id | procedure | decision   | violation_on | discovered_on | filed_at   | notified_at | review_required | decided_at | party_id | party_kind | penalty_types | fine_amount | discretion | violated_articles | penalty_articles | served_at
            clean   | S1         | M1        | ordinary  | penalty    | 2026-09-01   | 2026-09-02    | 2026-09-03 | 2026-09-10  | false           | 2026-10-09 | P1       | person     | fine          | 500         | none       | A1                | A1               | 2026-10-09
            alone   | S1         | M1        | ordinary  | penalty    | 2026-09-01   | 2026-09-02    | 2026-09-03 | 2026-09-10  | false           | 2026-10-09 | P2       | person     | fine          | 500         | none       | A1                | A1               | 2026-10-09
            fined   | S1         | M1        | ordinary  | penalty    | 2026-09-01   | 2026-09-02    | 2026-09-03 | .           | false           | 2026-10-09 | P3       | person     | fine          | 5000        | none       | A1                | A1               | 2026-10-09
            late    | S1         | M1        | ordinary  | penalty    | 2026-05-01   | 2026-05-02    | 2026-05-03 | 2026-09-10  | false           | 2026-10-09 | P4       | person     | fine          | 500         | none       | A1                | A1               | .
            bare    | S1         | M1        | ordinary  | penalty    | .            | .             | .          | .           | .               | 2026-10-09 | .        | .          | .             | .           | .          | .                 | .                | .
            spared  | S1         | M1        | ordinary  | no_penalty | .            | .             | 2026-09-03 | .           | false           | 2026-10-09 | .        | .          | .             | .           | .          | .                 | .                | .
            ended   | S1         | M1        | ordinary  | withdrawn  | .            | .             | 2026-09-03 | .           | .               | 2026-10-09 | .        | .          | .             | .           | .          | .                 | .                | .
            open    | S1         | M1        | ordinary  | .          | .            | .             | 2026-10-03 | .           | .               | .          | .        | .          | .             | .           | .          | .                 | .                | .
        """,
        participations="activity_kind | activity_id | officer_id\n"
        + "\n".join(f"case | {case} | O{n}" for case, size in teams.items() for n in range(1, size + 1)),
    )
    assert world.evidence("lawful_rate", "default") == [
        ("S1", "alone", "miss", "P03"),
        ("S1", "bare", "hit", "RULES_UNDECIDED"),  # shown, and no failure: P03, P07, P11, P12 … lack their fields
        ("S1", "clean", "hit", None),
        ("S1", "fined", "miss", "P15"),  # its missing notice (P07) is undecidable and does not add
        ("S1", "late", "hit", None),  # P01 and P02 fail, which are errors and no vetoes
        ("S1", "spared", "hit", None),
    ]
    assert world.counts("lawful_rate", "default", "S1") == (4, 6, 0, 0)
    assert dict(
        world.connection.execute(
            "select rule_id, result from rules.rule_results where record_id = 'late' and rule_id in ('P01', 'P02')"
        ).fetchall()
    ) == {"P01": "fail", "P02": "fail"}


def test_without_decided_cases_there_is_no_value():
    result = World("2026-10", **WORLD).result("lawful_rate", "default", "S1")
    assert (result["denominator"], result["value"], result["status"]) == (0, None, "none")
