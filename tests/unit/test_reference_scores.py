"""Which bodies the reference scores, whom it compares them with, and who sent nothing."""

from datetime import date

import pytest

from tests.reference.scores import Peers, in_force, peers, senders
from tests.reference.tables import records_of

OCTOBER = date(2026, 10, 1)

BODIES = """
subject_id | kind        | field  | valid_from | valid_to
D1         | department  | social | 2020-01-01 |
D2         | department  | social | 2020-01-01 |
D3         | department  |        | 2020-01-01 |
Z1         | zone        | social | 2020-01-01 |
L1         | street_town | social | 2026-10-31 |
L2         | street_town | social | 2026-11-01 |
E1         | street_town | social | 2020-01-01 | 2026-10-01
E2         | street_town | social | 2020-01-01 | 2026-09-30
"""


def test_a_body_is_in_force_if_it_is_on_one_day_of_the_month() -> None:
    found = in_force(records_of(subjects=BODIES).subjects, OCTOBER)
    assert [body["subject_id"] for body in found] == ["D1", "D2", "D3", "Z1", "L1", "E1"]


@pytest.mark.parametrize(
    ("by", "smallest", "expected"),
    [
        # D3 has no field of its own: alone in its group, it is compared with all three departments.
        (
            "kind_field",
            2,
            {"D1": ("department:social", "kind_field", "D1 D2"), "D3": ("department", "kind", "D1 D2 D3")},
        ),
        ("kind_field", 3, {"D1": ("department", "kind", "D1 D2 D3"), "Z1": ("zone", "none", "")}),
        ("kind_field", 4, {"D1": ("department", "none", "")}),
        ("kind", 2, {"D1": ("department", "kind", "D1 D2 D3")}),
        ("kind_field", 1, {"D3": ("department:none", "kind_field", "D3")}),
    ],
)
def test_peers_are_of_kind_and_field_else_of_the_kind_else_nobody(
    by: str, smallest: int, expected: dict[str, tuple[str, str, str]]
) -> None:
    found = peers(in_force(records_of(subjects=BODIES).subjects, OCTOBER), {"by": by, "smallest": smallest})
    for body, (group, level, members) in expected.items():
        assert found[body] == Peers(group, level, frozenset(members.split()))


def test_a_body_sent_something_with_one_act_of_the_month() -> None:
    known = records_of(
        subjects="subject_id\nS1\nS2\nS3\nS4\nS5\nS6\nS7",
        inspections="inspection_id | subject_id | mode | started_at\nI1 | S1 | patrol | 2026-10-01 00:00\n"
        "I2 | S7 | patrol | 2026-09-30 23:59",
        # S2's case was filed in October, S3's decided in it, S6's neither.
        cases="case_id | subject_id | filed_at | decided_at\nC1 | S2 | 2026-10-31 23:59 | 2026-11-02\n"
        "C2 | S3 | 2026-09-01 | 2026-10-31 23:59\nC3 | S6 | 2026-09-01 | 2026-11-01",
        leads="lead_id | subject_id | received_at\nL1 | S4 | 2026-10-05",
        coercions="coercion_id | subject_id | imposed_at\nK1 | S5 | 2026-10-05",
        # What supervision sends is not sent by the body.
        supervisions="supervision_id | subject_id | done_at\nV1 | S6 | 2026-10-05",
    )
    assert senders(known, OCTOBER, OCTOBER) == {"S1", "S2", "S3", "S4", "S5"}
    assert senders(known, date(2026, 9, 1), OCTOBER) == {"S1", "S2", "S3", "S4", "S5", "S6", "S7"}
