"""线索按期办结率: leads closed within 15 calendar days of receipt."""

from tests.spec.world import World

BODY = {"subjects": "subject_id | kind\nS1 | department"}


def test_the_fifteenth_day_is_in_time_and_the_sixteenth_is_not():
    world = World(
        "2026-10",
        **BODY,
        leads="""
            lead_id | subject_id | disposition | received_at         | closed_at
            L1      | S1         | handled     | 2026-10-05 23:50:00 | 2026-10-20 23:59:59
            L2      | S1         | handled     | 2026-10-05 00:00:00 | 2026-10-21 00:00:00
            L3      | S1         | handled     | 2026-10-05          | 2026-10-05
            L4      | S1         | duplicate   | 2026-10-05          | .
            L5      | S1         | rejected    | 2026-10-05          | 2026-10-06
            L6      | S1         | transferred | 2026-10-05          | 2026-10-06
            L7      | S1         | .           | 2026-10-05          | .
            L8      | S1         | handled     | 2026-09-30          | 2026-10-05
            L9      | S1         | handled     | 2026-11-01          | 2026-11-02
        """,
    )
    assert world.evidence("lead_on_time_rate", "default") == [
        ("S1", "L1", "hit", None),  # 5 + 15 = 20: the whole last day counts, the day of receipt does not
        ("S1", "L2", "miss", None),
        ("S1", "L3", "hit", None),
        ("S1", "L4", "excluded", "DUPLICATE"),
        ("S1", "L5", "excluded", "REJECTED"),
        ("S1", "L6", "excluded", "TRANSFERRED"),
        ("S1", "L7", "miss", None),  # never closed, and due on 10-20
    ]
    assert world.counts("lead_on_time_rate", "default", "S1") == (2, 4, 3, 0)


def test_an_open_lead_counts_from_the_end_of_its_last_day():
    table = """
        lead_id | subject_id | disposition | received_at
        L1      | S1         | pending     | 2026-10-20
        L2      | S1         | pending     | 2026-10-21
        L3      | S1         | pending     | 2026-10-22
    """
    #             due on:  L1 11-04, L2 11-05, L3 11-06
    at_end_of_day = World("2026-10", as_of="2026-11-05", **BODY, leads=table)
    assert at_end_of_day.evidence("lead_on_time_rate", "default") == [
        ("S1", "L1", "miss", None),
        ("S1", "L2", "miss", None),
        ("S1", "L3", "excluded", "NOT_DUE"),
    ]
    at_noon = World("2026-10", as_of="2026-11-05T12:00:00", **BODY, leads=table)
    assert at_noon.evidence("lead_on_time_rate", "default")[1] == ("S1", "L2", "excluded", "NOT_DUE")


def test_a_lead_submitted_after_the_as_of_time_is_not_there_yet():
    world = World(
        "2026-10",
        as_of="2026-11-05",
        **BODY,
        leads="""
            lead_id | subject_id | received_at | closed_at  | submitted_at
            L1      | S1         | 2026-10-05  | 2026-10-06 | 2026-11-06
        """,
    )
    assert world.counts("lead_on_time_rate", "default", "S1") == (0, 0, 0, 0)
    assert world.result("lead_on_time_rate", "default", "S1")["reason"] == "NO_UNITS"
