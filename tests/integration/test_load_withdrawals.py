"""Rows that withdraw a record and say little more than its key: what they leave empty its newest version gives."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.ingest.worklists import export_worklists
from pipelines.warehouse.history import record_history
from pipelines.warehouse.raw_tables import create_raw_tables

CONTRACTS = load_contracts()
HEADER = "案件编号,主体编码,事项编码,案件来源,适用程序,当事人,立案时间,更新时间,操作\n"
A1 = "A1,S1,M1,巡查发现,普通程序,张三,2026-10-05 09:00,2026-10-06,\n"
MOVED = "A1,S2,M1,巡查发现,普通程序,张三,2026-10-05 09:00,2026-10-07,u\n"
GONE = "A1,,,,,,,2026-10-20,d\n"
LOG = "案件编号,更新时间,操作\n"
Load = Callable[..., LoadReport]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, CONTRACTS)
    return connection


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Load:
    def write_and_load(name: str, text: str, **options: int) -> LoadReport:
        (tmp_path / name).write_text(text, encoding="utf-8")
        report = load_paths(
            warehouse, [tmp_path / name], contracts=CONTRACTS, loaded_at=datetime(2026, 11, 3, 8),
            quarantine=tmp_path / "quarantine", **options,
        )  # fmt: skip
        assert report.rows_read == report.rows_loaded + report.rows_quarantined + report.rows_filtered
        return report

    return write_and_load


def versions(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return warehouse.execute(
        "select case_id, subject_id, party_name, day(updated_at), operation from raw.cases order by _load_order"
    ).fetchall()


def refused(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return warehouse.execute("select row_number, field, reason_code from raw.quarantine order by all").fetchall()


@pytest.mark.parametrize("log", [HEADER + GONE, LOG + "A1,2026-10-20,d\n", LOG + "A1,2026-10-20,d 撤回\n"])
def test_a_key_withdraws_its_record_which_gives_the_rest(
    load: Load, warehouse: duckdb.DuckDBPyConnection, log: str
) -> None:
    load("cases__十月.csv", HEADER + A1 + MOVED)
    assert load("cases__删除.csv", log).rows_loaded == 1
    assert versions(warehouse) == [
        ("A1", "S1", "张三", 6, "i"),
        ("A1", "S2", "张三", 7, "u"),
        ("A1", "S2", "张三", 20, "d"),
    ]
    history = record_history(warehouse, CONTRACTS.entities["cases"], "A1", as_of=datetime(2026, 11, 1))
    assert [(one.operation, len(one.changes)) for one in history] == [("i", 0), ("u", 1), ("d", 0)]
    assert history[-1].state.en == "withdraws the record, which does not count"


def test_the_record_may_stand_in_the_same_file_before_or_behind(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert load("cases__十月.csv", HEADER + GONE + MOVED + A1).rows_loaded == 3
    assert versions(warehouse) == [
        ("A1", "S2", "张三", 20, "d"),
        ("A1", "S2", "张三", 7, "u"),
        ("A1", "S1", "张三", 6, "i"),
    ]


def test_a_withdrawal_that_says_everything_is_taken_as_it_is(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    load("cases__十月.csv", HEADER + A1 + "A1,S1,M1,巡查发现,普通程序,,,2026-10-20,d\n")
    assert versions(warehouse)[-1] == ("A1", "S1", None, 20, "d")


def test_what_cannot_be_completed_is_refused_and_counted(
    load: Load, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load("cases__十月.csv", HEADER + A1)
    rows = (
        "A9,,,,,,,2026-10-20,d\n"  # never loaded
        ",,,,,,,2026-10-20,d\n"  # no key
        "A1,,,,,,,,d\n"  # when is not said
        "A1,,,,,,明天,2026-10-20,d\n"  # another fault stays one
        "A1,,,,,,,2026-10-20,u\n"  # no withdrawal
        "A8,S1,M1,巡查发现,普通程序,李四,,2026-10-20,d\n"  # never loaded, but says everything
    )
    report = load("cases__删除.csv", HEADER + rows)
    assert (report.rows_loaded, report.rows_quarantined) == (1, 5)
    assert refused(warehouse) == [
        (2, None, "UNKNOWN_WITHDRAWAL"),
        (3, "case_id", "MISSING_REQUIRED"),
        (4, "updated_at", "MISSING_REQUIRED"),
        (5, "filed_at", "UNREADABLE_DATE"),
        (6, "matter_id", "MISSING_REQUIRED"),
        (6, "procedure", "MISSING_REQUIRED"),
        (6, "source", "MISSING_REQUIRED"),
        (6, "subject_id", "MISSING_REQUIRED"),
    ]
    listed = (tmp_path / "quarantine" / "000002" / "cases__删除.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(listed) == 1 + 5
    assert "A9" in listed[1]


def test_a_withdrawal_that_came_too_early_stays_listed_until_the_record_is_withdrawn(
    load: Load, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def listed(name: str) -> list[str]:
        made = export_worklists(warehouse, tmp_path / "quarantine", tmp_path / name, CONTRACTS, language="zh")
        return [str(one.path) for one in made]

    load("cases__删除.csv", LOG + "A1,2026-10-20,d\n")
    load("cases__十月.csv", HEADER + A1)
    # That the record was loaded since is no withdrawal of it: the list is sent, and loads back as it is.
    (sheet,) = listed("one")
    report = load_paths(warehouse, [Path(sheet)], contracts=CONTRACTS, loaded_at=datetime(2026, 11, 4))
    assert (report.rows_loaded, report.rows_quarantined) == (1, 0)
    assert versions(warehouse)[-1] == ("A1", "S1", "张三", 20, "d")
    assert listed("two") == []


def test_a_masked_withdrawal_takes_what_its_record_says(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    load("cases__十月.csv", HEADER + A1)
    assert load("cases__删除.csv", HEADER + "A1,S1,M1,巡查发现,普通程序,***,,2026-10-20,d\n").rows_loaded == 1
    assert versions(warehouse)[-1] == ("A1", "S1", "张三", 20, "d")


def test_a_withdrawal_in_a_later_batch_of_a_large_file(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    many = "".join(A1.replace("A1", f"B{at}") for at in range(400))
    report = load("cases__大.csv", HEADER + many + GONE.replace("A1", "B7") + GONE, in_memory=1000)
    assert (report.rows_loaded, report.rows_quarantined) == (401, 1)
    assert versions(warehouse)[-1] == ("B7", "S1", "张三", 20, "d")


@pytest.mark.parametrize("rows", ["A1,2026-10-20,d\nA1,2026-10-21,u\n", ""])
def test_a_file_without_required_columns_that_is_no_log_of_withdrawals_is_refused_whole(
    load: Load, warehouse: duckdb.DuckDBPyConnection, rows: str
) -> None:
    load("cases__十月.csv", HEADER + A1)
    (file,) = load("cases__删除.csv", LOG + rows).files
    assert file.status == "refused"
    assert file.reason is not None
    assert "required columns are missing" in file.reason.en
    assert len(versions(warehouse)) == 1


def test_of_several_records_of_one_row_each_is_withdrawn_or_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """One row of a source withdraws its three leads, of which one was loaded: the other two are refused, and counted."""
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(
        """
sources:
  - files: ["来源*.csv"]
    entity: leads
    repeat: 'number({份数})'
    columns:
      lead_id: {template: "{编号}-{#}"}
      source: {constant: hotline}
      subject_id: 主体
      received_at: 接收
      updated_at: 更新
      operation: 操作
""",
        encoding="utf-8",
    )

    def load_one(name: str, text: str) -> LoadReport:
        (tmp_path / name).write_text("编号,份数,主体,接收,更新,操作\n" + text, encoding="utf-8")
        return load_paths(
            warehouse, [tmp_path / name], contracts=CONTRACTS, loaded_at=datetime(2026, 11, 3, 8), mapping=mapping
        )

    load_one("来源1.csv", "B,1,S1,2026-10-05 09:00,2026-10-06,i\n")
    (file,) = load_one("来源2.csv", "B,3,,,2026-10-20,d\n").files
    assert (file.rows_read, file.rows_loaded, file.rows_quarantined) == (3, 1, 2)
    assert warehouse.execute(
        "select lead_id, subject_id, operation from raw.leads order by _load_order"
    ).fetchall() == [
        ("B-1", "S1", "i"),
        ("B-1", "S1", "d"),
    ]
    assert refused(warehouse) == [(2, None, "UNKNOWN_WITHDRAWAL")] * 2
