"""办案期限合规率: ordinary cases decided within the days that their matter allowed at filing."""

from tests.spec.world import World

BODY = {"subjects": "subject_id | kind\nS1 | department"}
MATTERS = """
    matter_id | valid_from | valid_to   | kind    | decision_days
    M1        | 2020-01-01 | .          | penalty | .
    M2        | 2020-01-01 | 2026-06-30 | penalty | 30
    M2        | 2026-07-01 | .          | penalty | 60
"""


def test_the_limit_is_that_of_the_version_in_force_at_filing():
    world = World(
        "2026-10",
        **BODY,
        matters=MATTERS,
        cases="""
            case_id | subject_id | matter_id | procedure | filed_at            | decided_at          | decision
            K1      | S1         | M1        | ordinary  | 2026-07-05 18:00:00 | 2026-10-03 23:00:00 | penalty
            K2      | S1         | M1        | ordinary  | 2026-07-05          | 2026-10-04          | no_penalty
            K3      | S1         | M2        | ordinary  | 2026-06-30          | 2026-10-01          | penalty
            K4      | S1         | M2        | ordinary  | 2026-08-05          | 2026-10-04          | penalty
            K5      | S1         | M1        | ordinary  | .                   | 2026-10-04          | penalty
            K6      | S1         | M9        | ordinary  | 2026-10-01          | 2026-10-04          | penalty
            K7      | S1         | M1        | simple    | .                   | 2026-10-04          | penalty
            K8      | S1         | M1        | ordinary  | 2026-01-01          | 2026-10-04          | withdrawn
        """,
    )
    assert world.evidence("decision_on_time_rate", "default") == [
        ("S1", "K1", "hit", None),  # 07-05 + 90 days = 10-03, that day included
        ("S1", "K2", "miss", None),  # one day later
        ("S1", "K3", "miss", None),  # filed on the last day of the 30-day version
        ("S1", "K4", "hit", None),  # 08-05 + 60 days = 10-04
        ("S1", "K5", "undecidable", "NO_FILED_AT"),
        ("S1", "K6", "undecidable", "UNKNOWN_MATTER"),
    ]
    result = world.result("decision_on_time_rate", "default", "S1")
    assert (result["numerator"], result["denominator"], result["undecidable"]) == (2, 4, 2)
    assert (result["status"], result["value"]) == ("tiny", None)


def test_a_newer_version_ends_an_open_one():
    world = World(
        "2026-10",
        **BODY,
        matters="""
            matter_id | valid_from | kind    | decision_days
            M1        | 2020-01-01 | penalty | 10
            M1        | 2026-10-01 | penalty | 60
        """,
        cases="""
            case_id | subject_id | matter_id | procedure | filed_at   | decided_at | decision
            K1      | S1         | M1        | ordinary  | 2026-10-01 | 2026-10-31 | penalty
            K2      | S1         | M1        | ordinary  | 2026-09-30 | 2026-10-31 | penalty
        """,
    )
    assert world.counts("decision_on_time_rate", "default", "S1") == (1, 2, 0, 0)  # K1 has 60 days, K2 had 10
