"""Which version is the record, as known at a moment."""

from datetime import datetime

from tests.reference.records import Records
from tests.reference.tables import records_of, table

SUBJECTS = """
subject_id | kind        | field | valid_from
S1         | street_town |       | 2024-01-01
"""

VERSIONS = """
inspection_id | subject_id | mode    | started_at | submitted_at     | updated_at       | operation
J1            | S1         | planned | 2026-10-01 | 2026-10-02 09:00 |                  | i
J1            | S1         | random  | 2026-10-01 | 2026-10-02 09:00 | 2026-10-20 09:00 | u
J2            | S1         | planned | 2026-10-01 | 2026-10-02 09:00 |                  | i
J2            | S1         | planned | 2026-10-01 | 2026-10-02 09:00 | 2026-11-06 00:00 | d
J3            | S1         | planned | 2026-10-01 | 2026-11-05 23:59:59 |               | i
J4            | S1         | planned | 2026-10-01 | 2026-11-06 00:00 |                  | i
"""


def _modes(found: Records) -> dict[str, str]:
    return {row["inspection_id"]: row["mode"] for row in found.inspections}


def test_newest_version_known_by_as_of() -> None:
    # J2 is withdrawn a second too late to matter, J3 is entered in the last second, J4 a second too late.
    assert _modes(records_of("2026-11-05 23:59:59", subjects=SUBJECTS, inspections=VERSIONS)) == {
        "J1": "random",
        "J2": "planned",
        "J3": "planned",
    }


def test_an_earlier_as_of_sees_the_earlier_version() -> None:
    found = records_of("2026-10-05 23:59:59", subjects=SUBJECTS, inspections=VERSIONS)
    assert _modes(found) == {"J1": "planned", "J2": "planned"}


def test_a_later_as_of_sees_the_withdrawal() -> None:
    found = records_of("2026-12-05 23:59:59", subjects=SUBJECTS, inspections=VERSIONS)
    assert _modes(found) == {"J1": "random", "J3": "planned", "J4": "planned"}


def test_the_time_of_a_version_wins_over_the_order_of_loading() -> None:
    versions = """
    inspection_id | subject_id | mode    | started_at | submitted_at | updated_at
    J1            | S1         | random  | 2026-10-01 | 2026-10-02   | 2026-10-20
    J1            | S1         | planned | 2026-10-01 | 2026-10-02   | 2026-10-10
    J2            | S1         | random  | 2026-10-01 | 2026-10-02   | 2026-10-20
    J2            | S1         | planned | 2026-10-01 | 2026-10-02   | 2026-10-20
    """
    # J1: the 20th beats the 10th, though it was loaded first. J2: a tie, so the row loaded last.
    assert _modes(records_of(subjects=SUBJECTS, inspections=versions)) == {"J1": "random", "J2": "planned"}


def test_without_any_time_the_time_of_loading_counts() -> None:
    text = """
    inspection_id | subject_id | mode    | started_at
    J1            | S1         | planned | 2026-10-01
    """
    punctual = table("inspections", text, loaded_at=datetime(2026, 11, 5, 23, 59, 59))
    late = table("inspections", text, loaded_at=datetime(2026, 11, 6))
    assert _modes(records_of(subjects=SUBJECTS, inspections=punctual)) == {"J1": "planned"}
    assert _modes(records_of(subjects=SUBJECTS, inspections=late)) == {}


def test_a_record_updated_in_time_but_submitted_later_does_not_count() -> None:
    text = """
    inspection_id | subject_id | mode    | started_at | submitted_at | updated_at
    J1            | S1         | planned | 2026-10-01 | 2026-11-20   | 2026-11-01
    """
    assert _modes(records_of(subjects=SUBJECTS, inspections=text)) == {}


def test_a_withdrawn_record_may_come_back() -> None:
    text = """
    inspection_id | subject_id | mode    | started_at | submitted_at | updated_at | operation
    J1            | S1         | planned | 2026-10-01 | 2026-10-02   |            | i
    J1            | S1         | planned | 2026-10-01 | 2026-10-02   | 2026-10-10 | d
    J1            | S1         | random  | 2026-10-01 | 2026-10-02   | 2026-10-11 | u
    """
    assert _modes(records_of(subjects=SUBJECTS, inspections=text)) == {"J1": "random"}


def test_ledgers_count_as_they_stand_even_if_loaded_after_as_of() -> None:
    first = table("subjects", SUBJECTS)
    second = table("subjects", SUBJECTS.replace("      | 2024", "social | 2024"), datetime(2027, 1, 1), load_order=1)
    found = records_of(subjects=[*second, *first])
    assert [row["field"] for row in found.subjects] == ["social"]


def test_a_record_of_a_subject_that_is_not_in_the_ledger_counts_for_nobody() -> None:
    text = """
    inspection_id | subject_id | mode    | started_at
    J1            | S1         | planned | 2026-10-01
    J2            | S9         | planned | 2026-10-01
    """
    assert _modes(records_of(subjects=SUBJECTS, inspections=text)) == {"J1": "planned"}
