"""Every hand-written rule of the landed border finds a defect planted for it, and lets its neighbour pass.

`test_audit_landed` tells the stories; here stand the rules that no story has, one small table each, with what
must be found per body. The last test holds the list of rules against both.
"""

from datetime import date

import pytest

from expectations.audit import AuditResult
from expectations.suite_model import load_suites
from tests.integration import test_audit_landed
from tests.integration.landed_district import audit, failing

#: Rules with a test of their own elsewhere.
ELSEWHERE = {"inspections.level_as_last_year"}  # test_audit_relations

# B8 is in force for half a year, B9 is a street that no code places; B6 uses the credit code of S1.
BODIES = """
subjects
subject_id | name | kind        | uscc               | valid_from | valid_to
B1         | 某局 | department  |                    | 2020-01-01 |
B2         | 某局 | department  |                    | 2020-01-01 |
B3         | 某局 | department  |                    | 2020-01-01 |
B4         | 某局 | department  |                    | 2020-01-01 |
B6         | 某局 | department  | 91350100M000100Y43 | 2020-01-01 |
B8         | 某局 | department  |                    | 2026-01-01 | 2026-06-30
B9         | 某街 | street_town |                    | 2020-01-01 |
"""


def one(rule: str, table: str, body: str | None = "B1") -> tuple[str, str, dict[str, dict[str | None, int]]]:
    """One record of `body` fails."""
    return rule, table, {rule: {None: 1} | ({body: 1} if body else {})}


def case(
    rule: str, *, beside: dict[str, str] | None = None, **fields: str
) -> tuple[str, str, dict[str, dict[str | None, int]]]:
    """A case of B1 that fails; what it does not say is in order. With `beside` another differs from it and passes."""
    said = {
        "case_id": rule, "subject_id": "B1", "matter_id": "M1", "source": "patrol", "procedure": "ordinary",
        "filed_at": "2026-10-05 09:00", **fields,
    }  # fmt: skip
    rows = [said] if beside is None else [said, {**said, "case_id": f"{rule}.beside", **beside}]
    assert all(row.keys() == said.keys() for row in rows)
    return one(rule, "\n".join(["cases", " | ".join(said), *(" | ".join(row.values()) for row in rows)]))


def many(entity: str, id_field: str, columns: str, rows: list[str]) -> str:
    """A table of `rows`, numbered under `id_field`."""
    lines = [f"{rows[0].split(' | ')[0]}-{entity}-{number} | {row}" for number, row in enumerate(rows)]
    return "\n".join([entity, f"{id_field} | {columns}", *lines])


def monthly(subject: str, each: int, october: int, rest: str) -> list[str]:
    """`each` rows in every month from April to September 2026, and `october` in October."""
    months = [(month, each) for month in range(4, 10)] + [(10, october)]
    return [
        f"{subject} | {rest} | {date(2026, month, 1 + number % 28)} 0{number % 10}:{month + number % 40:02d}"
        for month, count in months
        for number in range(count)
    ]


# What fails is a minute or a day too early; beside it stands the same at the same moment, which is in order.
DATES = [
    case("cases.filed_after_discovered", discovered_on="2026-10-06", beside={"discovered_on": "2026-10-05"}),
    case(
        "cases.executed_after_decided", decided_at="2026-10-06 09:00", executed_at="2026-10-06 08:59",
        beside={"executed_at": "2026-10-06 09:00"},
    ),
    case(
        "cases.closed_after_decided", decided_at="2026-10-06 09:00", closed_at="2026-10-06 08:59",
        beside={"closed_at": "2026-10-06 09:00"},
    ),
    case(
        "cases.served_after_decided", decided_at="2026-10-06 09:00", served_at="2026-10-06 08:59",
        beside={"served_at": "2026-10-06 09:00"},
    ),
    case(
        "cases.published_after_decided", decided_at="2026-10-06 09:00", published_at="2026-10-06 08:59",
        beside={"published_at": "2026-10-06 09:00"},
    ),
    case(
        "cases.revoked_after_decided", decided_at="2026-10-06 09:00", revoked_at="2026-10-06 08:59",
        beside={"revoked_at": "2026-10-06 09:00"},
    ),
    case(
        "cases.heard_after_requested", hearing_requested_at="2026-10-06 09:00", hearing_at="2026-10-06 08:59",
        beside={"hearing_at": "2026-10-06 09:00"},
    ),
    case("cases.submitted_after_act", submitted_at="2026-10-05 08:59", beside={"submitted_at": "2026-10-05 09:00"}),
    case(
        "cases.violation_before_decision", decided_at="2026-10-06 09:00", violation_on="2026-10-07",
        beside={"violation_on": "2026-10-06"},
    ),
    case("cases.decision_dated", decision="no_penalty"),
    # September is closed with the 5th of October.
    case(
        "cases.entered_in_month", filed_at="2026-09-30 09:00", submitted_at="2026-10-06 00:00",
        beside={"submitted_at": "2026-10-05 23:59"},
    ),
    one(
        "leads.accepted_after_received",
        "leads\nlead_id | source | subject_id | received_at | accepted_at\n"
        "LA1 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 08:59\nLA2 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "leads.closed_after_received",
        "leads\nlead_id | source | subject_id | received_at | closed_at\n"
        "LZ1 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 08:59\nLZ2 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "leads.visited_after_received",
        "leads\nlead_id | source | subject_id | received_at | first_visit_at\n"
        "LV1 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 08:59\nLV2 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "leads.submitted_after_act",
        "leads\nlead_id | source | subject_id | received_at | submitted_at\n"
        "LS1 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 08:59\nLS2 | patrol | B1 | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "inspections.ended_after_started",
        "inspections\ninspection_id | subject_id | mode | started_at | ended_at\n"
        "IE1 | B1 | patrol | 2026-10-05 09:00 | 2026-10-05 08:59\nIE2 | B1 | patrol | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "recordings.ended_after_started",
        "recordings\nrecording_id | activity_kind | activity_id | stage | medium | started_at | ended_at\n"
        "RE1 | case | C1 | start | text | 2026-10-05 09:00 | 2026-10-05 08:59\n"
        "RE2 | case | C1 | start | text | 2026-10-05 09:00 | 2026-10-05 09:00",
        "S1",
    ),
    one(
        "coercions.extended_after_imposed",
        "coercions\ncoercion_id | subject_id | measure | imposed_at | extended_at\n"
        "KE1 | B1 | seal | 2026-10-05 09:00 | 2026-10-05 08:59\nKE2 | B1 | seal | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "coercions.released_after_imposed",
        "coercions\ncoercion_id | subject_id | measure | imposed_at | released_at\n"
        "KR1 | B1 | seal | 2026-10-05 09:00 | 2026-10-05 08:59\nKR2 | B1 | seal | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "coercions.submitted_after_act",
        "coercions\ncoercion_id | subject_id | measure | imposed_at | submitted_at\n"
        "KS1 | B1 | seal | 2026-10-05 09:00 | 2026-10-05 08:59\nKS2 | B1 | seal | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "supervisions.submitted_after_act",
        "supervisions\nsupervision_id | kind | subject_id | done_at | submitted_at\n"
        "VS1 | file_review | B1 | 2026-10-05 09:00 | 2026-10-05 08:59\n"
        "VS2 | file_review | B1 | 2026-10-05 09:00 | 2026-10-05 09:00",
    ),
    one(
        "supervisions.rectified_after_done",
        "supervisions\nsupervision_id | kind | subject_id | done_at | rectified_on\n"
        "VR1 | file_review | B1 | 2026-10-05 09:00 | 2026-10-04\nVR2 | file_review | B1 | 2026-10-05 09:00 | 2026-10-05",
    ),
    one(
        "disputes.concluded_after_filed",
        "disputes\ndispute_id | case_id | kind | filed_on | concluded_on\n"
        "X9 | C1 | litigation | 2026-10-26 | 2026-10-25\nX8 | C1 | litigation | 2026-10-26 | 2026-10-26",
        "S1",
    ),
    one(
        "assistance_requests.replied_after_requested",
        "assistance_requests\nrequest_id | from_subject_id | to_subject_id | requested_at | replied_at\n"
        "Q9 | T1 | S2 | 2026-10-06 09:00 | 2026-10-06 08:59\nQ8 | T1 | S2 | 2026-10-06 09:00 | 2026-10-06 09:00",
        "T1",
    ),
    one(
        "devices.retired_after_issued",
        "devices\ndevice_id | agency_id | kind | issued_on | retired_on\n"
        "D9 | A1 | recorder | 2024-01-02 | 2024-01-01\nD8 | A1 | recorder | 2024-01-02 | 2024-01-02",
        "S1",
    ),
]  # fmt: skip

LINKS = [
    one(
        "recordings.activity_known",
        "recordings\nrecording_id | activity_kind | activity_id | stage | medium | started_at\n"
        "RA1 | coercion | C1 | start | text | 2026-10-05 09:00",
        None,
    ),
    one(
        "documents.activity_known",
        "documents\ndocument_id | activity_kind | activity_id | kind\nWA1 | coercion | C1 | 决定书",
        None,
    ),
    one(
        "supervisions.activity_known",
        "supervisions\nsupervision_id | kind | subject_id | activity_kind | activity_id | done_at\n"
        "VA1 | file_review | B1 | coercion | C1 | 2026-10-05 09:00\nVA2 | file_review | B1 | | C1 | 2026-10-05 09:00",
    ),
    case("cases.agency_of_subject", agency_id="A1"),
    one(
        "inspections.agency_of_subject",
        "inspections\ninspection_id | subject_id | agency_id | mode | started_at\nIA1 | B1 | A1 | patrol | 2026-10-05 09:00",
    ),
    one(
        "cases.subject_in_force",
        "cases\ncase_id | subject_id | matter_id | source | procedure | filed_at\n"
        "CF1 | B8 | M1 | patrol | ordinary | 2026-07-01 00:00\nCF2 | B8 | M1 | patrol | ordinary | 2026-06-30 23:59",
        "B8",
    ),
    one(
        "inspections.subject_in_force",
        "inspections\ninspection_id | subject_id | mode | started_at\nIF1 | B8 | patrol | 2026-07-01 00:00\n"
        "IF2 | B8 | patrol | 2026-06-30 23:59",
        "B8",
    ),
    one(
        "leads.case_named_when_filed",
        "leads\nlead_id | source | subject_id | received_at | disposition\nLC1 | patrol | B1 | 2026-10-05 09:00 | case_filed",
    ),
    case("cases.matter_is_penalty", matter_id="M3"),
    one(
        "powers.periods_apart",
        "powers\nsubject_id | matter_id | valid_from | valid_to | origin\nB1 | M1 | 2020-01-01 | 2025-12-31 | statutory\n"
        "B1 | M1 | 2025-12-31 | | statutory\nB2 | M1 | 2020-01-01 | 2025-12-31 | statutory\nB2 | M1 | 2026-01-01 | | statutory",
    ),
    one(
        "matters.versions_apart",
        "matters\nmatter_id | valid_from | name | kind\nM8 | 2020-01-01 | 某 | penalty\nM8 | 2021-01-01 | 某 | penalty",
        None,
    ),
    one(
        "matters.fine_band_ordered",
        "matters\nmatter_id | valid_from | name | kind | fine_min | fine_max\nM7 | 2020-01-01 | 某 | penalty | 100 | 50\n"
        "M6 | 2020-01-01 | 某 | penalty | 100 | 100",
        None,
    ),
]

VALUES = [
    one("subjects.street_has_area", BODIES, "B9"),
    one(
        "inspections.area_in_territory",
        "inspections\ninspection_id | subject_id | mode | started_at | area_code\n"
        "IT1 | B1 | patrol | 2026-10-05 09:00 | 110105001\nIT2 | B1 | patrol | 2026-10-05 09:00 | 120116009",
    ),
    case("cases.area_in_territory", area_code="110105001"),
    case("cases.party_check_digit", party_id="91350100M000100Y44", party_kind="organisation"),
    case("cases.fine_matches_types", decided_at="2026-10-06 09:00", decision="penalty", penalty_types="warning;fine"),
    case("cases.penalty_has_type", decided_at="2026-10-06 09:00", decision="penalty", fine_amount="2000"),
    one(
        "inspections.result_matches_problems",
        "inspections\ninspection_id | subject_id | mode | started_at | result | problems\n"
        "IR1 | B1 | patrol | 2026-10-05 09:00 | pass | 1\nIR2 | B1 | patrol | 2026-10-05 09:00 | pass | 0",
    ),
]

TWICE = [
    one(
        "leads.same_act_once",
        "leads\nlead_id | source | subject_id | object_id | received_at | disposition\n"
        "LD1 | patrol | B1 | P-5 | 2026-10-05 09:00 |\nLD2 | patrol | B1 | P-5 | 2026-10-05 09:00 |\n"
        "LD3 | patrol | B1 | P-5 | 2026-10-05 09:00 | duplicate",
    ),
    one(
        "cases.document_no_once",
        "cases\ncase_id | document_no | subject_id | matter_id | source | procedure | filed_at\n"
        "CN1 | 文〔9〕号 | B1 | M1 | patrol | ordinary | 2026-10-05 09:00\n"
        "CN2 | 文〔9〕号 | B1 | M1 | patrol | ordinary | 2026-10-06 09:00\n"
        "CN3 | 文〔9〕号 | B2 | M1 | patrol | ordinary | 2026-10-06 09:00",
    ),
    one(
        "coercions.same_act_once",
        "coercions\ncoercion_id | subject_id | case_id | matter_id | measure | imposed_at\n"
        "KD1 | B1 | C1 | M4 | seal | 2026-10-05 09:00\nKD2 | B1 | C1 | M4 | seal | 2026-10-05 09:00\n"
        "KD3 | B1 | C1 | M4 | seal | 2026-10-05 09:01",
    ),
    (
        "inspections.entered_by_two_bodies",
        "inspections\ninspection_id | subject_id | matter_id | object_id | mode | started_at\n"
        "I2B1 | B1 | M3 | P-6 | joint | 2026-10-05 09:00\nI2B2 | B2 | M3 | P-6 | joint | 2026-10-05 09:00\n"
        "I2B3 | B3 | M3 | P-6 | joint | 2026-10-05 09:01",
        {"inspections.entered_by_two_bodies": {None: 2, "B1": 1, "B2": 1}},
    ),
    ("subjects.uscc_once", "", {"subjects.uscc_once": {None: 2, "S1": 1, "B6": 1}}),
]

# Mean 25 and no variance, so that 25 ± 4 × √25 is as before: 45 is, 46 is not.
PATTERNS = [
    (
        "inspections.volume_as_before",
        many(
            "inspections", "inspection_id", "subject_id | mode | started_at",
            monthly("B3", 25, 46, "patrol") + monthly("B4", 25, 45, "patrol"),
        ),
        {"inspections.volume_as_before": {None: 1, "B3": 1}},
    ),
    (
        "cases.volume_as_before",
        many(
            "cases", "case_id", "subject_id | matter_id | source | procedure | filed_at",
            monthly("B3", 25, 46, "M1 | patrol | ordinary") + monthly("B4", 25, 45, "M1 | patrol | ordinary"),
        ),
        {"cases.volume_as_before": {None: 1, "B3": 1}},
    ),
    # All 120 were patrols and all 120 are planned; a mix of 60 : 60 that becomes 70 : 50 shifts by 0.03.
    (
        "inspections.modes_as_before",
        many(
            "inspections", "inspection_id", "subject_id | mode | started_at",
            [f"{body} | {mode} | 2026-{month}-05 {number // 60:02d}:{number % 60:02d}"
             for body, month, patrols in (("S2", "09", 120), ("S2", "10", 0), ("T1", "09", 60), ("T1", "10", 70))
             for number, mode in enumerate(["patrol"] * patrols + ["planned"] * (120 - patrols))],
        ),
        {"inspections.modes_as_before": {None: 1, "S2": 1}},
    ),
    (
        "leads.sources_as_before",
        many(
            "leads", "lead_id", "subject_id | source | received_at",
            [f"{body} | {source} | 2026-{month}-05 {number // 60:02d}:{number % 60:02d}"
             for body, month, patrols in (("S2", "09", 120), ("S2", "10", 0), ("T1", "09", 60), ("T1", "10", 70))
             for number, source in enumerate(["patrol"] * patrols + ["hotline"] * (120 - patrols))],
        ),
        {"leads.sources_as_before": {None: 1, "S2": 1}},
    ),
    # Thirty within one minute are a batch, 29 are not.
    (
        "inspections.entered_one_by_one",
        many(
            "inspections", "inspection_id", "subject_id | mode | started_at | submitted_at",
            [f"{body} | patrol | 2026-10-{1 + number % 20:02d} 1{number % 10}:00 | 2026-10-{day} 12:00:{number:02d}"
             for body, day, count in (("B1", 22, 30), ("B2", 23, 29)) for number in range(count)],
        ),
        {"inspections.entered_one_by_one": {None: 30, "B1": 30}},
    ),
    (
        "cases.entered_one_by_one",
        many(
            "cases", "case_id", "subject_id | matter_id | source | procedure | filed_at | submitted_at",
            [f"{body} | M1 | patrol | ordinary | 2026-10-{1 + number % 20:02d} 1{number % 10}:00 | 2026-10-{day} 12:00:{number:02d}"
             for body, day, count in (("B1", 22, 30), ("B2", 23, 29)) for number in range(count)],
        ),
        {"cases.entered_one_by_one": {None: 30, "B1": 30}},
    ),
]  # fmt: skip

PLANTED = {rule: (table, expected) for rule, table, expected in (*DATES, *LINKS, *VALUES, *TWICE, *PATTERNS)}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str | None, int]]:
    """Failing records per rule and body, of one audit over all tables."""
    result: AuditResult = audit(tmp_path_factory.mktemp("rules"), *(table for table, _ in PLANTED.values() if table))
    return failing(result)


@pytest.mark.parametrize("rule", PLANTED)
def test_the_rule_finds_what_was_planted_and_lets_its_neighbour_pass(
    found: dict[str, dict[str | None, int]], rule: str
) -> None:
    for name, expected in PLANTED[rule][1].items():
        assert found.get(name) == expected


def test_no_rule_is_without_a_planted_defect() -> None:
    landed = {expectation.id for expectation in load_suites().written["landed"]}
    stories = {rule for _, expected in test_audit_landed.DEFECTS.values() for rule in expected}
    assert landed - stories - set(PLANTED) - ELSEWHERE == set()


def test_every_rule_named_here_is_one() -> None:
    assert set(PLANTED) <= {expectation.id for expectation in load_suites().written["landed"]}
