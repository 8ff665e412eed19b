"""双人执法率: two officers with a certificate valid on the case date (Penalty Law art. 42)."""

from tests.spec.world import World


def test_a_certificate_must_be_valid_on_the_case_date():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="""
            officer_id | on_post_from | agency_id | certificate_from | certificate_to
            O1         | 2020-01-01   | A1        | 2020-01-01       | .
            O2         | 2020-01-01   | A1        | 2020-01-01       | 2026-10-05
            O3         | 2020-01-01   | A1        | 2026-10-06       | .
            O3         | 2026-01-01   | A1        | 2026-10-06       | .
        """,
        cases="""
            case_id | subject_id | filed_at   | decided_at | decision
            K1      | S1         | 2026-10-05 | 2026-10-20 | penalty
            K2      | S1         | 2026-10-06 | 2026-10-20 | penalty
            K3      | S1         | .          | 2026-10-06 | penalty
            K4      | S1         | 2026-10-05 | 2026-10-20 | penalty
            K5      | S1         | 2026-10-05 | 2026-10-20 | penalty
            K6      | S1         | 2025-01-05 | 2026-10-20 | penalty
        """,
        participations="""
            activity_kind | activity_id | officer_id
            case          | K1          | O1
            case          | K1          | O2
            case          | K2          | O1
            case          | K2          | O2
            case          | K3          | O1
            case          | K3          | O3
            case          | K4          | O1
            case          | K4          | O9
            inspection    | K5          | O1
            inspection    | K5          | O2
            case          | K6          | O1
            case          | K6          | O2
        """,
    )
    assert world.evidence("two_officer_rate", "default") == [
        ("S1", "K1", "hit", None),  # O2's certificate holds through its last day
        ("S1", "K2", "miss", None),  # and not on the day after
        ("S1", "K3", "hit", None),  # without a filing the day of the decision; two postings of O3 are one officer
        ("S1", "K4", "miss", None),  # the ledger does not know O9
        ("S1", "K5", "miss", None),  # the participations are an inspection's
        ("S1", "K6", "hit", None),  # filed long before the months reported
    ]


def test_one_officer_named_twice_is_one():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="officer_id | on_post_from | agency_id\nO1 | 2020-01-01 | A1",
        cases="case_id | subject_id | decided_at | decision\nK1 | S1 | 2026-10-20 | penalty",
        participations="""
            activity_kind | activity_id | officer_id | role
            case          | K1          | O1         | lead
            case          | K1          | O1         | assist
        """,
    )
    assert world.counts("two_officer_rate", "default", "S1") == (0, 1, 0, 0)
