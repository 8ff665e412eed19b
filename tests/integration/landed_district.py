"""A district of three bodies with records of every entity and no defect, and the audit of it.

A test adds the rows of its tables and states what must be found per body.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.audit import AuditResult, run_audit
from pipelines.contract.loader import load_contracts
from pipelines.warehouse.raw_tables import create_raw_tables

MONTH = date(2026, 10, 1)
LOADED = datetime(2026, 11, 3, 8, 0)

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

#: What S1 may put right in a form: dates, a fine in 万元, a credit code, an officer, an inspection entered twice.
WRONG = """
cases
case_id | subject_id | matter_id | source | procedure | filed_at         | decided_at       | decision   | fine_amount | party_name | party_id           | party_kind
C61     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-04 09:00 | no_penalty |             | 张三三      |                    |
C62     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-06 09:00 | penalty    | 0.50        | 李四四      | 91350100M000100Y44 | organisation

participations
activity_kind | activity_id | officer_id | role
case          | C61         | O9         | lead

inspections
inspection_id | subject_id | matter_id | mode    | object_id          | started_at
I91           | S1         | M3        | planned | 91350100M000100Y43 | 2026-10-05 09:00
I92           | S1         | M3        | planned | 91350100M000100Y43 | 2026-10-05 09:00
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
