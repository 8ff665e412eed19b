"""履职率: of the powers on a body's list, how many were used in the period."""

import pytest

from tests.spec.world import World

LEDGERS = {
    "subjects": """
        subject_id | kind        | field
        S1         | street_town | comprehensive
        S2         | department  | economic
    """,
    "matters": """
        matter_id | kind
        P1        | penalty
        P2        | penalty
        I1        | inspection
        C1        | coercion
    """,
}


def test_a_power_is_used_by_the_act_of_its_kind():
    world = World(
        "2026-10",
        **LEDGERS,
        powers="""
            subject_id | matter_id | duty_listed
            S1         | P1        | true
            S1         | P2        | false
            S1         | I1        | true
            S1         | C1        | .
        """,
        cases="""
            case_id | subject_id | matter_id | decision   | decided_at
            K1      | S1         | P1        | no_penalty | 2026-10-09
            K2      | S1         | P2        | withdrawn  | 2026-10-09
        """,
        inspections="""
            inspection_id | subject_id | matter_id | mode   | object_id | result   | started_at
            N1            | S1         | I1        | random | X         | pass     | 2026-10-01
            N2            | S1         | C1        | random | X         | pass     | 2026-10-01
        """,
        coercions="""
            coercion_id | subject_id | matter_id | imposed_at
            E1          | S1         | P2        | 2026-10-20
        """,
    )
    assert world.evidence("performance_rate", "all") == [
        ("S1", "C1", "miss", None),  # an inspection of a coercion matter is no use of it
        ("S1", "I1", "hit", None),
        ("S1", "P1", "hit", None),  # a decision not to penalise is a decision
        ("S1", "P2", "miss", None),  # a withdrawn case is none, a coercion on a penalty matter is none
    ]
    assert world.counts("performance_rate", "all", "S1") == (1 + 1, 4, 0, 0)
    assert world.counts("performance_rate", "duty", "S1") == (2, 2, 0, 0)
    assert world.counts("performance_rate", "penalty", "S1") == (1, 2, 0, 0)
    assert world.counts("performance_rate", "inspection", "S1") == (1, 1, 0, 0)
    assert world.counts("performance_rate", "coercion", "S1") == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("mode", "object_id", "result", "state"),
    [
        ("planned", "X", "pass", "hit"),
        ("patrol", "X", "pass", "miss"),
        ("planned", ".", "pass", "miss"),
        ("planned", "X", "no_entry", "miss"),
        ("planned", "X", ".", "miss"),
    ],
)
def test_a_counted_inspection_is_no_patrol_and_has_an_object_and_a_result(mode, object_id, result, state):
    world = World(
        "2026-10",
        **LEDGERS,
        powers="subject_id | matter_id\nS1 | I1",
        inspections=f"""
            inspection_id | subject_id | matter_id | mode   | object_id   | result   | started_at
            N1            | S1         | I1        | {mode} | {object_id} | {result} | 2026-10-31 23:59:59
        """,
    )
    assert world.evidence("performance_rate", "all") == [("S1", "I1", state, None)]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "months_in_scope"),
    [
        ("2026-10-31", ".", ["2026-10"]),  # in force on the last day of October
        ("2026-11-01", ".", []),
        ("2020-01-01", "2026-09-30", ["2026-09"]),  # valid_to names the last day in force
        ("2020-01-01", "2026-10-01", ["2026-09", "2026-10"]),
        ("2026-10-20", "2026-10-10", []),  # it ends before it begins: in force on no day
    ],
)
def test_a_power_is_in_scope_in_a_month_in_which_it_was_in_force_for_a_day(valid_from, valid_to, months_in_scope):
    world = World(
        "2026-10",
        **LEDGERS,
        powers=f"subject_id | matter_id | valid_from | valid_to\nS1 | P1 | {valid_from} | {valid_to}",
    )
    found = [month for month in ("2026-09", "2026-10") if world.evidence("performance_rate", "all", month)]
    assert found == months_in_scope


def test_an_act_counts_for_the_body_that_holds_the_power_and_on_the_matter_alone():
    world = World(
        "2026-10",
        **LEDGERS,
        powers="""
            subject_id | matter_id
            S1         | P1
            S2         | P1
        """,
        cases="""
            case_id | subject_id | matter_id | decision | decided_at
            K1      | S2         | P1        | penalty  | 2026-10-09
            K2      | S1         | P2        | penalty  | 2026-10-09
        """,
    )
    assert world.counts("performance_rate", "all", "S1") == (0, 1, 0, 0)
    assert world.counts("performance_rate", "all", "S2") == (1, 1, 0, 0)
    assert world.counts("performance_rate", "all") == (0 + 1, 1 + 1, 0, 0)


def test_a_case_filed_counts_in_the_broad_reading_only():
    world = World(
        "2026-10",
        **LEDGERS,
        powers="subject_id | matter_id\nS1 | P1\nS1 | P2",
        cases="""
            case_id | subject_id | matter_id | filed_at   | decision | decided_at
            K1      | S1         | P1        | 2026-10-09 | .        | .
            K2      | S1         | P2        | .          | penalty  | 2026-10-30
        """,
    )
    assert world.counts("performance_rate", "all", "S1") == (1, 2, 0, 0)
    assert world.counts("performance_rate", "broad", "S1") == (1 + 1, 2, 0, 0)


def test_a_matter_that_no_ledger_knows_cannot_be_decided():
    world = World("2026-10", **LEDGERS, powers="subject_id | matter_id\nS1 | ZZ")
    assert world.evidence("performance_rate", "all") == [("S1", "ZZ", "undecidable", "UNKNOWN_MATTER")]
    assert world.counts("performance_rate", "all", "S1") == (0, 0, 0, 1)
    assert world.counts("performance_rate", "penalty", "S1") == (0, 0, 0, 0)


def test_over_a_period_a_matter_counts_once_and_is_used_if_it_was_used_in_any_month():
    world = World(
        "2026-10",
        **LEDGERS,
        powers="subject_id | matter_id\nS1 | P1\nS1 | P2",
        cases="""
            case_id | subject_id | matter_id | decision | decided_at
            K1      | S1         | P1        | penalty  | 2026-02-09
            K2      | S1         | P1        | penalty  | 2026-08-09
            K3      | S1         | P2        | penalty  | 2025-11-30
            K4      | S1         | P2        | penalty  | 2025-10-31
        """,
    )
    assert world.counts("performance_rate", "all", "S1") == (0, 2, 0, 0)
    assert world.counts("performance_rate", "all", "S1", period_kind="quarter") == (1, 2, 0, 0)  # P1 in August
    assert world.counts("performance_rate", "all", "S1", period_kind="ytd") == (1, 2, 0, 0)  # P1 once
    assert world.counts("performance_rate", "all", "S1", period_kind="r12") == (2, 2, 0, 0)  # P2 in November 2025
    assert world.counts("performance_rate", "all", "S1", period="2025-10") == (1, 2, 0, 0)


def test_a_body_without_powers_has_a_row_that_says_so():
    result = World("2026-10", **LEDGERS).result("performance_rate", "all", "S2")
    assert (result["value"], result["status"], result["reason"]) == (None, "none", "NO_UNITS")


def test_records_of_a_body_that_is_not_in_the_ledger_count_for_nobody():
    world = World("2026-10", **LEDGERS, powers="subject_id | matter_id\nS9 | P1\nS1 | P1")
    assert world.counts("performance_rate", "all") == (0, 1, 0, 0)
