"""One folder of small bad files, and what each must get. None crashes the load, none loses a row in silence.

A file gets one of three outcomes, and with it its numbers (read, loaded, quarantined, filtered):
refused whole with a reason that names what is wrong; its bad rows in quarantine; or its dirt removed and counted.
"""

import gzip
import io
import stat
import struct
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import FileReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
H = "lead_id,source,subject_id,received_at"
ROW = "X1,patrol,S1,2026-10-01"
GOOD = f"{H}\n{ROW}\n"
CASE = "case_id,subject_id,matter_id,source,procedure,fine_amount"


def book(rows: list[list[object]], sheet: str = "Sheet1") -> bytes:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    page = workbook.add_worksheet(sheet)
    for at, row in enumerate(rows):
        page.write_row(at, 0, row)
    workbook.close()
    return buffer.getvalue()


def with_part(data: bytes, part: str, change: tuple[bytes, bytes]) -> bytes:
    """A workbook with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, content.replace(*change) if entry.filename == part else content)
    return buffer.getvalue()


def archive(members: dict[str, bytes | str], *, link: str | None = None, encrypted: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            new.writestr(entry, content)
    data = buffer.getvalue()
    if encrypted:
        # Bit 0 of the flags, in the local header and in the directory.
        data = bytearray(data)
        data[6] |= 1
        data[data.rindex(b"PK\x01\x02") + 8] |= 1
        data = bytes(data)
    return data


def flat_bomb() -> bytes:
    return archive({"leads.csv": GOOD.encode() + b"A" * (80 << 20)})


def lying_bomb() -> bytes:
    """An archive whose directory says that its member is small."""
    data = bytearray(archive({"leads.csv": GOOD.encode() + b"0" * (80 << 20)}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 50)
    return bytes(data)


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
STRAY = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
SHEET = book([H.split(","), ROW.split(",")])


@dataclass(frozen=True)
class Refused:
    """The file is refused whole, and its reason says both."""

    zh: str
    en: str


@dataclass(frozen=True)
class Loaded:
    """Rows loaded, reasons of quarantine in row order, rows filtered."""

    rows: int
    quarantined: tuple[str, ...] = ()
    filtered: int = 0


def one_bad(row: str, reason: str, header: str = H) -> tuple[bytes, Loaded]:
    """A file with a bad row and a good one."""
    return f"{header}\n{row}\n{ROW}\n".encode(), Loaded(1, (reason,))


# Folder name of the case → file name, content, outcome. Every case stands in a folder of its own in one inbox.
CASES: dict[str, tuple[str, bytes, Refused | Loaded]] = {
    # --- nothing in it
    "an empty file": ("leads.csv", b"", Refused("空", "empty")),
    "only blank lines": ("leads.csv", b"\r\n \r\n", Refused("空", "empty")),
    "only a byte-order mark": ("leads.csv", b"\xef\xbb\xbf", Refused("空", "empty")),
    "a header and no row": ("leads.csv", H.encode(), Loaded(0)),
    "a blank sheet": ("leads.xlsx", book([[]]), Refused("空", "empty")),
    "an empty gzip": ("leads.csv.gz", gzip.compress(b""), Refused("空", "empty")),
    "an empty archive": ("a.zip", archive({}), Refused("没有文件", "no file")),
    "no JSON lines": ("leads.jsonl", b"\n\n", Refused("空", "empty")),
    # --- not what it says
    "a picture": ("leads.csv", b"\x89PNG\r\n\x1a\n\x00\x00", Refused("不是文本", "not text")),
    "a workbook named csv": ("leads.csv", SHEET, Refused("不是文本", "not text")),
    "text named xlsx": ("leads.xlsx", GOOD.encode(), Refused("损坏", "damaged")),
    "text named xls": ("leads.xls", GOOD.encode(), Refused("损坏", "damaged")),
    "text named zip": ("a.zip", GOOD.encode(), Refused("损坏", "damaged")),
    "text named gz": ("leads.csv.gz", GOOD.encode(), Refused("损坏", "damaged")),
    "text named parquet": ("leads.parquet", GOOD.encode(), Refused("Parquet", "Parquet")),
    "a page named csv": ("leads.csv", b"<html><body>404</body></html>", Refused("缺少必填列", "required columns")),
    "an unknown format": ("leads.docx", GOOD.encode(), Refused("不支持", "not supported")),
    "an unknown entity": ("weather.csv", GOOD.encode(), Refused("不是已知的数据表", "no known entity")),
    "JSON that is no lines": ("leads.jsonl", b"[1,\n2]", Refused("JSON", "JSON")),
    # --- broken
    "a workbook cut short": ("leads.xlsx", SHEET[:-300], Refused("损坏", "damaged")),
    "a gzip cut short": ("leads.csv.gz", gzip.compress(GOOD.encode())[:-9], Refused("损坏", "damaged")),
    "an archive cut short": ("a.zip", archive({"leads.csv": GOOD})[:-30], Refused("损坏", "damaged")),
    "a parquet file cut short": (
        "leads.parquet",
        parquet(pl.DataFrame({"lead_id": ["X1"]}))[:-9],
        Refused("Parquet", "Parquet"),
    ),
    "bytes of no encoding": ("leads.csv", H.encode() + b"\n\x81\xff\xff\n", Refused("编码", "encoding")),
    "UTF-8 with a damaged byte": (
        "leads.csv",
        (H + ",办理意见\n" + "X1,patrol,S1,2026-10-01,滨海新区市场监督管理局已处理\n" * 9).encode() + b"\xe4\xb8\n",
        Refused("损坏", "damaged"),
    ),
    "a quote that never closes": ("leads.csv", f'{H}\n{ROW}\n"{ROW}'.encode(), Loaded(1, ("TOO_FEW_FIELDS",))),
    # --- wrong columns
    "no header": ("leads.csv", f"{ROW}\n{ROW}\n".encode(), Refused("缺少必填列", "required columns")),
    "a required column missing": ("leads.csv", b"lead_id,source\nX1,patrol\n", Refused("主体", "subject_id")),
    "a header given twice": ("leads.csv", f"{H},lead_id\n".encode(), Refused("出现两次", "stands twice")),
    "a header in two languages": ("leads.csv", f"{H},线索编号\n".encode(), Refused("出现两次", "stands twice")),
    "columns nested in parquet": (
        "leads.parquet",
        parquet(pl.DataFrame({"lead_id": [{"a": 1}], "source": ["patrol"]})),
        Refused("嵌套", "nested"),
    ),
    # --- made to do harm
    "an archive bomb": ("a.zip", flat_bomb(), Refused("压缩炸弹", "unzips to far more")),
    "an archive that lies about its size": ("a.zip", lying_bomb(), Refused("损坏", "damaged")),
    "a gzip bomb": (
        "leads.csv.gz",
        gzip.compress(H.encode() + b"\n" + b"A" * (80 << 20)),
        Refused("压缩炸弹", "unzips to far more"),
    ),
    "a workbook bomb": (
        "leads.xlsx",
        archive({"xl/worksheets/sheet1.xml": b" " * (80 << 20)}),
        Refused("压缩炸弹", "unzips to far more"),
    ),
    "a workbook bomb named xls": (
        "leads.xls",
        archive({"xl/worksheets/sheet1.xml": b" " * (80 << 20)}),
        Refused("压缩炸弹", "unzips to far more"),
    ),
    "a stray cell in the last corner of a sheet": (
        "leads.xlsx",
        with_part(SHEET, "xl/worksheets/sheet1.xml", (b"</sheetData>", STRAY + b"</sheetData>")),
        Refused("相距过远", "too far apart"),
    ),
    "a path that leads out": ("a.zip", archive({"../../leads.csv": GOOD}), Refused("之外", "leads out")),
    "a path that leads out of Windows": ("a.zip", archive({"..\\leads.csv": GOOD}), Refused("之外", "leads out")),
    "an absolute path": ("a.zip", archive({"/etc/leads.csv": GOOD}), Refused("之外", "leads out")),
    "a drive": ("a.zip", archive({"C:\\leads.csv": GOOD}), Refused("之外", "leads out")),
    "a link in an archive": (
        "a.zip",
        archive({"leads.csv": "/etc/passwd"}, link="leads.csv"),
        Refused("链接", "is a link"),
    ),
    "an encrypted archive": ("a.zip", archive({"leads.csv": GOOD}, encrypted=True), Refused("加密", "encrypted")),
    "an archive in an archive": (
        "a.zip",
        archive({"b.zip": archive({"leads.csv": GOOD})}),
        Refused("还有压缩包", "holds another"),
    ),
    "XML entities in a sheet": (
        "leads.xlsx",
        with_part(SHEET, "xl/worksheets/sheet1.xml", (b"<worksheet", LAUGHS + b"<worksheet")),
        Refused("XML 炸弹", "XML entities"),
    ),
    "XML entities in the strings": (
        "leads.xlsm",
        with_part(SHEET, "xl/sharedStrings.xml", (b"<sst", LAUGHS + b"<sst")),
        Refused("XML 炸弹", "XML entities"),
    ),
    "an external entity in the book": (
        "leads.xlsx",
        with_part(SHEET, "xl/workbook.xml", (b"<workbook", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><workbook')),
        Refused("XML 炸弹", "XML entities"),
    ),
    "a formula that would call a program": (
        "leads.csv",
        f"{H},备注\n=cmd|' /C calc'!A1,patrol,S1,2026-10-01,@SUM(1)\n".encode(),
        Loaded(1),
    ),
    "a key that is SQL": (
        "leads.csv",
        f'{H}\n"X\'); drop table raw.leads; --",patrol,S1,2026-10-01\n'.encode(),
        Loaded(1),
    ),
    # --- bad rows
    "a key missing": ("leads.csv", *one_bad(",patrol,S1,2026-10-01", "MISSING_REQUIRED")),
    "a key of a placeholder": ("leads.csv", *one_bad("NULL,patrol,S1,2026-10-01", "MISSING_REQUIRED")),
    "no such day": ("leads.csv", *one_bad("X2,patrol,S1,2026-02-30", "UNREADABLE_DATE")),
    "a date in words": ("leads.csv", *one_bad("X2,patrol,S1,国庆节", "UNREADABLE_DATE")),
    "a year of another era": ("leads.csv", *one_bad("X2,patrol,S1,0206-10-01", "UNREADABLE_DATE")),
    "no such code": ("leads.csv", *one_bad("X2,梦见,S1,2026-10-01", "UNKNOWN_CODE")),
    "an id a spreadsheet ate": ("leads.csv", *one_bad("1.2E+17,patrol,S1,2026-10-01", "MANGLED_ID")),
    "an id too long": ("leads.csv", *one_bad(f"X2,patrol,{'S' * 65},2026-10-01", "TOO_LONG")),
    "an error of a formula": ("leads.csv", *one_bad("X2,patrol,#REF!,2026-10-01", "ERROR_CELL")),
    "too many fields": ("leads.csv", *one_bad("X2,patrol,S1,2026-10-01,x,y", "TOO_MANY_FIELDS")),
    "too few fields": ("leads.csv", *one_bad("X2,patrol", "TOO_FEW_FIELDS")),
    "an amount below nothing": (
        "cases.csv",
        f"{CASE}\nC1,S1,M1,patrol,simple,-5\nC2,S1,M1,patrol,simple,5\n".encode(),
        Loaded(1, ("BELOW_MINIMUM",)),
    ),
    "an amount in words": (
        "cases.csv",
        f"{CASE}\nC1,S1,M1,patrol,simple,壹仟元\nC2,S1,M1,patrol,simple,5\n".encode(),
        Loaded(1, ("UNREADABLE_NUMBER",)),
    ),
    "a place off the globe": (
        "inspections.csv",
        b"inspection_id,subject_id,mode,started_at,longitude\nQ1,S1,patrol,2026-10-01,1175\nQ2,S1,patrol,2026-10-01,\n",
        Loaded(1, ("ABOVE_MAXIMUM",)),
    ),
    "neither yes nor no": (
        "inspection_plans.csv",
        b"plan_id,subject_id,due_on,cancelled\nP1,S1,2026-10-01,perhaps\nP2,S1,2026-10-01,N\n",
        Loaded(1, ("UNREADABLE_BOOLEAN",)),
    ),
    "a list with an unknown member": (
        "matters.csv",
        "matter_id,valid_from,name,kind,penalty_types\nM1,2020-01-01,a,penalty,fine;妖术\nM2,2020-01-01,b,penalty,fine\n".encode(),
        Loaded(1, ("UNKNOWN_CODE",)),
    ),
    "a line that is no object": (
        "leads.jsonl",
        b'{"lead_id":"X1","source":"patrol","subject_id":"S1","received_at":"2026-10-01"}\n[1,2]\n',
        Loaded(1, ("UNREADABLE_LINE",)),
    ),
    "deeply nested JSON": (
        "leads.jsonl",
        b'{"lead_id":"X1","source":"patrol","subject_id":"S1","received_at":"2026-10-01"}\n' + b"[" * 9999 + b"\n",
        Loaded(1, ("UNREADABLE_LINE",)),
    ),
    "a quote that swallows rows": (
        "leads.csv",
        f'{H}\nX2,"patrol,S1,2026-10-01\nX3,patrol,S1,2026-10-01\nX4,patrol",S1,2026-10-01\n{ROW}\n'.encode(),
        Loaded(1, ("UNCLOSED_QUOTE",)),
    ),
    # --- dirt, removed and counted
    "a total below": ("leads.csv", f"{GOOD}合计,1,,\n".encode(), Loaded(1, (), 1)),
    "a note below": ("leads.csv", f"{GOOD}填表人：甲,,审核人：乙,\n".encode(), Loaded(1, (), 1)),
    "blank rows below": ("leads.csv", f"{GOOD},,,\n,,,\n".encode(), Loaded(1)),
    "a title above": ("leads.csv", f"十月线索台账,,,\n{GOOD}".encode(), Loaded(1)),
    "semicolons and GB18030": (
        "leads.csv",
        "线索编号;案件来源;承办主体;接收时间\nX1;巡查发现;S1;2026年10月1日\n".encode("gb18030"),
        Loaded(1),
    ),
    "line breaks in fields": ("leads.csv", f'{H},备注\n{ROW},"一\r\n二\n三"\n'.encode(), Loaded(1)),
    "zero-width blanks": (
        "leads.csv",
        f"\ufeff\u200b{H}\n\u200bX1\u00a0,patrol,S1,2026-10-01\u3000\n".encode(),
        Loaded(1),
    ),
    "a serial for a date": ("leads.csv", f"{H}\nX1,patrol,S1,46296.5\n".encode(), Loaded(1)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    inbox = tmp_path_factory.mktemp("inbox")
    for name, (file_name, content, _) in CASES.items():
        (inbox / name).mkdir()
        (inbox / name / file_name).write_bytes(content)
    (inbox / "a link").mkdir()
    (inbox / "a link" / "leads.csv").symlink_to("/etc/hostname")
    return inbox


Read = tuple[duckdb.DuckDBPyConnection, dict[str, FileReport]]


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Read:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    report = load_paths(connection, [folder], contracts=load_contracts(), loaded_at=AT)
    return connection, {file.name.split("/")[0]: file for file in report.files}


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_gets_what_it_must(loaded: Read, name: str) -> None:
    connection, reports = loaded
    _, _, outcome = CASES[name]
    file = reports[name]
    assert file.rows_read == file.rows_loaded + file.rows_quarantined + file.rows_filtered
    if isinstance(outcome, Refused):
        assert file.status == "refused"
        assert file.reason is not None
        assert outcome.zh in file.reason.zh
        assert outcome.en in file.reason.en
        assert (file.rows_read, file.rows_loaded) == (0, 0)
        return
    # The same content in two folders is loaded once: the cases all differ.
    assert file.status == "loaded", file.reason
    assert (file.rows_loaded, file.rows_quarantined, file.rows_filtered) == (
        outcome.rows,
        len(outcome.quarantined),
        outcome.filtered,
    )
    reasons = connection.execute(
        "select reason_code, reason_zh, reason_en from raw.quarantine as q join raw.files as f using (file_id) "
        "where starts_with(f.name, ? || '/') order by row_number",
        [name],
    ).fetchall()
    assert tuple(code for code, _, _ in reasons) == outcome.quarantined
    assert all(zh and en for _, zh, en in reasons)


def test_a_link_is_named_and_not_read(loaded: Read) -> None:
    file = loaded[1]["a link"]
    assert file.status == "refused"
    assert file.reason is not None
    assert "not a plain file" in file.reason.en


def test_the_ledger_adds_up_and_the_tables_hold_what_it_says(loaded: Read) -> None:
    connection, reports = loaded
    assert len(reports) == len(CASES) + 1
    total = connection.execute(
        "select count(*), sum(rows_read), sum(rows_loaded + rows_quarantined + rows_filtered) from raw.files"
    ).fetchone()
    assert total is not None
    assert total[1] == total[2]
    held = sum(
        connection.execute(f"select count(*) from raw.{entity}").fetchone()[0]  # type: ignore[index]
        for entity in load_contracts().entities
    )
    assert held == sum(file.rows_loaded for file in reports.values())
