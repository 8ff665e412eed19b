"""What people do to a table before they send it: zip it, decorate it, total it, and write nothing in ten ways."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
HEADER = "lead_id,source,subject_id,received_at"
Load = Callable[..., LoadReport]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    return connection


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Load:
    def write_and_load(files: dict[str, bytes | str], **options: object) -> LoadReport:
        folder = tmp_path / "inbox"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        report = load_paths(warehouse, [folder], contracts=load_contracts(), loaded_at=AT, **options)
        assert report.rows_read == report.rows_loaded + report.rows_quarantined + report.rows_filtered
        return report

    return write_and_load


def leads(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return warehouse.execute("select lead_id, _row_number from raw.leads order by _load_order").fetchall()


def workbook(write: Callable[[xlsxwriter.Workbook, object], None]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    write(book, book.add_worksheet("Sheet1"))
    book.close()
    return buffer.getvalue()


def zipped(members: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_is_loaded_member_by_member(load: Load, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    inside = {
        "十月/leads.csv": f"{HEADER}\nX1,patrol,S1,2026-10-01\n",
        "subjects.csv": "subject_id,name,kind,valid_from\nS1,甲局,department,2020-01-01\n",
        "__MACOSX/._leads.csv": b"\0",
        "weather.csv": "a,b\n1,2\n",
    }
    report = load({"十月.zip": zipped(inside)}, landing=tmp_path / "landing")
    assert [(file.name, file.status, file.rows_loaded) for file in report.files] == [
        ("十月.zip/subjects.csv", "loaded", 1),
        ("十月.zip/十月/leads.csv", "loaded", 1),
        ("十月.zip/weather.csv", "refused", 0),
    ]
    kept = [path for path in (tmp_path / "landing").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["十月.zip"]
    assert [file.status for file in load({}).files] == ["already_loaded", "already_loaded", "refused"]


def test_names_in_a_zip_made_by_chinese_windows(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    # Such archives hold the name in GBK and do not set the flag for UTF-8.
    data = zipped({"LEADS.csv": f"{HEADER}\nX1,patrol,S1,2026-10-01\n"}).replace(b"LEADS", "线索_".encode("gbk"))
    report = load({"a.zip": data.replace("线索_".encode("gbk"), "_线索".encode("gbk"))})
    assert [file.name for file in report.files] == ["a.zip/_线索.csv"]


def test_headers_over_two_rows_below_a_title_and_totals_below_the_table(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    # | 十月线索台账                              |
    # | 线索编号 | 来源信息            | 承办主体 | 接收时间 |      线索编号, 承办主体, 接收时间 span two rows
    # |          | 案件来源 | 备注     |          |          |
    # | X1       | 巡查发现 |          | S1       | 2026-10-01 |
    # | 合  计   | 1 |
    # | 填表人：某某 |        | 审核人：某某 |
    def write(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.merge_range(0, 0, 0, 4, "十月线索台账")
        page.merge_range(1, 0, 2, 0, "线索编号")
        page.merge_range(1, 1, 1, 2, "来源信息")
        page.write_row(2, 1, ["案件来源", "备注"])
        page.merge_range(1, 3, 2, 3, "承办主体")
        page.merge_range(1, 4, 2, 4, "接收时间")
        page.write_row(3, 0, ["X1", "巡查发现", None, "S1", "2026-10-01"])
        page.write_row(4, 0, ["合  计", 1])
        page.write_row(5, 0, ["填表人：某某", None, "审核人：某某"])

    report = load({"leads.xlsx": workbook(write)})
    assert leads(warehouse) == [("X1", 4)]
    assert report.files[0].extra_columns == ("备注",)
    assert report.files[0].filtered == {"合计行 total row": 1, "表下说明 note below the table": 1}
    assert report.rows_read == 3


def test_a_header_merged_over_columns_names_them_together(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = "线索,,案件,承办,接收\n编号,附件,来源,主体,时间\nX1,,巡查发现,S1,2026-10-01\n"
    load({"leads.csv": rows})
    assert leads(warehouse) == [("X1", 3)]


def test_the_name_of_merged_columns_is_the_name_of_none_of_them(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    # | 检查编号 | 主体编码 | 检查方式 | 检查对象                | 开始时间 | all but 检查对象 span two rows
    # |          |          |          | 统一社会信用代码 | 名称 |     检查对象 is a header of the contract, of one column
    rows = (
        "检查编号,主体编码,检查方式,检查对象,,开始时间\n,,,统一社会信用代码,名称,\n"
        "I1,S1,日常巡查,91120116MA05TEST2Y,某店,2026-10-01\n"
    )
    report = load({"inspections.csv": rows})
    assert (report.rows_read, report.rows_loaded, report.files[0].extra_columns) == (1, 1, ())
    found = warehouse.execute("select object_id, object_name from raw.inspections").fetchall()
    assert found == [("91120116MA05TEST2Y", "某店")]


def test_a_row_of_data_below_an_unnamed_column_is_no_header(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    report = load({"leads.csv": f"{HEADER},\nX1,patrol,S1,2026-10-01,x\n"})
    assert (report.rows_loaded, report.files[0].extra_columns) == (1, ("column_5",))


@pytest.mark.parametrize("total", ["合计,,,", "合计", ",总  计,,", "Total,1,2,3", "小计：,,,"])
def test_a_total_is_counted_and_no_record(load: Load, warehouse: duckdb.DuckDBPyConnection, total: str) -> None:
    report = load({"leads.csv": f"{HEADER}\nX1,patrol,S1,2026-10-01\n{total}\nX2,patrol,S1,2026-10-01\n"})
    assert leads(warehouse) == [("X1", 2), ("X2", 4)]
    assert (report.files[0].filtered, report.rows_read) == ({"合计行 total row": 1}, 3)


@pytest.mark.parametrize("nothing", ["—", "无", "NULL", "N/A", "\u00a0-\u00a0", "／", '""', "(null)", "\\N"])
def test_ten_ways_to_write_nothing(load: Load, warehouse: duckdb.DuckDBPyConnection, nothing: str) -> None:
    load({"leads.csv": f"{HEADER},matter_id,closed_at\nX1,patrol,S1,2026-10-01,{nothing},{nothing}\n"})
    assert warehouse.execute("select matter_id, closed_at from raw.leads").fetchall() == [(None, None)]


def test_nothing_in_a_required_column_is_missing(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    assert load({"leads.csv": f"{HEADER}\n—,patrol,S1,2026-10-01\n"}).rows_quarantined == 1
    assert warehouse.execute("select field, reason_code from raw.quarantine").fetchall() == [
        ("lead_id", "MISSING_REQUIRED")
    ]


def test_identifiers_and_codes_in_full_width(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    load({"leads.csv": f"{HEADER},area_code\nＸ－００１,ｐａｔｒｏｌ,Ｓ\u00a0１,２０２６－１０－０１,001\n"})
    found = warehouse.execute("select lead_id, source, subject_id, received_at, area_code from raw.leads").fetchall()
    assert found == [("X-001", "patrol", "S 1", datetime(2026, 10, 1), "001")]


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("1,700元", "1700.00"),
        ("0.17万元", "1700.00"),
        ("１，７００", "1700.00"),
        ("￥1,700.5", "1700.50"),
        ("1.23456789万元", "12345.68"),
        ("3 万元", "30000.00"),
        ("-", None),
    ],
)
def test_amounts_as_people_write_them(
    load: Load, warehouse: duckdb.DuckDBPyConnection, written: str, yuan: str | None
) -> None:
    header = "case_id,subject_id,matter_id,source,procedure,fine_amount"
    load({"cases.csv": f'{header}\nC1,S1,M1,patrol,simple,"{written}"\n'})
    found = warehouse.execute("select fine_amount from raw.cases").fetchall()
    assert found == [(None if yuan is None else Decimal(yuan),)]


def test_error_cells_are_seen_and_formulas_give_their_value(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    def write(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write_row(1, 2, [*HEADER.split(","), "matter_id", "备注"])
        for at, (lead, matter, note) in enumerate([("X1", "M1", None), ("X2", None, None), ("X3", "M3", None)], 2):
            page.write_row(at, 2, [lead, "patrol", "S1", "2026-10-01", matter, note])
        page.write_formula(3, 6, "=NA()", None, "#N/A")
        # An error in a column that nothing reads harms no record.
        page.write_formula(4, 7, "=1/0", None, "#DIV/0!")
        page.write_formula(4, 2, '="X"&"3"', None, "X3")

    report = load({"leads.xlsx": workbook(write)})
    assert leads(warehouse) == [("X1", 3), ("X3", 5)]
    assert warehouse.execute("select row_number, field, value, reason_code from raw.quarantine").fetchall() == [
        (4, "matter_id", "#N/A", "ERROR_CELL")
    ]
    assert (report.rows_read, report.rows_quarantined) == (3, 1)


def cells_rewritten(book: bytes, changes: dict[str, str]) -> bytes:
    """The workbook with cells of its sheet as `changes` give them: place to what stands within `<c …>`."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    for place, written in changes.items():
        sheet, found = re.subn(rf'<c r="{place}"[^>]*>.*?</c>', f'<c r="{place}"{written}</c>', sheet)
        assert found == 1, place
    members["xl/worksheets/sheet1.xml"] = sheet
    return zipped(members)


@pytest.mark.parametrize(
    ("written", "is_fault"),
    [
        # As programs write formulas that no spreadsheet program has calculated.
        ("><f>1+1</f>", True),
        ("><f>1+1</f><v></v>", True),
        (' s="0"><f>A1/B1</f><v />', True),
        ('><f t="shared" si="0"/>', True),
        (' t="str"><f>A1</f>', True),
        # A formula that gives an empty text, and one that gives a value.
        (' t="str"><f>IF(A1="","","")</f><v></v>', False),
        (' t="str"><f>A1</f><v>M1</v>', False),
        ("><v></v>", False),
    ],
)
def test_a_formula_without_a_stored_value_is_no_empty_cell(
    load: Load, warehouse: duckdb.DuckDBPyConnection, written: str, is_fault: bool
) -> None:
    def write(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write_row(1, 2, [*HEADER.split(","), "matter_id"])
        page.write_row(2, 2, ["X1", "patrol", "S1", "2026-10-01", "M1"])
        page.write_row(3, 2, ["X2", "patrol", "S1", "2026-10-01", "M1"])

    report = load({"leads.xlsx": cells_rewritten(workbook(write), {"G3": written})})
    found = warehouse.execute("select row_number, field, reason_code from raw.quarantine").fetchall()
    assert found == ([(3, "matter_id", "UNCALCULATED_CELL")] if is_fault else [])
    assert (report.rows_read, report.rows_loaded) == (2, 1 if is_fault else 2)


def test_formulas_beside_the_values_of_a_sheet_are_seen_too(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    def write(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write_row(0, 2, [*HEADER.split(","), "matter_id"])
        page.write_row(1, 1, ["no", "X1", "patrol", "S1", "2026-10-01"])
        page.write_row(2, 2, ["X2", "patrol", "S1", "2026-10-01", "M1"])
        page.write_row(3, 2, [0] * 5)

    # A column before the first value and a last row with no value at all: the reader of sheets knows of neither.
    rewritten = {"B2": "><f>ROW()</f>", **{f"{column}4": "><f>1+1</f>" for column in "CDEFG"}}
    report = load({"leads.xlsx": cells_rewritten(workbook(write), rewritten)})
    assert leads(warehouse) == [("X1", 2), ("X2", 3)]
    assert (report.rows_read, report.rows_quarantined) == (3, 1)
    assert set(warehouse.execute("select row_number, reason_code from raw.quarantine").fetchall()) == {
        (4, "UNCALCULATED_CELL")
    }


def test_an_error_in_a_text_file_is_no_value_either(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    load({"leads.csv": f"{HEADER}\n#REF!,patrol,S1,2026-10-01\nX2,patrol,S1,#VALUE!\n"})
    assert warehouse.execute("select row_number, field, reason_code from raw.quarantine").fetchall() == [
        (2, "lead_id", "ERROR_CELL"),
        (3, "received_at", "ERROR_CELL"),
    ]


def test_a_code_shown_with_leading_zeros_keeps_them(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    def write(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write_row(0, 0, HEADER.split(","))
        page.write_row(1, 0, [None, "patrol", "S1", "2026-10-01"])
        page.write_number(1, 0, 123, book.add_format({"num_format": "000000"}))

    load({"leads.xlsm": workbook(write)})
    assert leads(warehouse) == [("000123", 2)]


def test_an_encoding_that_is_not_certain_is_said(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    names = "處分字號與違反規定之內容說明"
    text = f"subject_id,name,kind,valid_from\nS1,{names},department,2020-01-01\n"
    simple = "subject_id,name,kind,valid_from\nS2,滨海新区市场监督管理局,department,2020-01-01\n"
    report = load({"subjects__big5.csv": text.encode("big5"), "subjects__gbk.csv": simple.encode("gbk")})
    assert [(file.name, file.encoding, file.encoding_is_certain) for file in report.files] == [
        ("subjects__big5.csv", "gb18030", False),
        ("subjects__gbk.csv", "gb18030", True),
    ]


def test_a_row_of_data_below_a_column_without_a_name_is_a_row(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    # | 线索编号 | 案件来源 | 承办主体 | 接收时间   | 联系人 |             |
    # |          |          |          |            | 张三   | 13800000000 | no headers, although the last column has none
    # | X1       | 巡查发现 | S1       | 2026-10-01 | 李四   | 13900000000 |
    rows = "线索编号,案件来源,承办主体,接收时间,联系人,\n,,,,张三,13800000000\nX1,巡查发现,S1,2026-10-01,李四,13900000000\n"
    (report,) = load({"leads.csv": rows}).files
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (2, 1, 1)
    assert report.extra_columns == ("联系人", "column_6")
    assert leads(warehouse) == [("X1", 3)]
