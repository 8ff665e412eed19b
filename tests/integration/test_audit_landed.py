"""The landed audit on a district of three bodies: every planted defect is found, and nothing else.

The clean world below holds records of every entity and no defect. A test adds the rows of its table,
runs the audit with Great Expectations inside DuckDB, and states what must be found per body.
"""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from expectations.audit import AuditResult, run_audit
from expectations.duckdb_engine import warm_up
from expectations.suite_model import Suites, load_suites
from pipelines.contract.loader import load_contracts
from pipelines.errors import ContractError, UsageError
from pipelines.ingest.load import load_paths
from pipelines.warehouse.raw_tables import create_raw_tables

MONTH = date(2026, 10, 1)
LOADED = datetime(2026, 11, 3, 8, 0)

QUALITY_COLUMNS = [
    "border", "expectation_id", "entity", "field", "severity", "dimension", "owner_zh", "owner_en", "label_zh",
    "label_en", "reason_zh", "reason_en", "remedy_zh", "remedy_en", "indicators", "subject_id", "evaluated", "failing",
    "success",
]  # fmt: skip

# M1 has a band of 1,000 to 50,000 yuan; M2 is held by S2 only; 91350100M000100Y43 has the right check digit.
CLEAN = """
subjects
subject_id | name      | kind        | uscc               | area_code | valid_from | valid_to
S1         | 市场监管局 | department  | 91350100M000100Y43 |           | 2020-01-01 |
S2         | 生态环境局 | department  |                    |           | 2020-01-01 |
T1         | 新村街道   | street_town |                    | 120116001 | 2020-01-01 |

agencies
agency_id | subject_id | name      | valid_from
A1        | S1         | 稽查支队   | 2020-01-01
A2        | S2         | 执法支队   | 2020-01-01
A3        | T1         | 综合执法队 | 2020-01-01

officers
officer_id | on_post_from | on_post_to | agency_id | frontline | certificate_from | certificate_to
O1         | 2024-01-01   | 2025-12-31 | A1        | true      | 2023-01-01       | 2026-12-31
O1         | 2026-01-01   |            | A2        | true      | 2023-01-01       | 2026-12-31
O2         | 2024-01-01   |            | A1        | true      | 2024-01-01       | 2026-10-15
O3         | 2024-01-01   |            | A3        | false     | 2024-01-01       |

devices
device_id | agency_id | kind     | issued_on  | retired_on
D1        | A1        | recorder | 2024-01-01 |

laws
law_id | name   | level | valid_from
L1     | 某某法 | law   | 2015-01-01

articles
article_id | law_id | number  | valid_from
L1-3       | L1     | 第三条   | 2015-01-01
L1-9       | L1     | 第九条   | 2015-01-01

matters
matter_id | valid_from | valid_to   | name   | kind       | penalty_articles | fine_min | fine_max
M1        | 2020-01-01 | 2025-12-31 | 事项一 | penalty    | L1-9             | 1000     | 50000
M1        | 2026-01-01 |            | 事项一 | penalty    | L1-9;L1-3        | 1000     | 50000
M2        | 2020-01-01 |            | 事项二 | penalty    |                  |          |
M3        | 2020-01-01 |            | 事项三 | inspection |                  |          |
M4        | 2020-01-01 |            | 事项四 | coercion   |                  |          |

powers
subject_id | matter_id | valid_from | valid_to   | origin
S1         | M1        | 2020-01-01 | 2025-06-30 | statutory
S1         | M1        | 2025-07-01 |            | statutory
S1         | M3        | 2020-01-01 |            | statutory
S1         | M4        | 2020-01-01 |            | statutory
S2         | M2        | 2020-01-01 |            | statutory
T1         | M1        | 2026-10-01 |            | devolved

leads
lead_id | source  | subject_id | received_at      | accepted_at      | first_visit_at   | closed_at        | disposition | case_id
LE1     | hotline | S1         | 2026-10-01 09:00 | 2026-10-01 09:30 | 2026-10-02 10:00 | 2026-10-09 10:00 | case_filed  | C1

inspection_plans
plan_id | subject_id | due_on     | matter_id
P1      | S1         | 2026-10-31 | M3

inspections
inspection_id | subject_id | agency_id | matter_id | mode    | plan_id | object_id          | object_kind  | started_at       | ended_at         | result | problems | longitude | latitude | submitted_at
I1            | S1         | A1        | M3        | planned | P1      | 91350100M000100Y43 | organisation | 2026-10-09 09:00 | 2026-10-09 10:00 | pass   | 0        | 117.70    | 39.00    | 2026-10-09 12:00
I2            | S1         | A1        | M3        | patrol  |         |                    |              | 2026-10-09 11:00 | 2026-10-09 11:00 |        |          | 117.71    | 39.02    | 2026-10-09 12:00

cases
case_id | document_no | subject_id | agency_id | matter_id | lead_id | source  | procedure | party_id | filed_at         | decided_at       | decision | penalty_types | fine_amount | served_at        | submitted_at     | violation_on | penalty_articles
C1      | 文〔1〕号    | S1         | A1        | M1        | LE1     | hotline | ordinary  | P-1      | 2026-10-02 09:00 | 2026-10-20 09:00 | penalty  | fine          | 2000.00     | 2026-10-21 09:00 | 2026-10-02 10:00 | 2026-10-01   | L1-9;L1-3
C2      | 文〔2〕号    | S2         | A2        | M2        |         | patrol  | simple    | P-2      | 2026-10-03 09:00 | 2026-10-03 09:00 | penalty  | warning       |             | 2026-10-03 09:00 | 2026-10-03 10:00 | 2026-10-03   |
C3      | 文〔3〕号    | T1         | A3        | M1        |         | patrol  | simple    | P-3      | 2026-10-01 00:00 | 2026-10-01 00:00 | penalty  | fine          | 50000.00    | 2026-10-01 00:00 | 2026-10-01 00:00 | 2026-10-01   |

coercions
coercion_id | subject_id | case_id | matter_id | measure | imposed_at       | released_at
K1          | S1         | C1      | M4        | seal    | 2026-10-03 09:00 | 2026-10-05 09:00

participations
activity_kind | activity_id | officer_id | role
inspection    | I1          | O2         | lead
case          | C1          | O2         | lead
case          | C2          | O1         | lead
case          | C3          | O3         | lead

recordings
recording_id | device_id | activity_kind | activity_id | stage | medium      | started_at       | ended_at
R1           | D1        | case          | C1          | start | audio_video | 2026-10-02 09:00 | 2026-10-02 09:30

documents
document_id | activity_kind | activity_id | kind
W1          | case          | C1          | 立案审批表

supervisions
supervision_id | kind        | subject_id | activity_kind | activity_id | done_at          | score | rectify_due_on | rectified_on
V1             | file_review | S1         | case          | C1          | 2026-10-25 09:00 | 95    | 2026-11-25     | 2026-10-25

review_faults
supervision_id | fault_code | deduction
V1             | F1         | 5

disputes
dispute_id | case_id | kind            | filed_on   | concluded_on | outcome
X1         | C1      | reconsideration | 2026-10-26 | 2026-10-26   | upheld

assistance_requests
request_id | from_subject_id | to_subject_id | requested_at     | replied_at       | outcome
Q1         | T1              | S2            | 2026-10-06 09:00 | 2026-10-06 15:00 | assisted
"""


def read_tables(text: str) -> dict[str, list[dict[str, str | None]]]:
    """Tables of `a | b` lines below the name of their entity; an empty cell is NULL."""
    tables = {}
    for block in text.strip().split("\n\n"):
        entity, header, *lines = (line.strip() for line in block.strip().splitlines())
        names = [name.strip() for name in header.split("|")]
        tables[entity] = [
            dict(zip(names, (cell.strip() or None for cell in line.split("|")), strict=True)) for line in lines
        ]
    return tables


def load(connection: duckdb.DuckDBPyConnection, text: str, loaded: datetime = LOADED) -> None:
    """Append the tables to `raw`, as a load at `loaded` would."""
    for entity, rows in read_tables(text).items():
        order = connection.execute(f"select coalesce(max(_load_order), 0) from raw.{entity}").fetchall()[0][0]
        for number, row in enumerate(rows, start=1):
            values = {**row, "_file_id": f"{entity}.csv", "_row_number": number + 1, "_loaded_at": loaded}
            values["_load_order"] = order + number
            marks = ", ".join("?" for _ in values)
            connection.execute(
                f"insert into raw.{entity} ({', '.join(values)}) values ({marks})", list(values.values())
            )


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    """One import of Great Expectations serves all tests."""
    warm_up()


def audit(folder: Path, *added: str, without: tuple[str, ...] = (), **options: Any) -> AuditResult:
    """Audits the clean district with the given tables added and the rows of some entities removed."""
    path = folder / "warehouse.duckdb"
    connection = duckdb.connect(str(path))
    create_raw_tables(connection, load_contracts())
    for text in (CLEAN, *added):
        load(connection, text)
    for entity in without:
        connection.execute(f"delete from raw.{entity}")
    connection.close()
    return run_audit(path, border="landed", contracts=load_contracts(), month=MONTH, work=folder / "work", **options)


def failing(result: AuditResult) -> dict[str, dict[str | None, int]]:
    """Failing records per rule and body, all bodies under None; rules that nobody fails are left out."""
    found: dict[str, dict[str | None, int]] = {}
    for row in result.rows:
        if row.failing:
            found.setdefault(row.expectation_id, {})[row.subject_id] = row.failing
    return found


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


def test_a_breach_of_contract_that_loaded_is_an_error_and_its_bodies_add_up(tmp_path: Path) -> None:
    breach = """
    cases
    case_id | subject_id | matter_id | source | procedure | filed_at         | fine_amount | penalty_types
    C21     | S1         | M1        | spring | ordinary  | 2026-10-05 09:00 | -1.00       | fine;flogging
    C22     | S2         | M2        | spring |           | 2026-10-05 09:00 | 0.00        | fine
    """
    result = audit(tmp_path, breach, entities=("cases",))
    assert failing(result) == {
        "cases.source.code": {None: 2, "S1": 1, "S2": 1},
        "cases.procedure.required": {None: 1, "S2": 1},
        "cases.penalty_types.code_list": {None: 1, "S1": 1},
        "cases.fine_amount.range": {None: 1, "S1": 1},
    }
    assert set(result.failed_errors) == set(failing(result))
    # Of S1's cases C1 and C21 have a fine: 1 of 2 fails.
    of_s1 = [row for row in result.rows if row.subject_id == "S1" and row.expectation_id == "cases.fine_amount.range"]
    assert [(row.evaluated, row.failing, row.severity) for row in of_s1] == [(2, 1, "error")]


def test_only_the_newest_version_known_at_as_of_is_judged(tmp_path: Path) -> None:
    versions = """
    cases
    case_id | subject_id | matter_id | source | procedure | filed_at         | decided_at       | decision | updated_at       | operation
    C21     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-04 09:00 | penalty  | 2026-10-05 10:00 | i
    C21     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-06 09:00 | penalty  | 2026-10-06 10:00 | u
    C22     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-04 09:00 | penalty  | 2026-10-05 10:00 | i
    C22     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-04 09:00 | penalty  | 2026-10-06 10:00 | d
    C23     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-04 09:00 | penalty  | 2026-10-05 10:00 | i
    C23     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-06 09:00 | penalty  | 2026-11-06 00:00 | u
    """
    # C21 was mended in time, C22 withdrawn, C23 mended one second after as_of (2026-11-05 23:59:59).
    result = audit(tmp_path, versions, entities=("cases",))
    assert failing(result)["cases.decided_after_filed"] == {None: 1, "S1": 1}
    assert result.examples["cases.decided_after_filed", "S1"] == ("C23",)


def test_a_table_that_must_have_rows_and_has_none_is_an_error_an_optional_one_is_not(tmp_path: Path) -> None:
    result = audit(tmp_path, without=("officers", "devices", "participations", "recordings"))
    rows = {row.expectation_id: row for row in result.rows if row.subject_id is None}
    assert result.failed_errors == ("officers.has_rows",)
    assert (rows["devices.has_rows"].severity, rows["devices.has_rows"].success) == ("info", False)
    # A rule without a record to judge is no pass.
    on_post = rows["participations.officer_on_post"]
    assert (on_post.evaluated, on_post.failing, on_post.success, on_post.severity) == (0, 0, False, "info")


def test_a_warehouse_in_which_nothing_can_be_judged_fails_altogether(tmp_path: Path) -> None:
    result = audit(tmp_path, without=tuple(load_contracts().entities))
    assert not any(row.success for row in result.rows)
    assert "subjects.has_rows" in result.failed_errors


def with_rule(**changed: Any) -> Suites:
    """The suites with one rule of the landed border changed."""
    suites = load_suites()
    first, *others = suites.written["landed"]
    written = {**suites.written, "landed": (first.model_copy(update=changed), *others)}
    return replace(suites, written=written)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sql": "select null as subject_id, r.case_idd as record_id, 1 as value from {batch} as r"}, "case_idd"),
        ({"sql": "selec null from {batch} as r"}, "Parser Error"),
        ({"sql": "select 1 as record_id, 1 as value from {batch} as r"}, "subject_id"),
        ({"scope": "r.no_such_field > 0"}, "no_such_field"),
        ({"entity": "casess"}, "casess"),
        ({"field": "case_idd"}, "case_idd"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_stops_the_audit_and_is_named(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    entities = None if "entity" in changed else ("cases",)
    with pytest.raises(ContractError) as refused:
        audit(tmp_path, suites=with_rule(**changed), entities=entities)
    assert "cases.decided_after_filed" in str(refused.value)
    assert said in str(refused.value)


def test_a_relation_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="stg_cases"):
        audit(tmp_path, relations={"cases": "staging.stg_cases"})


def test_a_warehouse_that_is_not_there_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="hengfa load"):
        run_audit(
            tmp_path / "none.duckdb", border="landed", contracts=load_contracts(), month=MONTH, work=tmp_path / "work"
        )


def test_the_same_warehouse_gives_the_same_rows_and_they_fit_the_quality_table(tmp_path: Path) -> None:
    first = audit(tmp_path, DEFECTS["entered before it happened"][0], entities=("inspections", "cases"))
    again = run_audit(
        tmp_path / "warehouse.duckdb",
        border="landed",
        contracts=load_contracts(),
        month=MONTH,
        work=tmp_path / "again",
        entities=("inspections", "cases"),
    )
    assert first.rows == again.rows
    frame = first.to_frame()
    assert frame.columns == QUALITY_COLUMNS
    assert frame.schema["evaluated"] == frame.schema["failing"] == pl.Int64
    assert frame.filter(pl.col("subject_id").is_null()).height == frame["expectation_id"].n_unique()


def test_no_personal_data_reaches_the_result_or_its_record(tmp_path: Path) -> None:
    named = """
    cases
    case_id | subject_id | matter_id | source | procedure | filed_at         | party_name | party_id           | party_kind
    C21     | S1         | M1        | spring | ordinary  | 2026-10-05 09:00 | 张三三      | 91350100M000100Y44 | organisation
    """
    result = audit(tmp_path, named, entities=("cases",))
    assert failing(result)["cases.party_check_digit"] == {None: 1, "S1": 1}
    written = result.record.read_text(encoding="utf-8") + result.to_frame().write_csv()
    assert "张三三" not in written
    assert "91350100M000100Y44" not in written


def test_a_slip_of_unit_in_a_national_record_stands_out_among_the_fines_of_its_matter(tmp_path: Path) -> None:
    """双公示 counts in 万元 and names no matter, so no band tells a slip: the other fines of the record do."""
    header = "CF_WSH,CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_CFLB,CF_NR,CF_NR_FK,CF_NR_WFFF,CF_JDRQ,CF_CFJG,CF_CFJGDM"
    # 24 fines of 500 to 12,000 yuan; one typed in yuan (2,000 × 10,000); one that names its unit; one that is just high.
    fines = [f"{0.05 * n:.2f}" for n in range(1, 25)] + ["2000", "2000元", "300"]
    rows = [f"罚〔2026〕{n}号,某店,自然人,,罚款,略,{fine},,2026/10/10,某局,S1" for n, fine in enumerate(fines, start=1)]
    (tmp_path / "双公示行政处罚202610.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    mapping = Path(__file__).resolve().parents[2] / "examples" / "credit_china_penalties" / "mapping.yml"
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        create_raw_tables(connection, load_contracts())
        load(connection, CLEAN)
        report = load_paths(
            connection,
            [tmp_path / "双公示行政处罚202610.csv"],
            contracts=load_contracts(),
            loaded_at=LOADED,
            mapping=mapping,
        )
        assert report.rows_quarantined == 0
    result = run_audit(
        tmp_path / "warehouse.duckdb", border="landed", contracts=load_contracts(), month=MONTH, work=tmp_path / "work"
    )
    assert failing(result)["cases.fine_in_yuan"] == {None: 1, "S1": 1}
    found = pl.read_parquet(result.relations / "failures.parquet").filter(
        pl.col("expectation_id") == "cases.fine_in_yuan"
    )
    assert found["record_id"].unique().to_list() == ["S1-罚〔2026〕25号"]
