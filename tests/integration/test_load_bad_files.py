"""One small bad file after another, and what each must get: refused by name, or its bad rows in quarantine.

A refused file does not stop the others, and no row is dropped in silence:
rows read = rows loaded + rows quarantined + rows filtered, for every file.
"""

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.errors import UsageError
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import FileReport, LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
HEADER = "lead_id,source,subject_id,received_at"
GOOD = f"{HEADER}\nX1,patrol,S1,2026-10-01\n"


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    return connection


Load = Callable[..., LoadReport]


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Load:
    """Write files (name → content) into a drop folder and load it."""

    def write_and_load(files: dict[str, bytes | str], **options: object) -> LoadReport:
        folder = tmp_path / "inbox"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return load_paths(warehouse, [folder], contracts=load_contracts(), loaded_at=AT, **options)

    return write_and_load


def only(report: LoadReport) -> FileReport:
    assert len(report.files) == 1
    return report.files[0]


def spreadsheet(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(rows, orient="row").write_excel(buffer, include_header=False)
    return buffer.getvalue()


def zipped_bomb() -> bytes:
    return gzip.compress(HEADER.encode() + b"\n" + b"A" * (80 << 20), compresslevel=9)


def workbook_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))
    return buffer.getvalue()


REFUSED: dict[str, tuple[str, bytes | str, str, str]] = {
    # what is wrong: file name, content, what the reason says in Chinese and in English
    "an empty file": ("leads.csv", b"", "空", "empty"),
    "only blanks": ("leads.csv", "\n \n", "空", "empty"),
    "a picture named .csv": ("leads.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "不是文本", "not text"),
    "bytes of no encoding": ("leads.csv", b"lead_id\n\x81\xff\xff\n", "编码", "encoding"),
    "an unknown entity": ("weather.csv", GOOD, "不是已知的数据表", "no known entity"),
    "an unknown format": ("leads.pdf", GOOD, "不支持的格式", "not supported"),
    "a missing required column": ("leads.csv", "lead_id,source\nX1,patrol\n", "承办主体", "subject_id"),
    "a header given twice": ("leads.csv", f"{HEADER},lead_id\n", "出现两次", "stands twice"),
    "a header given in both languages": ("leads.csv", f"{HEADER},线索编号\n", "出现两次", "stands twice"),
    "an unknown header given twice": ("leads.csv", f"{HEADER},备注,备注\n", "出现两次", "stands twice"),
    "a workbook that is none": ("leads.xlsx", b"not a workbook", "工作簿损坏", "workbook is damaged"),
    "a workbook cut short": ("leads.xlsx", spreadsheet([["lead_id"]])[:-200], "工作簿损坏", "workbook is damaged"),
    "an old workbook that is none": ("leads.xls", b"\xd0\xcf\x11\xe0", "工作簿损坏", "workbook is damaged"),
    "a blank sheet": ("leads.xlsx", spreadsheet([[None]]), "空", "empty"),
    "a Parquet file that is none": ("leads.parquet", b"PAR1", "Parquet", "Parquet"),
    "JSON that is no lines": ("leads.jsonl", "[1,\n2]", "JSON", "JSON"),
    "a gzip file that is none": ("leads.csv.gz", GOOD, "压缩文件损坏", "gzip file is damaged"),
    "a gzip file cut short": (
        "leads.csv.gz",
        gzip.compress(GOOD.encode())[:-12],
        "压缩文件损坏",
        "gzip file is damaged",
    ),
    "a gzip bomb": ("leads.csv.gz", zipped_bomb(), "压缩炸弹", "unzips to far more"),
    "a workbook bomb": ("leads.xlsx", workbook_bomb(), "压缩炸弹", "unzips to far more"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_whole(load: Load, warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    file_name, content, zh, en = REFUSED[name]
    report = load(
        {file_name: content, "subjects.csv": "subject_id,name,kind,valid_from\nS1,甲局,department,2020-01-01\n"}
    )
    refused = report.files[-1]
    assert (refused.name, refused.status) == (file_name, "refused")
    assert refused.reason is not None
    assert refused.reason.zh.startswith(f"{file_name}：")
    assert zh in refused.reason.zh
    assert refused.reason.en.startswith(f"{file_name}: ")
    assert en in refused.reason.en
    # Nothing of it is loaded, it is named in the ledger, and the other file is there.
    assert warehouse.execute("select count(*) from raw.leads").fetchone() == (0,)
    assert warehouse.execute("select status, rows_loaded from raw.files order by status").fetchall() == [
        ("loaded", 1),
        ("refused", 0),
    ]


QUARANTINED: dict[str, tuple[str, str, list[tuple[int, str | None, str | None, str]]]] = {
    # what is wrong: header, rows, what quarantine holds (row, field, value, reason)
    "a key is missing": (HEADER, ",patrol,S1,2026-10-01", [(2, "lead_id", None, "MISSING_REQUIRED")]),
    "a key of blanks is missing": (HEADER, " \u3000,patrol,S1,2026-10-01", [(2, "lead_id", None, "MISSING_REQUIRED")]),
    "no such day": (HEADER, "X1,patrol,S1,2026-02-30", [(2, "received_at", "2026-02-30", "UNREADABLE_DATE")]),
    "no such code": (HEADER, "X1,梦见,S1,2026-10-01", [(2, "source", "梦见", "UNKNOWN_CODE")]),
    "an id that a spreadsheet ate": (
        HEADER,
        "1.2E+17,patrol,S1,2026-10-01",
        [(2, "lead_id", "1.2E+17", "MANGLED_ID")],
    ),
    "a text too long": (HEADER, f"X1,patrol,{'S' * 65},2026-10-01", [(2, "subject_id", "S" * 65, "TOO_LONG")]),
    "too many fields": (HEADER, "X1,patrol,S1,2026-10-01,x", [(2, None, None, "TOO_MANY_FIELDS")]),
    "too few fields": (HEADER, "X1,patrol,S1", [(2, None, None, "TOO_FEW_FIELDS")]),
    "a quote that is never closed": (
        "线索编号,案件来源,承办主体,接收时间",
        'X1,"patrol,S1,2026-10-01\nX0,patrol,S1,2026-10-01\nX9,patrol",S1,2026-10-01',
        [(2, "source", None, "UNCLOSED_QUOTE")],
    ),
    "two faults in one row": (
        HEADER,
        "X1,梦见,S1,明天",
        [(2, "source", "梦见", "UNKNOWN_CODE"), (2, "received_at", "明天", "UNREADABLE_DATE")],
    ),
}


@pytest.mark.parametrize("name", QUARANTINED)
def test_a_bad_row_goes_to_quarantine_and_the_rest_loads(
    load: Load, warehouse: duckdb.DuckDBPyConnection, name: str
) -> None:
    header, row, expected = QUARANTINED[name]
    report = only(load({"leads.csv": f"{header}\n{row}\nX2,patrol,S1,2026-10-01\n"}))
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (2, 1, 1)
    found = warehouse.execute("select row_number, field, value, reason_code from raw.quarantine").fetchall()
    assert found == expected
    assert warehouse.execute("select lead_id, _row_number from raw.leads").fetchall() == [("X2", 3)]


def test_personal_data_is_masked_wherever_it_is_refused(
    load: Load, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "王小二" * 70
    lines = f"officer_id,on_post_from,agency_id,name,certificate_from\nP1,2026-01-01,A1,{secret},2020-01-01\n"
    lines += f"P2,明天,A1,{secret[:3]},2020-01-01\nP3,2026-01-01,A1,{secret[:3]}\n"
    report = only(load({"officers.csv": lines}, quarantine=tmp_path / "quarantine"))
    assert report.rows_quarantined == 3
    values = warehouse.execute("select row_number, field, value from raw.quarantine").fetchall()
    assert values == [(2, "name", "***"), (3, "on_post_from", "明天"), (4, None, None)]
    worklist = (tmp_path / "quarantine" / str(report.quarantine_file)).read_text(encoding="utf-8-sig")
    assert (
        worklist.splitlines()[0]
        == "_批次,_文件,_row_number,_原因,_reasons,officer_id,on_post_from,agency_id,name,certificate_from"
    )
    assert [line.split(",")[2] for line in worklist.splitlines()[1:]] == ["2", "3", "4"]
    written = str(warehouse.execute("from raw.files").fetchall()) + worklist + caplog.text + str(report)
    assert "王小二" not in written


def test_a_worklist_holds_no_formula(load: Load, tmp_path: Path) -> None:
    rows = f"{HEADER}\n=cmd|' /C calc'!A1,梦见,-1,2026-10-01\n"
    report = only(load({"leads.csv": rows}, quarantine=tmp_path / "quarantine"))
    worklist = (tmp_path / "quarantine" / str(report.quarantine_file)).read_text(encoding="utf-8-sig")
    assert "'=cmd|" in worklist
    assert ",-1," in worklist


def test_a_link_out_of_the_folder_is_not_followed(load: Load, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(GOOD, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "leads.csv").symlink_to(outside)
    report = only(load({}))
    assert report.status == "refused"
    assert report.reason is not None
    assert "not a plain file" in report.reason.en


def test_what_stands_beside_exports_is_no_export(load: Load) -> None:
    report = load(
        {"leads.csv": GOOD, ".hidden.csv": "x", "truth.json": "{}", "leads.why.txt": "x", "~$leads.xlsx": "x"}
    )
    assert only(report).name == "leads.csv"


def test_a_path_that_does_not_exist_is_wrong_usage(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        load_paths(warehouse, [tmp_path / "nowhere"], contracts=load_contracts(), loaded_at=AT)


def test_a_file_that_fails_midway_leaves_nothing(
    load: Load, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipelines.ingest.load.keep_landed", fail)
        with pytest.raises(KeyboardInterrupt):
            load({"leads.csv": GOOD})
    for table in ("leads", "files", "batches", "quarantine"):
        assert warehouse.execute(f"select count(*) from raw.{table}").fetchone() == (0,)
    assert only(load({"leads.csv": GOOD})).rows_loaded == 1
