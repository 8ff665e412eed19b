"""What an edition keeps of the audit: failures, what was to arrive, the scoreboard, the effect on the numbers."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest

from expectations.audit import AuditResult, run_audit, run_effects
from expectations.duckdb_engine import warm_up
from pipelines.checks import LANDED_CHECK, check_result, failing_rows
from pipelines.contract.loader import load_contracts
from pipelines.errors import SettingError
from pipelines.warehouse.months import Month
from pipelines.warehouse.raw_tables import create_raw_tables
from tests.integration.landed_district import CLEAN, failing, load

MONTH = date(2026, 10, 1)


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    warm_up()


def audited(
    folder: Path, *added: str, expected: str = "", indicators: tuple[dict, ...] = (), sql: str = ""
) -> AuditResult:
    """The clean district of `landed_district` with the tables and statements given, audited whole."""
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        create_raw_tables(connection, load_contracts())
        for text in (CLEAN, *added):
            load(connection, text)
        if sql:
            connection.execute(sql)
    stated = folder / "expected.yml"
    stated.write_text(expected, encoding="utf-8")
    return run_audit(
        path,
        border="landed",
        contracts=load_contracts(),
        month=MONTH,
        work=folder / "work",
        expected=stated,
        indicators=indicators,
    )


def relation(result: AuditResult, name: str) -> pl.DataFrame:
    return pl.read_parquet(result.relations / f"{name}.parquet")


# Ten inspections a month by S1 from 2025-10 to 2026-09, nine entered the same day and one 20 days after the month;
# none in 2026-10, but for I1 and I2 of the clean district. S2 had ten a month as well and none in October.
def history(subject: str, last: str = "2026-09") -> str:
    rows = []
    for back in range(12, 0, -1):
        month = Month.of(MONTH).plus(-back)
        if str(month) > last:
            continue
        for number in range(10):
            act = datetime.combine(month.first_day, datetime.min.time()) + timedelta(days=number, hours=9)
            late = month.plus(1).first_day + timedelta(days=19)
            entered = act + timedelta(hours=1) if number else datetime.combine(late, datetime.min.time())
            rows.append(f"{subject}-{month}-{number} | {subject} | patrol | {act} | {entered}")
    return "inspections\ninspection_id | subject_id | mode | started_at | submitted_at\n" + "\n".join(rows)


def test_no_return_is_not_zero_and_what_is_still_to_come_is_learned_from_the_lag(tmp_path: Path) -> None:
    result = audited(tmp_path, history("S1"), history("S2"))
    completeness = relation(result, "completeness")
    now = {
        row["subject_id"]: row
        for row in completeness.filter(pl.col("entity") == "inspections", pl.col("month") == MONTH).iter_rows(
            named=True
        )
    }
    assert {name: (row["status"], row["expected"], row["arrived"]) for name, row in now.items()} == {
        "S1": ("partial", 10.0, 2),  # 2 of 10: 10 × 0.9 − 3 × √10 = −0.5 is no bar, but a tenth is still to come
        "S2": ("no_return", 10.0, 0),
        "T1": ("not_expected", None, 0),
    }
    # In nine mature months (2025-10 to 2026-07 but those younger than 90 days) one of ten came after the 5th day.
    assert now["S2"]["share_expected_to_come"] == pytest.approx(0.1)
    assert now["S2"]["share_lower"] < 0.1 < now["S2"]["share_upper"]
    # A month is complete once its latecomers are in: in September 10 of 10, aged 36 days.
    september = completeness.filter(
        pl.col("entity") == "inspections", pl.col("month") == date(2026, 9, 1), pl.col("subject_id") == "S1"
    ).row(0, named=True)
    assert (september["status"], september["arrived"], september["share_expected_to_come"]) == ("complete", 10, 0.0)


def test_what_is_learned_can_be_overruled(tmp_path: Path) -> None:
    stated = """
    returns:
      - {subject: S2, entity: inspections, expected: false, from: 2026-10}
      - {subject: T1, entity: inspections, expected: 40}
    """
    completeness = relation(audited(tmp_path, history("S2"), expected=stated), "completeness")
    now = completeness.filter(pl.col("entity") == "inspections", pl.col("month") == MONTH)
    assert now.select("subject_id", "status", "expected", "basis").rows() == [
        ("S1", "partial", None, "learned"),  # nothing was expected, but a tenth of what S2 sends comes late
        ("S2", "not_expected", None, "stated"),
        ("T1", "no_return", 40.0, "stated"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("returns: [{subject: S1, entity: casess, expected: true}]", "casess"),
        ("totals: [{entity: subjects, stated: 3, field: kindd, parts: {zone: 3}}]", "kindd"),
        ("totals: [{entity: subjects, stated: 3, parts: {zone: 3}}]", "belong together"),
        ("retruns: []", "retruns"),
    ],
)
def test_an_expected_file_that_is_wrong_is_refused_with_its_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        audited(tmp_path, expected=text)


def test_published_parts_that_do_not_sum_to_the_published_total_are_found(tmp_path: Path) -> None:
    # A vendor's page gives 47 zones + 41 departments + 21 street-towns = 109, and a total of 110 (domain §1.2).
    stated = """
    totals:
      - {entity: subjects, stated: 110, field: kind, parts: {zone: 47, department: 41, street_town: 21}}
    """
    found = failing(audited(tmp_path, expected=stated))
    assert found["subjects.stated_parts"] == {None: 1}
    assert found["subjects.stated_total"] == {None: 1}  # the district has 3
    assert found["subjects.stated_by_kind"] == {None: 3}


def test_stated_totals_that_agree_pass(tmp_path: Path) -> None:
    stated = "totals: [{entity: subjects, stated: 3, field: kind, parts: {zone: 0, department: 2, street_town: 1}}]"
    result = audited(tmp_path, expected=stated)
    rows = [row for row in result.rows if ".stated_" in row.expectation_id]
    assert [(row.success, row.evaluated) for row in rows] == [(True, 1), (True, 1), (True, 3)]


def test_a_break_in_what_counts_as_an_inspection_is_found(tmp_path: Path) -> None:
    # 24,639 inspections in 2023, 41,308 in 2025 "−16.6 %", so 49,530 in 2024 (domain §1.2): 2.01 times 2023. In
    # hundreds: 246 in the twelve months before 2025-11, 495 from then on.
    def year(first: str, many: int, name: str) -> str:
        return f"""
        insert into raw.inspections
            (inspection_id, subject_id, mode, started_at, submitted_at, operation, _file_id, _row_number, _loaded_at, _load_order)
        select '{name}' || i, 'S1', 'planned', acted, acted, 'i', 'f', i, timestamp '2026-11-03', 100000 + i
        from (select i, timestamp '{first}' + to_minutes(cast(i * 300 * 1440 / {many} as bigint)) as acted from range({many}) as r (i));
        """

    broken = audited(tmp_path, sql=year("2024-11-15", 246, "A") + year("2025-11-15", 495, "B"))
    assert failing(broken)["inspections.level_as_last_year"] == {None: 1}
    other = tmp_path / "other"
    other.mkdir()
    # 41,308 after 49,530 is a fall of 16.6 %, no break.
    steady = audited(other, sql=year("2024-11-15", 495, "A") + year("2025-11-15", 413, "B"))
    row = next(row for row in steady.rows if row.expectation_id == "inspections.level_as_last_year")
    assert (row.success, row.evaluated) == (True, 1)


EVIDENCE = """
create schema assessment;
create table assessment.evidence as
select * from (values
    ('supervision_rate', 'cases', 'S1', date '2026-10-01', 'case', 'C1', 'cases', 'C1', 'hit', 1.0, 1.0),
    ('supervision_rate', 'cases', 'S1', date '2026-10-01', 'case', 'C61', 'cases', 'C61', 'miss', 0.0, 1.0),
    ('supervision_rate', 'cases', 'S1', date '2026-10-01', 'case', 'C62', 'cases', 'C62', 'hit', 1.0, 1.0),
    ('supervision_rate', 'cases', 'S1', date '2026-10-01', 'case', 'C63', 'cases', 'C63', 'miss', 0.0, 1.0),
    ('performance_rate', 'duty', 'S1', date '2026-09-01', 'matter', 'M1', 'cases', 'C1', 'hit', 1.0, 1.0),
    ('performance_rate', 'duty', 'S1', date '2026-10-01', 'matter', 'M1', 'cases', 'C62', 'hit', 1.0, 1.0),
    ('performance_rate', 'duty', 'S1', date '2026-09-01', 'matter', 'M2', null, null, 'miss', 0.0, 1.0),
    ('performance_rate', 'duty', 'S1', date '2026-10-01', 'matter', 'M2', 'cases', 'C61', 'hit', 1.0, 1.0),
    ('dormant_demanded', 'default', 'S1', date '2026-10-01', 'matter', 'M1', 'cases', 'C62', 'miss', 0.0, 1.0),
    ('dormant_demanded', 'default', 'S1', date '2026-10-01', 'matter', 'M2', null, null, 'hit', 1.0, 1.0),
    ('dormant_demanded', 'default', 'S1', date '2026-10-01', 'matter', 'M3', null, null, 'hit', 1.0, 1.0),
    ('evenness', 'default', 'S1', date '2026-10-01', 'matter', 'M1', 'cases', 'C62', 'hit', 5.0, 1.0)
) as e (indicator_id, variant, subject_id, month, unit_kind, unit_id, record_entity, record_id, state, numerator, denominator);
create table assessment.results as
select * exclude (levels), unnest(levels) as level, case unnest(levels) when 'total' then 'total' else 'S1' end as entity_id
from (values
    ('supervision_rate', 'cases', 'month', '2026-10', 2.0, 4.0, ['subject', 'total']),
    ('performance_rate', 'duty', 'month', '2026-10', 2.0, 2.0, ['subject', 'total']),
    ('performance_rate', 'duty', 'month', '2026-09', 1.0, 2.0, ['subject', 'total']),
    ('performance_rate', 'duty', 'r12', '2026-10', 2.0, 2.0, ['subject', 'total']),
    ('dormant_demanded', 'default', 'r12', '2026-10', 2.0, 3.0, ['subject', 'total']),
    ('evenness', 'default', 'month', '2026-10', 5.0, 1.0, ['subject', 'total'])
) as r (indicator_id, variant, period_kind, period, numerator, denominator, levels)
"""
WRONG_MATTER = """
cases
case_id | subject_id | matter_id | source | procedure | filed_at         | decided_at       | decision
C61     | S1         | M9        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-06 09:00 | no_penalty
C62     | S1         | M9        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-06 09:00 | no_penalty
C63     | S1         | M1        | patrol | ordinary  | 2026-10-05 09:00 | 2026-10-06 09:00 | no_penalty
C64     | S1         | M9        | patrol | ordinary  | 2026-10-05 09:00 |                  |
"""


UNITS = {
    "supervision_rate": "share", "performance_rate": "share", "dormant_demanded": "count", "evenness": "index",
}  # fmt: skip
DECLARED = tuple({"id": name, "unit": unit} for name, unit in UNITS.items())


@pytest.fixture(scope="module")
def with_effects(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    return audited(tmp_path_factory.mktemp("effects"), WRONG_MATTER, sql=EVIDENCE, indicators=DECLARED)


def effects_of(result: AuditResult, indicator: str) -> list[tuple]:
    """Level, period, records, touched, hits among them, uncounted, value, lowest, highest of the rule of unknown matters."""
    return (
        relation(result, "quality_effects")
        .filter(pl.col("expectation_id") == "cases.matter_id.reference", pl.col("indicator_id") == indicator)
        .select("level", "period_kind", "records", "touched", "touched_hits", "uncounted", "value", "lowest", "highest")
        .rows()
    )


def test_a_failing_rule_says_how_far_the_indicator_could_move(with_effects: AuditResult) -> None:
    # 2 of 4 cases are supervised. C61 (miss) and C62 (hit) are touched; C64 is counted nowhere and could be a fifth
    # case. Lowest: C62 and C64 are misses, 1/5. Highest: C61 and C64 are hits, 4/5.
    assert effects_of(with_effects, "supervision_rate") == [
        ("subject", "month", 3, 2, 1, 1, 2 / 4, (2 - 1) / (4 + 1), (2 + 1 + 1) / (4 + 1)),
        ("total", "month", 3, 2, 1, 1, 2 / 4, (2 - 1) / (4 + 1), (2 + 1 + 1) / (4 + 1)),
    ]


def test_an_audit_beside_the_build_and_effects_after_it_say_what_one_audit_says(
    with_effects: AuditResult, tmp_path: Path
) -> None:
    folder = with_effects.relations.parents[1]
    copy = tmp_path / "landed.duckdb"
    shutil.copyfile(folder / "warehouse.duckdb", copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("drop schema assessment cascade")
    given = {"contracts": load_contracts(), "month": MONTH, "work": tmp_path / "work", "indicators": DECLARED}
    beside = run_audit(copy, border="landed", **given, with_effects=False)
    assert not (beside.relations / "quality_effects.parquet").exists()
    run_effects(folder / "warehouse.duckdb", **given)
    files = sorted(path.name for path in with_effects.relations.iterdir())
    assert sorted(path.name for path in beside.relations.iterdir()) == files
    assert "quality_effects.parquet" in files
    for name in files:
        assert (beside.relations / name).read_bytes() == (with_effects.relations / name).read_bytes(), name
    assert sorted(path.name for path in (tmp_path / "work").iterdir() if path.is_dir()) == ["relations"]


def test_over_twelve_months_a_unit_falls_only_if_no_other_month_has_it(with_effects: AuditResult) -> None:
    # October rests on C61 and C62 alone: both matters could fall. In twelve months C1 still performs M1 in September.
    assert effects_of(with_effects, "performance_rate") == [
        ("subject", "month", 3, 2, 2, 1, 2 / 2, 0 / 2, 2 / 2),
        ("subject", "r12", 3, 2, 2, 1, 2 / 2, 1 / 2, 2 / 2),
        ("total", "month", 3, 2, 2, 1, 2 / 2, 0 / 2, 2 / 2),
        ("total", "r12", 3, 2, 2, 1, 2 / 2, 1 / 2, 2 / 2),
    ]


def test_a_number_of_powers_moves_as_a_number_and_an_index_has_no_range(with_effects: AuditResult) -> None:
    # 2 of 3 powers are dormant. M1 would be one more if C62 were none of its acts; C61 and C64, whose matter nobody
    # knows, could be acts of M2 and M3.
    assert effects_of(with_effects, "dormant_demanded") == [
        (level, "r12", 3, 1, 0, 2, 2.0, 0.0, 3.0) for level in ("subject", "total")
    ]
    assert effects_of(with_effects, "evenness") == []


def test_failures_are_kept_row_by_row_with_month_and_source(with_effects: AuditResult) -> None:
    rows = relation(with_effects, "failures").filter(pl.col("expectation_id") == "cases.matter_id.reference")
    assert rows.select("subject_id", "record_id", "month", "value", "source_row").rows() == [
        ("S1", name, MONTH, "M9", row) for name, row in (("C61", 2), ("C62", 3), ("C64", 5))
    ]


def test_the_scoreboard_counts_files_without_a_fault_beside_peers(with_effects: AuditResult) -> None:
    scores = {
        (row["level"], row["entity_id"], row["dimension"]): (row["numerator"], row["denominator"])
        for row in relation(with_effects, "scoreboard").filter(pl.col("month") == MONTH).iter_rows(named=True)
    }
    # S1 in October: LE1, P1, I1, I2, C1, K1, V1 and C61 to C64 are 11 files, 3 of them with an unknown matter.
    assert scores["subject", "S1", "consistency"] == (8, 11)
    assert scores["subject", "S1", "uniqueness"] == (11, 11)
    assert scores["subject", "S2", "consistency"] == (1, 1)
    # S1 and S2 are departments of no field.
    assert scores["peer_group", "department:none", "consistency"] == (9, 12)


def test_a_check_in_dagster_shows_failing_rows_with_their_source_and_masks_personal_data(tmp_path: Path) -> None:
    wrong = """
    cases
    case_id | subject_id | matter_id | source | procedure | filed_at         | party_id           | party_kind
    C71     | S1         | M9        | patrol | ordinary  | 2026-10-05 09:00 | 91350100M000100Y44 | organisation
    """
    result = audited(tmp_path, wrong)
    check = check_result(result, dg.AssetKey(["raw", "cases"]), LANDED_CHECK, "cases", failing_rows(result))
    shown = check.metadata["sample"].value
    assert shown["cases.matter_id.reference"] == [{"body": "S1", "record": "C71", "value": "M9", "source": ""}]
    assert shown["cases.party_check_digit"] == [{"body": "S1", "record": "C71", "value": "***", "source": ""}]
    assert (check.passed, check.severity) == (True, dg.AssetCheckSeverity.WARN)
