"""The landed audit finds every planted defect in the district of `landed_district`, and nothing else.

A test adds the rows of its table, runs the audit with Great Expectations inside DuckDB, and states what must be found
per body.
"""

from pathlib import Path

import pytest

from expectations.audit import AuditResult
from expectations.duckdb_engine import warm_up
from tests.integration.landed_district import audit, failing


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    """One import of Great Expectations serves all tests."""
    warm_up()


def test_a_clean_district_fails_nothing_and_every_rule_says_how_many_records_it_judged(tmp_path: Path) -> None:
    result = audit(tmp_path)
    assert failing(result) == {}
    assert result.failed_errors == ()
    evaluated = {row.expectation_id: row.evaluated for row in result.rows}
    assert evaluated["cases.case_id.required"] == 3
    assert evaluated["cases.fine_amount.range"] == 2  # C2 has no fine
    assert evaluated["participations.officer_on_post"] == 4
    assert evaluated["cases.served_after_decided"] == 3


# One table per rule: the rows planted, and what must be found of them. `None` counts all bodies.
DEFECTS = {
    "an officer who is in no ledger": (
        """
        participations
        activity_kind | activity_id | officer_id | role
        case          | C1          | O9         | assist
        case          | C3          | O9         | assist
        """,
        {"participations.officer_id.reference": {None: 2, "S1": 1, "T1": 1}},
    ),
    "an activity that nobody reported": (
        """
        participations
        activity_kind | activity_id | officer_id | role
        case          | C9          | O2         | lead
        coercion      | C1          | O2         | lead
        """,
        {"participations.activity_known": {None: 2}},
    ),
    "a matter, an agency, a lead that are in no ledger; a subject that is none counts for nobody": (
        """
        cases
        case_id | subject_id | agency_id | matter_id | lead_id | source | procedure | filed_at
        C41     | S1         |           | M9        |         | patrol | ordinary  | 2026-10-05 09:00
        C42     | S1         | A9        | M1        |         | patrol | ordinary  | 2026-10-05 09:00
        C43     | S1         |           | M1        | LE9     | patrol | ordinary  | 2026-10-05 09:00
        C44     | S9         |           | M1        |         | patrol | ordinary  | 2026-10-05 09:00
        """,
        {
            "cases.matter_id.reference": {None: 1, "S1": 1},
            "cases.agency_id.reference": {None: 1, "S1": 1},
            "cases.lead_id.reference": {None: 1, "S1": 1},
            "cases.subject_id.reference": {None: 1},
        },
    ),
    "an article that is none, among articles that are": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | filed_at         | penalty_articles
        C51     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | L1-9;L1-99
        """,
        {"cases.penalty_articles.reference": {None: 1, "S1": 1}},
    ),
    "decided a minute before it was filed; at the same minute is in order": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | filed_at         | decided_at       | decision
        C61     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:01 | 2026-10-05 09:00 | no_penalty
        C62     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-05 09:00 | no_penalty
        """,
        {"cases.decided_after_filed": {None: 1, "S1": 1}},
    ),
    "a power of another body, one not yet given, one given that day": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | filed_at
        C71     | S1         | M2        | patrol | ordinary  | 2026-10-05 09:00
        C72     | T1         | M1        | patrol | ordinary  | 2026-09-30 23:59
        C73     | T1         | M1        | patrol | ordinary  | 2026-10-01 00:00
        C74     | T1         | M1        | patrol | ordinary  |
        """,
        {"cases.power_on_list": {None: 2, "S1": 1, "T1": 1}},
    ),
    "an inspection and a measure without the power": (
        """
        inspections
        inspection_id | subject_id | matter_id | mode    | started_at
        I89           | T1         | M3        | planned | 2026-10-05 09:00

        coercions
        coercion_id | subject_id | matter_id | measure | imposed_at
        K89         | S2         | M4        | seal    | 2026-10-05 09:00
        """,
        {"inspections.power_on_list": {None: 1, "T1": 1}, "coercions.power_on_list": {None: 1, "S2": 1}},
    ),
    "one act under two ids: the copies count, the first does not; another party is another case": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | party_id | filed_at         | violation_on
        C91     | S1         | M1        | patrol | ordinary  | P-7      | 2026-10-05 09:00 | 2026-10-05
        C92     | S1         | M1        | patrol | ordinary  | P-7      | 2026-10-05 09:00 | 2026-10-05
        C93     | S1         | M1        | patrol | ordinary  | P-7      | 2026-10-05 09:00 | 2026-10-05
        C94     | S1         | M1        | patrol | ordinary  | P-8      | 2026-10-05 09:00 | 2026-10-05
        C95     | S1         | M1        | patrol | ordinary  |          | 2026-10-05 09:00 | 2026-10-05
        C96     | S1         | M1        | patrol | ordinary  |          | 2026-10-05 09:00 | 2026-10-05

        inspections
        inspection_id | subject_id | matter_id | mode    | object_id          | started_at
        I91           | S1         | M3        | planned | 91350100M000100Y43 | 2026-10-05 09:00
        I92           | S1         | M3        | planned | 91350100M000100Y43 | 2026-10-05 09:00
        I93           | S1         |           | patrol  |                    | 2026-10-05 09:00
        I94           | S1         |           | patrol  |                    | 2026-10-05 09:00
        """,
        {"cases.same_act_once": {None: 2, "S1": 2}, "inspections.same_act_once": {None: 1, "S1": 1}},
    ),
    # The band of M1 is 1,000 to 50,000: 0.5 yuan × 10,000 = 5,000 and 20,000,000 ÷ 10,000 = 2,000 lie in it.
    # 400,000 is 8 times the upper limit: too much, but no slip of unit. 100 × 10,000 lies above the band.
    "a fine in 万元, a fine in yuan read as 万元, and fines that are merely outside their band": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | filed_at         | fine_amount
        C121    | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 0.50
        C122    | T1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 20000000.00
        C123    | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 400000.00
        C124    | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 100.00
        C125    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 0.50
        """,
        {"cases.fine_in_yuan": {None: 2, "S1": 1, "T1": 1}},
    ),
    # O2's certificate ends on 2026-10-15, that day included; O1 changed body at the turn of the year.
    "a certificate that ended the day before, an officer who had not yet begun": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | filed_at
        C141    | S1         | M1        | patrol | ordinary  | 2026-10-15 23:59
        C142    | S1         | M1        | patrol | ordinary  | 2026-10-16 00:00
        C143    | S1         | M1        | patrol | ordinary  | 2023-12-31 09:00

        participations
        activity_kind | activity_id | officer_id | role
        case          | C141        | O2         | lead
        case          | C142        | O2         | lead
        case          | C143        | O1         | lead
        """,
        {
            "participations.certificate_valid": {None: 1, "S1": 1},
            "participations.officer_on_post": {None: 1, "S1": 1},
        },
    ),
    # …43 has the right check digit, …44 not; an 18-character id of a person is none of this rule's business.
    "credit codes with a wrong check digit, in the ledger and on an inspection": (
        """
        subjects
        subject_id | name | kind       | uscc               | valid_from
        S4         | 某局 | department | 91350100M000100Y44 | 2020-01-01

        inspections
        inspection_id | subject_id | mode    | object_id          | object_kind  | started_at
        I161          | S2         | planned | 91350100M000100Y44 | organisation | 2026-10-05 09:00
        I162          | S2         | planned | 91350100M000100Y44 | person       | 2026-10-06 09:00
        """,
        {"subjects.uscc.uscc": {None: 1, "S4": 1}, "inspections.object_check_digit": {None: 1, "S2": 1}},
    ),
    "longitude and latitude exchanged, or left at zero": (
        """
        inspections
        inspection_id | subject_id | mode   | started_at       | longitude | latitude
        I171          | S1         | patrol | 2026-10-05 09:00 | 39.00     | 117.70
        I172          | S2         | patrol | 2026-10-05 09:00 | 0         | 0
        I173          | S1         | patrol | 2026-10-05 09:00 | 117.72    | 39.01
        I174          | S1         | patrol | 2026-10-05 09:00 | 117.73    | 39.03
        I175          | S1         | patrol | 2026-10-05 09:00 | 117.69    | 38.99
        I176          | S1         | patrol | 2026-10-05 09:00 | 117.78    | 39.01
        I177          | S1         | patrol | 2026-10-05 09:00 | 117.81    | 39.02
        I178          | S1         | patrol | 2026-10-05 09:00 | 117.84    | 39.03
        I179          | S1         | patrol | 2026-10-05 09:00 | 117.87    | 39.04
        """,
        {
            "inspections.inside_territory": {None: 2, "S1": 1, "S2": 1},
            "inspections.latitude.range": {None: 1, "S1": 1},  # no latitude is 117.70: the reader would refuse it
        },
    ),
    "entered before it happened": (
        """
        inspections
        inspection_id | subject_id | mode   | started_at       | submitted_at
        I181          | S1         | patrol | 2026-10-05 09:00 | 2026-10-05 08:59
        I182          | S1         | patrol | 2026-10-05 09:00 | 2026-10-05 09:00
        """,
        {"inspections.submitted_after_act": {None: 1, "S1": 1}},
    ),
    # 31万平方公里 was published of one town (domain §1.2): 310,000 km². 0 km² and 3 residents on 30,000 km² cannot be either.
    "an area in another unit": (
        """
        subjects
        subject_id | name  | kind        | area_code | area_km2 | population | valid_from
        T5         | 新城镇 | street_town | 120116005 | 310000   | 30000      | 2020-01-01
        T6         | 某镇   | street_town | 120116006 | 0        |            | 2020-01-01
        T7         | 某镇   | street_town | 120116007 | 30000    | 3          | 2020-01-01
        T8         | 某镇   | street_town | 120116008 | 31       | 30000      | 2020-01-01
        T9         | 某镇   | street_town | 120116009 |          | 30000      | 2020-01-01
        """,
        {"subjects.area_plausible": {None: 3, "T5": 1, "T6": 1, "T7": 1}},
    ),
    "one violation entered by two bodies": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | party_id | filed_at         | violation_on | fine_amount
        C201    | S1         | M1        | patrol | ordinary  | P-20     | 2026-10-06 09:00 | 2026-10-05   | 3000.00
        C202    | T1         | M1        | patrol | ordinary  | P-20     | 2026-10-08 09:00 | 2026-10-05   | 3000.00
        C203    | T1         | M1        | patrol | ordinary  | P-20     | 2026-10-08 09:00 | 2026-10-04   | 3000.00

        inspections
        inspection_id | subject_id | matter_id | mode    | object_id          | started_at
        I211          | S1         | M3        | planned | 91350100M000100Y43 | 2026-10-06 09:00
        I212          | S1         | M3        | planned | 91350100M000100Y43 | 2026-10-06 09:01

        agencies
        agency_id | subject_id | name    | valid_from
        A11       | S1         | 稽查支队 | 2021-01-01
        """,
        {"cases.entered_by_two_bodies": {None: 2, "S1": 1, "T1": 1}, "agencies.name_once": {None: 2, "S1": 2}},
    ),
    "an inspection, a recording and a case that last too long; a day and three years are in order": (
        """
        inspections
        inspection_id | subject_id | mode   | started_at       | ended_at
        I221          | S1         | patrol | 2026-10-05 09:00 | 2026-10-06 09:00
        I222          | S1         | patrol | 2026-10-05 09:00 | 2026-10-06 09:01

        recordings
        recording_id | activity_kind | activity_id | stage | medium | started_at       | ended_at
        R21          | case          | C1          | start | text   | 2026-10-02 09:00 | 2026-10-12 09:00

        cases
        case_id | subject_id | matter_id | source | procedure | filed_at         | decided_at       | decision
        C221    | S1         | M1        | patrol | ordinary  | 2023-10-05 09:00 | 2026-10-04 09:00 | no_penalty
        C222    | S1         | M1        | patrol | ordinary  | 2022-10-05 09:00 | 2026-10-05 09:00 | no_penalty
        """,
        {
            "inspections.duration_plausible": {None: 1, "S1": 1},
            "recordings.duration_plausible": {None: 1, "S1": 1},
            "cases.duration_plausible": {None: 1, "S1": 1},
        },
    ),
    "a place outside the territory, which T1's code 120116001 gives": (
        """
        leads
        lead_id | source | subject_id | received_at      | area_code
        LE231   | patrol | T1         | 2026-10-05 09:00 | 110105001
        LE232   | patrol | T1         | 2026-10-05 09:00 | 120116002
        """,
        {"leads.area_in_territory": {None: 1, "T1": 1}},
    ),
    "entered after the 5th of the next month, when October is closed": (
        """
        inspections
        inspection_id | subject_id | mode   | started_at       | submitted_at
        I241          | S1         | patrol | 2026-09-30 09:00 | 2026-10-05 23:59
        I242          | S1         | patrol | 2026-09-30 09:00 | 2026-10-06 00:00
        """,
        {"inspections.entered_in_month": {None: 1, "S1": 1}},
    ),
    "the same row delivered twice; another version of it is no repeat": (
        """
        devices
        device_id | agency_id | kind     | issued_on
        D21       | A1        | recorder | 2024-01-01
        D21       | A1        | recorder | 2024-01-01
        D22       | A1        | recorder | 2024-01-01
        D22       | A2        | recorder | 2024-01-01
        """,
        {"devices.sent_once": {None: 1, "S1": 1}},
    ),
    # Digits and blanks aside the five say the same; six characters are a phrase that anybody may use.
    "grounds of discretion copied from case to case": (
        """
        cases
        case_id | subject_id | matter_id | source | procedure | filed_at         | discretion_ground
        C251    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 当事人于10月1日主动配合调查并及时改正违法行为
        C252    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 当事人于10月2日主动配合调查并及时改正违法行为
        C253    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 当事人于10月3日主动配合调查并及时改正违法行为
        C254    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 当事人于10月4日主动配合调查并及时改正违法行为
        C255    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 当事人于 9月5日主动配合调查并及时改正违法行为
        C256    | S2         | M2        | patrol | ordinary  | 2026-10-05 09:00 | 初次违法
        """,
        {"cases.ground_not_copied": {None: 5, "S2": 5}},
    ),
    "periods that end before they begin, and postings that overlap": (
        """
        officers
        officer_id | on_post_from | on_post_to | agency_id | certificate_from
        O4         | 2026-01-01   | 2025-01-01 | A3        | 2024-01-01
        O5         | 2025-01-01   | 2026-01-01 | A3        | 2024-01-01
        O5         | 2026-01-01   |            | A3        | 2024-01-01
        """,
        {"officers.on_post_to.period": {None: 1, "T1": 1}, "officers.postings_apart": {None: 1, "T1": 1}},
    ),
    "an area code of seven digits, an id with a blank inside": (
        """
        leads
        lead_id | source | subject_id | received_at      | area_code
        LE 2    | patrol | T1         | 2026-10-05 09:00 | 1201160
        """,
        {"leads.lead_id.key_form": {None: 1, "T1": 1}, "leads.area_code.area_code": {None: 1, "T1": 1}},
    ),
}


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    """The clean district with every table of DEFECTS added: one audit serves all tables."""
    return audit(tmp_path_factory.mktemp("defects"), *(rows for rows, _ in DEFECTS.values()))


@pytest.mark.parametrize("name", list(DEFECTS))
def test_a_planted_defect_is_found_with_its_exact_count_per_body(audited: AuditResult, name: str) -> None:
    _, expected = DEFECTS[name]
    found = failing(audited)
    assert {rule: found.get(rule) for rule in expected} == expected


def test_nothing_that_was_not_planted_is_found(audited: AuditResult) -> None:
    assert set(failing(audited)) == {rule for _, expected in DEFECTS.values() for rule in expected}
