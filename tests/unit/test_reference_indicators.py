"""Evidence of one month, October 2026, indicator by indicator, from tables that show the whole input."""

from datetime import date

import pytest

from tests.reference import indicators
from tests.reference.evidence import Evidence
from tests.reference.records import Records
from tests.reference.tables import records_of

OCTOBER = date(2026, 10, 1)

SUBJECTS = """
subject_id | kind        | field  | valid_from
S1         | street_town |        | 2024-01-01
S2         | department  | social | 2024-01-01
"""
AGENCIES = """
agency_id | subject_id
A1        | S1
A1b       | S1
A2        | S2
A9        | S9
"""


def states(rows: list[Evidence], variant: str) -> dict[tuple[str, str], str]:
    """State of each unit, by subject and unit; a unit given twice is an error."""
    chosen = [row for row in rows if row.variant == variant]
    found = {(row.subject_id, row.unit_id): row.state for row in chosen}
    assert len(found) == len(chosen)
    return found


def reasons(rows: list[Evidence], variant: str) -> dict[str, str]:
    """Reason of each unit that is left out."""
    return {row.unit_id: row.reason for row in rows if row.variant == variant and row.reason is not None}


# --- performance_rate --------------------------------------------------------------------------------------------

MATTERS = """
matter_id | valid_from | kind
MP        | 2024-01-01 | penalty
MI        | 2024-01-01 | inspection
MC        | 2024-01-01 | coercion
"""


def performance(powers: str, **tables: str) -> list[Evidence]:
    """The evidence of the performance rate in October."""
    known = records_of(subjects=SUBJECTS, matters=MATTERS, powers=powers, **tables)
    return list(indicators.powers.performance_rate(known, OCTOBER))


def test_performance_units_are_the_powers_in_force_on_a_day_of_the_month() -> None:
    rows = performance("""
    subject_id | matter_id | valid_from | valid_to   | duty_listed
    S1         | MP        | 2026-10-31 |            | true
    S1         | MI        | 2024-01-01 | 2026-10-01 | false
    S1         | MC        | 2024-01-01 | 2026-09-30 | true
    S2         | MP        | 2026-11-01 |            | true
    S2         | MI        | 2024-01-01 | 2026-03-31 | true
    S2         | MI        | 2026-04-01 |            |
    S2         | MI        | 2026-10-15 |            | true
    S9         | MP        | 2024-01-01 |            | true
    """)
    # MP of S1 from its last day, MI until its first; S2 holds MI twice in October, which is one unit; S9 is nobody.
    assert states(rows, "all") == {("S1", "MP"): "miss", ("S1", "MI"): "miss", ("S2", "MI"): "miss"}
    assert states(rows, "duty") == {("S1", "MP"): "miss", ("S2", "MI"): "miss"}
    assert states(rows, "penalty") == {("S1", "MP"): "miss"}
    assert states(rows, "inspection") == {("S1", "MI"): "miss", ("S2", "MI"): "miss"}
    assert states(rows, "coercion") == {}


ALL_POWERS = """
subject_id | matter_id | valid_from | duty_listed
S1         | MP        | 2024-01-01 | true
S1         | MI        | 2024-01-01 | false
S1         | MC        | 2024-01-01 |
"""


@pytest.mark.parametrize(
    ("decision", "decided_at", "filed_at", "subject", "strict", "broad"),
    [
        ("penalty", "2026-10-01", "2026-09-01", "S1", "hit", "hit"),
        ("no_penalty", "2026-10-31 23:59:59", "2026-09-01", "S1", "hit", "hit"),
        ("penalty", "2026-11-01", "2026-10-31", "S1", "miss", "hit"),  # filed in October, decided in November
        ("withdrawn", "2026-10-20", "2026-10-02", "S1", "miss", "hit"),  # filed is broad, withdrawn is no decision
        ("withdrawn", "2026-10-20", "2026-09-02", "S1", "miss", "miss"),
        ("", "2026-10-20", "", "S1", "miss", "miss"),  # a date without a decision decides nothing
        ("penalty", "2026-10-01", "2026-10-01", "S2", "miss", "miss"),  # somebody else's case
    ],
)
def test_performance_of_a_penalty_matter(
    decision: str, decided_at: str, filed_at: str, subject: str, strict: str, broad: str
) -> None:
    rows = performance(
        ALL_POWERS,
        cases=f"""
        case_id | subject_id | matter_id | source | procedure | filed_at   | decided_at   | decision
        C1      | {subject}  | MP        | patrol | simple    | {filed_at} | {decided_at} | {decision}
        """,
    )
    assert states(rows, "all") == {("S1", "MP"): strict, ("S1", "MI"): "miss", ("S1", "MC"): "miss"}
    assert states(rows, "penalty") == {("S1", "MP"): strict}
    assert states(rows, "duty") == {("S1", "MP"): strict}
    assert states(rows, "broad") == {("S1", "MP"): broad, ("S1", "MI"): "miss", ("S1", "MC"): "miss"}


@pytest.mark.parametrize(
    ("mode", "result", "object_id", "state"),
    [
        ("planned", "pass", "O1", "hit"),
        ("complaint", "rectify", "O1", "hit"),
        ("patrol", "pass", "O1", "miss"),
        ("planned", "no_entry", "O1", "miss"),
        ("planned", "", "O1", "miss"),
        ("planned", "pass", "", "miss"),
    ],
)
def test_performance_of_an_inspection_matter_needs_a_counted_inspection(
    mode: str, result: str, object_id: str, state: str
) -> None:
    rows = performance(
        ALL_POWERS,
        inspections=f"""
        inspection_id | subject_id | matter_id | mode   | result   | object_id   | started_at
        J1            | S1         | MI        | {mode} | {result} | {object_id} | 2026-10-31 23:59:59
        J2            | S1         | MI        | random | pass     | O1          | 2026-11-01
        J3            | S1         | MP        | random | pass     | O1          | 2026-10-10
        J4            | S1         |           | random | pass     | O1          | 2026-10-10
        """,
    )
    # J2 is November's; J3 inspects on a penalty matter, which does not perform it; J4 names no matter.
    assert states(rows, "inspection") == {("S1", "MI"): state}
    assert states(rows, "penalty") == {("S1", "MP"): "miss"}
    assert states(rows, "broad")["S1", "MI"] == state


def test_performance_of_a_coercion_matter_and_of_a_matter_not_on_the_list() -> None:
    rows = performance(
        ALL_POWERS,
        coercions="""
        coercion_id | subject_id | matter_id | measure | imposed_at
        Q1          | S1         | MC        | seal    | 2026-10-01
        Q2          | S2         | MC        | seal    | 2026-10-01
        """,
    )
    # S2 acted without holding the power: no unit of its own, and none of S1's.
    assert states(rows, "coercion") == {("S1", "MC"): "hit"}


def test_performance_of_a_power_on_an_unknown_matter_is_undecidable() -> None:
    rows = performance("""
    subject_id | matter_id | valid_from | duty_listed
    S1         | MX        | 2024-01-01 | true
    S2         | MX        | 2024-01-01 | false
    """)
    assert states(rows, "all") == {("S1", "MX"): "undecidable", ("S2", "MX"): "undecidable"}
    assert states(rows, "broad") == states(rows, "all")
    assert states(rows, "duty") == {("S1", "MX"): "undecidable"}
    assert reasons(rows, "all") == {"MX": "UNKNOWN_MATTER"}
    assert all(states(rows, kind) == {} for kind in ("penalty", "inspection", "coercion"))
    assert {(row.numerator, row.denominator) for row in rows} == {(0, 0)}


# --- participation_rate ------------------------------------------------------------------------------------------


def participation(officers: str, **tables: str) -> list[Evidence]:
    """The evidence of the participation rate in October."""
    known = records_of(subjects=SUBJECTS, agencies=AGENCIES, officers=officers, **tables)
    return list(
        indicators.officers.participation_rate(known, OCTOBER, indicators.officers.days_of_participation(known))
    )


@pytest.mark.parametrize(
    ("on_post_from", "on_post_to", "certificate_from", "certificate_to", "on_post"),
    [
        ("2024-01-01", "", "2024-01-01", "", True),
        ("2026-10-31", "", "2024-01-01", "", True),  # the last day of the month
        ("2024-01-01", "2026-10-01", "2024-01-01", "", True),  # its first
        ("2026-11-01", "", "2024-01-01", "", False),
        ("2024-01-01", "2026-09-30", "2024-01-01", "", False),
        ("2024-01-01", "", "2024-01-01", "2026-10-01", True),
        ("2024-01-01", "", "2024-01-01", "2026-09-30", False),
        ("2024-01-01", "2026-10-10", "2026-10-10", "", True),  # one day in common
        ("2024-01-01", "2026-10-10", "2026-10-11", "", False),  # both in October, never at once
    ],
)
def test_on_post_is_a_day_shared_by_posting_certificate_and_month(
    on_post_from: str, on_post_to: str, certificate_from: str, certificate_to: str, on_post: bool
) -> None:
    rows = participation(f"""
    officer_id | on_post_from   | on_post_to   | agency_id | certificate_from   | certificate_to
    P1         | {on_post_from} | {on_post_to} | A1        | {certificate_from} | {certificate_to}
    """)
    assert states(rows, "all") == ({("S1", "P1"): "miss"} if on_post else {})


OFFICERS = """
officer_id | on_post_from | agency_id | post | frontline | certificate_from
P1         | 2024-01-01   | A1        | A    | true      | 2024-01-01
P2         | 2024-01-01   | A1        | B    | true      | 2024-01-01
P3         | 2024-01-01   | A2        | A    | false     | 2024-01-01
P4         | 2024-01-01   | A2        |      |           | 2024-01-01
P5         | 2024-01-01   | A9        | A    | true      | 2024-01-01
P6         | 2024-01-01   | A7        | A    | true      | 2024-01-01
"""


def test_variants_of_participation_and_postings_of_nobody() -> None:
    rows = participation(OFFICERS)
    # P5 is posted to a body that is not in the ledger, P6 to an agency that is not.
    assert set(states(rows, "all")) == {("S1", "P1"), ("S1", "P2"), ("S2", "P3"), ("S2", "P4")}
    assert set(states(rows, "frontline")) == {("S1", "P1"), ("S1", "P2")}
    assert set(states(rows, "a_post")) == {("S1", "P1"), ("S2", "P3")}


ACTIVITIES = {
    "inspections": """
    inspection_id | subject_id | mode    | result   | started_at          | submitted_at | operation
    J1            | S1         | patrol  |          | 2026-10-31 23:59:59 | 2026-11-01   | i
    J2            | S1         | planned | no_entry | 2026-10-10          | 2026-10-10   | i
    J3            | S1         | planned | pass     | 2026-11-01          | 2026-11-01   | i
    J4            | S1         | planned | pass     | 2026-10-10          | 2026-10-10   | d
    J5            | S1         | planned | pass     | 2026-10-10          | 2026-11-06   | i
    J6            | S9         | planned | pass     | 2026-10-10          | 2026-10-10   | i
    """,
    "cases": """
    case_id | subject_id | source | procedure | filed_at   | decided_at | submitted_at
    C1      | S2         | patrol | ordinary  | 2026-10-01 | 2026-12-01 | 2026-10-01
    C2      | S2         | patrol | ordinary  | 2026-09-30 | 2026-10-20 | 2026-10-01
    C3      | S2         | patrol | simple    |            | 2026-10-20 | 2026-10-20
    C4      | S2         | patrol | simple    |            |            | 2026-10-20
    """,
    "coercions": """
    coercion_id | subject_id | measure | imposed_at | submitted_at
    Q1          | S1         | seal    | 2026-10-15 | 2026-10-15
    """,
    "leads": """
    lead_id | source  | subject_id | received_at | first_visit_at | submitted_at
    L1      | hotline | S1         | 2026-09-30  | 2026-10-01     | 2026-10-01
    L2      | hotline | S1         | 2026-10-01  |                | 2026-10-01
    """,
}


@pytest.mark.parametrize(
    ("kind", "activity", "state"),
    [
        ("inspection", "J1", "hit"),  # a patrol counts, a missing result does not matter
        ("inspection", "J2", "miss"),  # no entry
        ("inspection", "J3", "miss"),  # November
        ("inspection", "J4", "miss"),  # withdrawn
        ("inspection", "J5", "miss"),  # entered after as_of
        ("inspection", "J6", "miss"),  # of a body that is not in the ledger
        ("inspection", "C1", "miss"),  # the number of a case
        ("case", "C1", "hit"),  # filed in October; another body's
        ("case", "C2", "miss"),  # filed in September, whatever was decided in October
        ("case", "C3", "hit"),  # never filed: the date of the decision
        ("case", "C4", "miss"),  # no date at all
        ("coercion", "Q1", "hit"),
        ("lead", "L1", "hit"),  # visited in October
        ("lead", "L2", "miss"),  # never visited
    ],
)
def test_what_is_taking_part(kind: str, activity: str, state: str) -> None:
    participations = f"""
    activity_kind | activity_id | officer_id | submitted_at
    {kind}        | {activity}  | P1         | 2026-10-31
    {kind}        | {activity}  | P8         | 2026-10-31
    """
    rows = participation(OFFICERS, participations=participations, **ACTIVITIES)
    # P8 is in no ledger and is never credited.
    assert states(rows, "frontline") == {("S1", "P1"): state, ("S1", "P2"): "miss"}


def test_taking_part_withdrawn_or_entered_late() -> None:
    participations = """
    activity_kind | activity_id | officer_id | submitted_at | operation
    case          | C1          | P1         | 2026-10-31   | d
    case          | C1          | P2         | 2026-11-06   | i
    """
    rows = participation(OFFICERS, participations=participations, **ACTIVITIES)
    assert states(rows, "frontline") == {("S1", "P1"): "miss", ("S1", "P2"): "miss"}


def test_a_transfer_in_the_month_credits_the_posting_of_the_day() -> None:
    rows = participation(
        """
        officer_id | on_post_from | on_post_to | agency_id | post | frontline | certificate_from
        P1         | 2024-01-01   | 2026-10-15 | A1        | A    | true      | 2024-01-01
        P1         | 2026-10-16   | 2026-10-20 | A1b       | B    | true      | 2024-01-01
        P1         | 2026-10-21   |            | A2        | B    | true      | 2024-01-01
        """,
        participations="""
        activity_kind | activity_id | officer_id | submitted_at
        case          | C1          | P1         | 2026-10-01
        """,
        **ACTIVITIES,
    )
    # C1 was filed on 1 October: the posting at A1. In S1 P1 is one officer, though posted twice.
    assert states(rows, "all") == {("S1", "P1"): "hit", ("S2", "P1"): "miss"}
    assert states(rows, "a_post") == {("S1", "P1"): "hit"}
    agencies = {(row.variant, row.subject_id): row.agency_id for row in rows}
    assert agencies["all", "S1"] == "A1b"  # the latest posting in S1
    assert agencies["a_post", "S1"] == "A1"  # the latest that is an A post


def test_taking_part_outside_the_qualifying_posting_does_not_count() -> None:
    rows = participation(
        """
        officer_id | on_post_from | on_post_to | agency_id | post | certificate_from
        P1         | 2024-01-01   | 2026-10-09 | A1        | B    | 2024-01-01
        P1         | 2026-10-20   |            | A1        | A    | 2024-01-01
        """,
        inspections="""
        inspection_id | subject_id | mode    | started_at
        J1            | S1         | planned | 2026-10-05
        J2            | S1         | planned | 2026-10-15
        """,
        participations="""
        activity_kind | activity_id | officer_id
        inspection    | J1          | P1
        inspection    | J2          | P1
        """,
    )
    # J1 falls on the B post, J2 into the gap between the postings.
    assert states(rows, "all") == {("S1", "P1"): "hit"}
    assert states(rows, "a_post") == {("S1", "P1"): "miss"}


def test_the_certificate_need_not_cover_the_day_of_the_act() -> None:
    rows = participation(
        """
        officer_id | on_post_from | agency_id | certificate_from
        P1         | 2024-01-01   | A1        | 2026-10-31
        """,
        inspections="""
        inspection_id | subject_id | mode    | started_at
        J1            | S1         | planned | 2026-10-05
        """,
        participations="""
        activity_kind | activity_id | officer_id
        inspection    | J1          | P1
        """,
    )
    assert states(rows, "all") == {("S1", "P1"): "hit"}


# --- supervision_rate --------------------------------------------------------------------------------------------

DECIDED = """
case_id | subject_id | agency_id | source     | procedure | filed_at   | decided_at          | decision
C1      | S1         | A1        | patrol     | ordinary  | 2026-09-01 | 2026-10-31 23:59:59 | penalty
C2      | S1         |           | complaint  | ordinary  | 2026-10-01 | 2026-10-01          | no_penalty
C3      | S1         |           | superior   | ordinary  | 2026-10-01 | 2026-10-01          | withdrawn
C4      | S1         |           | unknown    | ordinary  | 2026-10-01 | 2026-11-01          | penalty
C5      | S1         |           | monitoring | simple    |            | 2026-10-01          | penalty
C6      | S9         |           | monitoring | simple    |            | 2026-10-01          | penalty
"""
INSPECTED = """
inspection_id | subject_id | agency_id | mode        | result   | object_id | started_at
J1            | S1         | A1        | planned     | pass     | O1        | 2026-10-31 23:59
J2            | S1         |           | random      |          | O1        | 2026-10-01
J3            | S1         |           | patrol      | pass     |           | 2026-10-01
J4            | S1         |           | complaint   | problem  |           | 2026-10-01
J5            | S1         |           | directed    | rectify  | O1        | 2026-10-01
J6            | S1         |           | followup    | pass     | O1        | 2026-10-01
J7            | S1         |           | application | pass     | O1        | 2026-10-01
J8            | S1         |           | directed    | no_entry | O1        | 2026-10-01
J9            | S1         |           | planned     | pass     | O1        | 2026-11-01
"""


def _busy(**tables: str) -> Records:
    return records_of(subjects=SUBJECTS, agencies=AGENCIES, cases=DECIDED, inspections=INSPECTED, **tables)


def test_supervision_by_as_of() -> None:
    known = _busy(
        supervisions="""
        supervision_id | kind       | subject_id | activity_kind | activity_id | done_at             | submitted_at
        V1             | spot_check | S1         | case          | C1          | 2026-11-05 23:59:59 | 2026-11-05
        V2             | spot_check | S1         | case          | C1          | 2026-11-02          | 2026-11-02
        V3             | spot_check | S1         | case          | C2          | 2026-11-06          | 2026-11-05
        V4             | spot_check | S1         | inspection    | J1          | 2026-11-02          | 2026-11-02
        V5             | spot_check | S1         | inspection    | C5          | 2026-11-02          | 2026-11-02
        V6             | duty       | S1         |               |             | 2026-11-02          | 2026-11-02
        """
    )
    rows = list(indicators.supervision.supervision_rate(known, OCTOBER))
    # C1 is seen twice and counts once; C2 is seen after as_of; V5 names an inspection by the number of a case.
    assert states(rows, "cases") == {("S1", "C1"): "hit", ("S1", "C2"): "miss", ("S1", "C5"): "miss"}
    inspections = {("S1", "J1"): "hit", ("S1", "J5"): "miss", ("S1", "J6"): "miss", ("S1", "J7"): "miss"}
    assert states(rows, "acts") == states(rows, "cases") | inspections
    assert {row.agency_id for row in rows if row.state == "hit"} == {"A1"}


# --- proactive_discovery_rate ------------------------------------------------------------------------------------


def test_proactive_cases_by_case_date() -> None:
    rows = list(indicators.discovery.proactive_discovery_rate(_busy(), OCTOBER))
    # C1 was filed in September. C5 was never filed: the date of its decision.
    assert states(rows, "cases") == {
        ("S1", "C2"): "miss",
        ("S1", "C3"): "excluded",
        ("S1", "C4"): "undecidable",
        ("S1", "C5"): "hit",
    }
    assert reasons(rows, "cases") == {"C3": "ORDERED", "C4": "UNKNOWN_SOURCE"}


def test_proactive_leads() -> None:
    known = records_of(
        subjects=SUBJECTS,
        leads="""
        lead_id | source     | subject_id | received_at         | disposition
        L1      | grid       | S1         | 2026-10-01          | handled
        L2      | monitoring | S1         | 2026-10-31 23:59:59 |
        L3      | superior   | S1         | 2026-10-10          | duplicate
        L4      | assigned   | S1         | 2026-10-10          | pending
        L5      | unknown    | S1         | 2026-10-10          | pending
        L6      | grid       | S1         | 2026-11-01          | pending
        """,
    )
    rows = list(indicators.discovery.proactive_discovery_rate(known, OCTOBER))
    assert states(rows, "leads") == {
        ("S1", "L1"): "miss",
        ("S1", "L2"): "hit",
        ("S1", "L3"): "excluded",
        ("S1", "L4"): "excluded",
        ("S1", "L5"): "undecidable",
    }
    assert reasons(rows, "leads") == {"L3": "DUPLICATE", "L4": "ORDERED", "L5": "UNKNOWN_SOURCE"}


def test_proactive_inspections_by_mode() -> None:
    rows = list(indicators.discovery.proactive_discovery_rate(_busy(), OCTOBER))
    found = {unit: state for (_, unit), state in states(rows, "inspections").items()}
    assert found == {
        "J1": "hit",
        "J2": "hit",  # no result yet, still in scope
        "J3": "hit",  # a patrol
        "J4": "miss",
        "J5": "excluded",
        "J6": "excluded",
        "J7": "excluded",
        "J8": "excluded",
    }
    assert reasons(rows, "inspections") == {"J5": "DIRECTED", "J6": "FOLLOWUP", "J7": "APPLICATION", "J8": "NO_ENTRY"}


def test_problems_found_by_supervision_against_decisions_corrected() -> None:
    known = _busy(
        supervisions="""
        supervision_id | kind       | subject_id | done_at             | problems
        V1             | spot_check | S1         | 2026-10-31 23:59:59 | 3
        V2             | duty       | S1         | 2026-10-01          | 2
        V3             | duty       | S1         | 2026-10-01          | 0
        V4             | duty       | S1         | 2026-10-01          |
        V5             | duty       | S1         | 2026-11-01          | 7
        V6             | duty       | S9         | 2026-10-01          | 7
        """,
        disputes="""
        dispute_id | case_id | kind            | filed_on   | concluded_on | outcome
        D1         | C1      | litigation      | 2026-09-01 | 2026-10-31   | revoked
        D2         | C2      | reconsideration | 2026-09-01 | 2026-10-01   | upheld
        D3         | C3      | reconsideration | 2026-09-01 | 2026-11-01   | unlawful
        D4         | C9      | reconsideration | 2026-09-01 | 2026-10-01   | changed
        D5         | C4      | reconsideration | 2026-09-01 |              |
        D6         | C6      | reconsideration | 2026-09-01 | 2026-10-01   | changed
        """,
    )
    rows = [
        row for row in indicators.discovery.proactive_discovery_rate(known, OCTOBER) if row.variant == "supervision"
    ]
    # 3 + 2 problems found; one decision corrected (D4 and D6 are about nobody's case): 5 of 6.
    assert [(row.subject_id, row.unit_id, row.numerator, row.denominator) for row in rows] == [
        ("S1", "V1", 3, 3),
        ("S1", "V2", 2, 2),
        ("S1", "D1", 0, 1),
    ]


# --- acts_per_officer --------------------------------------------------------------------------------------------


def test_acts_over_officers() -> None:
    known = _busy(
        officers=OFFICERS,
        coercions="""
        coercion_id | subject_id | measure | imposed_at
        Q1          | S1         | seal    | 2026-10-31
        Q2          | S1         | seal    | 2026-11-01
        """,
        participations="""
        activity_kind | activity_id | officer_id
        case          | C2          | P1
        inspection    | J3          | P3
        """,
    )
    rows = list(indicators.officers.acts_per_officer(known, OCTOBER, indicators.officers.days_of_participation(known)))

    def sums(variant: str, subject_id: str) -> tuple[float, float]:
        chosen = [row for row in rows if (row.variant, row.subject_id) == (variant, subject_id)]
        return sum(row.numerator for row in chosen), sum(row.denominator for row in chosen)

    # S1: inspections J1 J5 J6 J7, cases C1 C2 C5, coercion Q1: 8 acts; S2 none.
    # J3 is a patrol: no act, but P3 took part.
    assert sums("frontline", "S1") == (8, 2)  # P1 P2
    assert sums("all", "S1") == (8, 2)
    assert sums("participants", "S1") == (8, 1)  # P1
    assert sums("frontline", "S2") == (0, 0)
    assert sums("all", "S2") == (0, 2)  # P3 P4
    assert sums("participants", "S2") == (0, 1)  # P3
    assert {row.state for row in rows if row.unit_kind == "officer"} == {"miss"}
    assert {row.state for row in rows if row.unit_kind != "officer"} == {"hit"}


def test_nothing_at_all_gives_no_evidence() -> None:
    assert indicators.evidence(records_of(subjects=SUBJECTS), OCTOBER) == []


def test_evidence_covers_the_month_and_the_twelve_before_it() -> None:
    known = records_of(
        subjects=SUBJECTS,
        cases="""
        case_id | subject_id | source | procedure | decided_at          | decision
        C1      | S1         | patrol | simple    | 2025-09-30 23:59:59 | penalty
        C2      | S1         | patrol | simple    | 2025-10-01          | penalty
        C3      | S1         | patrol | simple    | 2026-10-31 23:59:59 | penalty
        C4      | S1         | patrol | simple    | 2026-11-01          | penalty
        """,
    )
    rows = [row for row in indicators.evidence(known, OCTOBER) if row.indicator_id == "supervision_rate"]
    assert [(row.unit_id, row.month) for row in rows if row.variant == "cases"] == [
        ("C2", date(2025, 10, 1)),
        ("C3", date(2026, 10, 1)),
    ]
