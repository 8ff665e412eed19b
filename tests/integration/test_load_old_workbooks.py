"""`.xls`: error cells, codes with leading zeros and long numbers are seen, although the reader of sheets hides them."""

import io
import struct
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

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
        "leads.xls: the old workbook is damaged and cannot be opened. Save it from a spreadsheet program as .xlsx."
    )
    assert report.reason.zh == "leads.xls：旧格式工作簿损坏，无法打开。请用表格软件另存为 .xlsx。"


def damaged(**fields: tuple[int, str, int]) -> bytes:
    """A workbook in whose container numbers were changed: name → (place, format, number)."""
    data = bytearray(old_workbook([HEADER, *ROWS]))
    for place, form, number in fields.values():
        struct.pack_into(form, data, place, number)
    return bytes(data)


def last_link(number: int) -> bytes:
    """The chain of the stream, which begins at sector 2, ends at `number` instead of its end."""
    data = bytearray(old_workbook([HEADER, *ROWS]))
    links = [struct.unpack_from("<I", data, 512 + 4 * at)[0] for at in range(128)]
    struct.pack_into("<I", data, 512 + 4 * max(at for at, link in enumerate(links) if link == 0xFFFFFFFE), number)
    return bytes(data)


def placed(record: bytes, *, first: bool = False) -> bytes:
    """A workbook with one more record at the end of its sheet, or at its beginning."""
    data = old_workbook([HEADER, *ROWS])
    end = data.rindex(struct.pack("<HH", 0x000A, 0))
    at = data.rindex(struct.pack("<HHHH", 0x0809, 16, 0x0600, 0x0010)) + 20 if first else end
    return data[:at] + record + data[at : end + 4] + data[end + 4 + len(record) :]


DAMAGED = {
    "sectors of 4,096 bytes in version 3": damaged(shift=(30, "<H", 12)),
    "a list of tables that leads to itself": damaged(first=(68, "<I", 2), last=(512 * 4 - 4, "<I", 2)),
    "a table that stands twice": damaged(second=(80, "<I", 0)),
    "a cell in column 65,535": placed(struct.pack("<HHH", 0x0203, 14, 65_535) + struct.pack("<HHd", 65_535, 0, 1.0)),
    "a chain that leads back": last_link(2),
    "a chain that leads out": last_link(100_000),
}

#: What the container or the sheet says of its size, which nothing has to believe.
BOASTING = {
    "sectors of 256 MB": damaged(shift=(30, "<H", 28)),
    "sectors of 1 GB": damaged(shift=(30, "<H", 30)),
    "small sectors of 2 bytes": damaged(small=(32, "<H", 1)),
    "a version that there is not": damaged(version=(26, "<H", 9)),
    "more tables than the file": damaged(tables=(44, "<I", 0x00FFFFFF)),
    "more small tables than the file": damaged(tables=(64, "<I", 0x00FFFFFF)),
    "more lists of tables than the file": damaged(lists=(72, "<I", 0x00FFFFFF)),
    "an extent of four billion rows": placed(
        struct.pack("<HHIIHHH", 0x0200, 14, 0, 0xFFFFFFFF, 0, 0xFFFF, 0), first=True
    ),
}

#: The load in a process that may take 3 GB: a reader that follows the damage is ended, not the machine.
PROBE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
from pathlib import Path
from pipelines.errors import FileRefusedError
from pipelines.ingest.reasons import reason_of
from pipelines.ingest.spreadsheets import Workbook
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        table = Workbook(path.stem, path.read_bytes()).table("leads", lambda header: True)
        print(f"{path.stem}: {table.frame.height} rows, {table.frame['2'].to_list()}")
    except FileRefusedError as error:
        print(reason_of(error).en)
"""


def test_a_container_that_contradicts_itself_is_refused_and_what_it_boasts_is_not_believed(tmp_path: Path) -> None:
    for name, data in {**DAMAGED, **BOASTING}.items():
        (tmp_path / f"{name}.xls").write_bytes(data)
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)], capture_output=True, text=True, timeout=120, check=True
    )
    said = "the old workbook is damaged and cannot be opened. Save it from a spreadsheet program as .xlsx."
    read = "5 rows, ['000017', 'S1', '17', 'S1', 'S1']"
    expected = {**dict.fromkeys(DAMAGED, said), **dict.fromkeys(BOASTING, read)}
    assert probe.stdout.splitlines() == [f"{name}: {expected[name]}" for name in sorted(expected)]


def test_the_stream_may_have_the_name_it_had_before_excel_97(tmp_path: Path) -> None:
    data = old_workbook([HEADER, *ROWS]).replace(
        "Workbook".encode("utf-16-le") + bytes(48) + struct.pack("<H", 18),
        "Book".encode("utf-16-le") + bytes(56) + struct.pack("<H", 10),
    )
    assert "Book".encode("utf-16-le") in data
    report, _ = load(tmp_path, data)
    assert (report.rows_loaded, report.rows_quarantined) == (2, 3)


def test_a_workbook_with_a_password_is_refused_by_name(tmp_path: Path) -> None:
    # The record that says how the rest is encrypted, in the place of the one that describes a format.
    data = old_workbook([HEADER, *ROWS]).replace(struct.pack("<H", 0x041E), struct.pack("<H", 0x002F), 1)
    report, _ = load(tmp_path, data)
    assert report.reason is not None
    assert report.reason.zh == "leads.xls：工作簿有密码。请去掉密码后另存。"
    assert report.reason.en == "leads.xls: the workbook has a password. Save it again without one."


def test_texts_that_together_take_more_than_may_be_held_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[list[Cell]] = [["X1", "patrol", "S1", "2026-10-01", "M1", "甲" * 100]]
    monkeypatch.setattr("pipelines.ingest.old_workbooks.MOST_CHARACTERS", 100)
    report, _ = load(tmp_path, old_workbook([HEADER, *rows]))
    assert report.status == "refused"


def new_workbook() -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, ["X1", "patrol", "S1", "2026-10-01", "M1"])
    page.write_row(2, 0, ["X2", "patrol", "S1", "2026-10-01"])
    page.write_formula(2, 4, "=NA()", None, "#N/A")
    book.close()
    return buffer.getvalue()


@pytest.mark.parametrize(("suffix", "is_old"), [("xls", False), ("xlsx", True)])
def test_a_workbook_is_what_its_bytes_say(tmp_path: Path, suffix: str, is_old: bool) -> None:
    data = old_workbook([HEADER, *ROWS[:2]]) if is_old else new_workbook()
    (tmp_path / f"leads.{suffix}").write_bytes(data)
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    (report,) = load_paths(connection, [tmp_path], contracts=load_contracts(), loaded_at=datetime(2026, 11, 3, 8)).files
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    assert report.format == ("xls" if is_old else "xlsx")
    assert connection.execute("select value, reason_code from raw.quarantine").fetchall() == [("#N/A", "ERROR_CELL")]
