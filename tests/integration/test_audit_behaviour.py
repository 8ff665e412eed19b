"""How an audit of landed records behaves, whatever its rules say.

Which versions it judges, what it makes of tables without rows and of rules and warehouses it cannot read, that it
gives the same rows twice and tells no personal data.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.audit import run_audit
from expectations.duckdb_engine import warm_up
from expectations.suite_model import Body, Suites, load_suites
from pipelines.contract.loader import load_contracts
from pipelines.errors import ContractError, UsageError
from tests.integration.landed_district import MONTH, audit, failing

QUALITY_COLUMNS = [
    "border", "expectation_id", "entity", "field", "severity", "dimension", "owner_zh", "owner_en", "label_zh",
    "label_en", "reason_zh", "reason_en", "remedy_zh", "remedy_en", "indicators", "subject_id", "evaluated", "failing",
    "success",
]  # fmt: skip

ENTERED_EARLY = """
inspections
inspection_id | subject_id | mode   | started_at       | submitted_at
I181          | S1         | patrol | 2026-10-05 09:00 | 2026-10-05 08:59
I182          | S1         | patrol | 2026-10-05 09:00 | 2026-10-05 09:00
"""

DECIDED_EARLY = """
cases
case_id | subject_id | matter_id | source | procedure | filed_at         | decided_at       | decision
C23     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-04 09:00 | penalty
"""


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    """One import of Great Expectations serves all tests."""
    warm_up()


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


def with_rule(rule: str, **changed: Any) -> Suites:
    """The suites with one rule of the landed border changed."""
    suites = load_suites()
    landed = tuple(one.model_copy(update=changed) if one.id == rule else one for one in suites.written["landed"])
    assert landed != suites.written["landed"]
    return replace(suites, written={**suites.written, "landed": landed})


ONE_RECORD, SEVERAL_RECORDS = "cases.decided_after_filed", "cases.same_act_once"


@pytest.mark.parametrize(
    ("rule", "changed", "said"),
    [
        (
            SEVERAL_RECORDS,
            {"sql": "select null as subject_id, r.case_idd as record_id, 1 as value from {batch} as r"},
            "case_idd",
        ),
        (SEVERAL_RECORDS, {"sql": "selec null from {batch} as r"}, "Parser Error"),
        (SEVERAL_RECORDS, {"sql": "select 1 as record_id, 1 as value from {batch} as r"}, "subject_id"),
        (SEVERAL_RECORDS, {"evaluated_sql": "select null as subject_id, 1 as judged"}, "evaluated"),
        (ONE_RECORD, {"fails": "r.no_such_field > 0"}, "no_such_field"),
        (ONE_RECORD, {"fails": "r.decided_at <"}, "Parser Error"),
        (ONE_RECORD, {"scope": "r.no_such_field > 0"}, "no_such_field"),
        (ONE_RECORD, {"entity": "casess"}, "casess"),
        (ONE_RECORD, {"field": "case_idd"}, "case_idd"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_stops_the_audit_and_is_named(
    tmp_path: Path, rule: str, changed: dict[str, str], said: str
) -> None:
    entities = None if "entity" in changed else ("cases",)
    with pytest.raises(ContractError) as refused:
        audit(tmp_path, suites=with_rule(rule, **changed), entities=entities)
    assert rule in str(refused.value)
    assert said in str(refused.value)


def test_a_body_that_a_record_could_be_of_twice_stops_the_audit(tmp_path: Path) -> None:
    # C23 is decided before it is filed: one case, of two rows of the join.
    suites = load_suites()
    twice = Body(subject="r.subject_id", join="cross join (values (1), (2)) as v (i)")
    with pytest.raises(ContractError, match=r"cases\.decided_after_filed.*1 records fail.*sum to 2"):
        audit(tmp_path, DECIDED_EARLY, suites=replace(suites, bodies={**suites.bodies, "cases": twice}))


def test_a_relation_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="stg_cases"):
        audit(tmp_path, relations={"cases": "staging.stg_cases"})


def test_a_warehouse_that_is_not_there_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="hengfa load"):
        run_audit(
            tmp_path / "none.duckdb", border="landed", contracts=load_contracts(), month=MONTH, work=tmp_path / "work"
        )


def test_the_same_warehouse_gives_the_same_rows_and_they_fit_the_quality_table(tmp_path: Path) -> None:
    first = audit(tmp_path, ENTERED_EARLY, entities=("inspections", "cases"))
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
