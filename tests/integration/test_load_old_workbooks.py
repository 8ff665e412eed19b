"""`.xls`: error cells, codes with leading zeros and long numbers are seen, although the reader of sheets hides them."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import FileReport
from pipelines.warehouse.raw_tables import create_raw_tables
from tests.integration.old_workbook import Cell, old_workbook

HEADER: list[Cell] = ["lead_id", "source", "subject_id", "received_at", "matter_id", "object_id"]
ROWS: list[list[Cell]] = [
    ["X1", "patrol", (17, "000000"), "2026-10-01", "M1", "000123"],
    ["X2", "巡查发现", "S1", 46296.5, "#N/A", "91350100M000100Y43"],
    ["X3", "patrol", 17.0, "2026年10月1日", "#REF!", None],
    ["X4", "patrol", "S1", "2026-10-01", "M1", 123456789012345678.0],
    ["X5", "patrol", "S1", "2026-10-01", "M1", "123456789012345696"],
]


def load(folder: Path, data: bytes) -> tuple[FileReport, duckdb.DuckDBPyConnection]:
    (folder / "leads.xls").write_bytes(data)
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    (report,) = load_paths(
        connection, [folder / "leads.xls"], contracts=load_contracts(), loaded_at=datetime(2026, 11, 3, 8)
    ).files
    return report, connection


@pytest.mark.parametrize("as_formula", [True, False])
def test_what_the_sheet_shows_is_what_is_judged(tmp_path: Path, as_formula: bool) -> None:
    report, connection = load(tmp_path, old_workbook([HEADER, *ROWS], as_formula=as_formula))
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (5, 2, 3)
    refused = connection.execute(
        "select row_number, field, value, reason_code from raw.quarantine order by 1"
    ).fetchall()
    assert refused == [
        (3, "matter_id", "#N/A", "ERROR_CELL"),
        (4, "matter_id", "#REF!", "ERROR_CELL"),
        # A number keeps 15 digits; the text of the row after it has 18, and is an id like any other.
        (5, "object_id", "1.23457E+17", "MANGLED_ID"),
    ]
    loaded = connection.execute("select lead_id, subject_id, object_id from raw.leads order by 1").fetchall()
    assert loaded == [("X1", "000017", "000123"), ("X5", "S1", "123456789012345696")]


def test_the_table_may_begin_further_right_and_below_a_title(tmp_path: Path) -> None:
    title: list[Cell] = [None, "线索台账"]
    data = old_workbook([title, [], [None, *HEADER], *([None, *row] for row in ROWS)])
    report, connection = load(tmp_path, data)
    assert (report.rows_loaded, report.rows_quarantined) == (2, 3)
    assert connection.execute("select subject_id from raw.leads order by lead_id").fetchall() == [("000017",), ("S1",)]


def test_an_excel_serial_is_a_time(tmp_path: Path) -> None:
    _, connection = load(tmp_path, old_workbook([HEADER, ["X1", "patrol", "S1", 46296.5, None, None]]))
    # 46,296 days after 30 December 1899, and half a day.
    assert connection.execute("select received_at from raw.leads").fetchall() == [(datetime(2026, 10, 1, 12),)]


def test_a_workbook_that_ends_too_soon_is_refused(tmp_path: Path) -> None:
    data = old_workbook([HEADER, *ROWS])
    report, _ = load(tmp_path, data[: len(data) - 3500])
    assert report.status == "refused"
    assert report.reason is not None
    assert report.reason.en == (
        "leads.xls: the workbook is damaged or is not Excel. Save it again from a spreadsheet program."
    )
    assert report.reason.zh == "leads.xls：工作簿损坏或不是 Excel 文件。请用表格软件另存一次。"
