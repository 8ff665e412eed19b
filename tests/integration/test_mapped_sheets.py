"""Workbooks of several sheets under a mapping: every sheet is read, refused or named, none is passed over."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from pipelines.cli.application import run
from pipelines.contract.loader import load_contracts
from pipelines.ingest.drafting import draft_mapping
from pipelines.ingest.load import load_paths
from pipelines.ingest.mapping_file import read_mapping
from pipelines.ingest.preview import preview_mapping
from pipelines.ingest.reports import LoadReport
from pipelines.ingest.samples import read_samples
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
HEADERS = ["编号", "渠道", "日期", "备注"]
SEPTEMBER = [HEADERS, ["1", "热线", "2026-09-01", ""], ["2", "巡查", "2026-09-02", ""]]
OCTOBER = [["十月来信"], HEADERS, ["3", "热线", "2026-10-01", ""]]
NOTES = [["填报说明"], ["请于每月5日前报送"]]
MAPPING = """
sources:
  - files: ["来信*.xlsx"]
    entity: leads
READ
    columns:
      lead_id: 编号
      source: {from: 渠道, values: {热线: hotline, 巡查: patrol}}
      subject_id: {constant: S1}
      received_at: 日期
"""
Load = Callable[..., LoadReport]


def book(**sheets: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for name, rows in sheets.items():
        page = workbook.add_worksheet(name)
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    workbook.close()
    return buffer.getvalue()


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    return connection


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Load:
    def load_with(content: bytes, read: str = "", mapping: str = MAPPING) -> LoadReport:
        (tmp_path / "m.yml").write_text(mapping.replace("READ", read and f"    read: {read}"), encoding="utf-8")
        (tmp_path / "来信.xlsx").write_bytes(content)
        return load_paths(
            warehouse,
            [tmp_path / "来信.xlsx"],
            contracts=load_contracts(),
            loaded_at=AT,
            mapping=tmp_path / "m.yml",
        )

    return load_with


def outcome(report: LoadReport) -> list[tuple[str, str, int]]:
    return [(file.name, file.status, file.rows_loaded) for file in report.files]


def test_every_sheet_with_the_headers_is_a_part_and_the_others_are_named(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    content = book(说明=NOTES, 九月=SEPTEMBER, 十月=OCTOBER, 空白=[])
    report = load(content)
    assert outcome(report) == [("来信.xlsx#九月", "loaded", 2), ("来信.xlsx#十月", "loaded", 1)]
    # The blank sheet holds nothing that could be lost.
    assert [file.unread_sheets for file in report.files] == [("说明",), ()]
    assert warehouse.execute("select lead_id from raw.leads order by 1").fetchall() == [("1",), ("2",), ("3",)]
    assert warehouse.execute("select count(distinct file_id) from raw.files").fetchall() == [(2,)]
    assert [file.status for file in load(content).files] == ["already_loaded", "already_loaded"]


@pytest.mark.parametrize(
    ("read", "names", "unread"),
    [
        ("{sheet: 十月}", ["来信.xlsx"], ("说明", "九月")),
        ("{sheet: [九月, 十月]}", ["来信.xlsx#九月", "来信.xlsx#十月"], ("说明",)),
        ('{sheet: "*月"}', ["来信.xlsx#九月", "来信.xlsx#十月"], ("说明",)),
    ],
)
def test_sheets_are_named_by_name_list_or_pattern(load: Load, read: str, names: list[str], unread: object) -> None:
    report = load(book(说明=NOTES, 九月=SEPTEMBER, 十月=OCTOBER), read)
    assert [file.name for file in report.files] == names
    assert report.files[0].unread_sheets == unread


def test_a_sheet_of_the_same_table_that_lacks_a_column_is_refused_by_name(load: Load) -> None:
    without_date = [["编号", "渠道"], ["9", "热线"]]
    report = load(book(九月=SEPTEMBER, 十月=without_date))
    assert outcome(report) == [("来信.xlsx#九月", "loaded", 2), ("来信.xlsx#十月", "refused", 0)]
    (refused,) = report.refused
    assert refused.reason is not None
    assert "日期" in refused.reason.zh


def test_a_workbook_without_a_sheet_that_fits_is_refused_with_its_sheets_and_what_is_missing(load: Load) -> None:
    report = load(book(封面=NOTES, 附表=[["编号", "渠道"], ["9", "热线"]]))
    (refused,) = report.refused
    assert refused.reason is not None
    for said in ("封面", "附表", "缺少：日期", "read: {sheet: 工作表名}"):
        assert said in refused.reason.zh
    for said in ("封面", "附表", "lacks: 日期", "read: {sheet: NAME}"):
        assert said in refused.reason.en


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(load: Load) -> None:
    report = load(book(九月=SEPTEMBER, 十月=OCTOBER), "{sheet: [九月, 十一月]}")
    (refused,) = report.refused
    assert refused.reason is not None
    assert "没有工作表“十一月”。现有：九月、十月" in refused.reason.zh


def test_a_sheet_that_another_source_reads_is_not_named(load: Load) -> None:
    subjects = """
  - files: ["来信*.xlsx"]
    entity: subjects
    columns:
      subject_id: 代码
      name: 单位
      kind: {constant: department}
      valid_from: {constant: 2020-01-01}
"""
    units = [["代码", "单位"], ["S1", "甲局"]]
    report = load(book(来信=SEPTEMBER, 单位=units), mapping=MAPPING.replace("READ", "") + subjects)
    assert {file.entity: (file.status, file.rows_loaded, file.unread_sheets) for file in report.files} == {
        "subjects": ("loaded", 1, ()),
        "leads": ("loaded", 2, ()),
    }


def test_a_file_by_its_entity_names_the_sheets_it_leaves_out(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    names = ["lead_id", "source", "subject_id", "received_at"]
    content = book(说明=NOTES, 十月=[names, ["X1", "patrol", "S1", "2026-10-01"]], 填写说明=NOTES)
    (tmp_path / "leads.xlsx").write_bytes(content)
    report = load_paths(warehouse, [tmp_path / "leads.xlsx"], contracts=load_contracts(), loaded_at=AT)
    # `填写说明` is the sheet of notes that a form of `hengfa forms` brings along.
    assert [(file.rows_loaded, file.unread_sheets) for file in report.files] == [(1, ("说明",))]


def test_the_preview_shows_every_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.yml").write_text(MAPPING.replace("READ", ""), encoding="utf-8")
    (tmp_path / "来信.xlsx").write_bytes(book(说明=NOTES, 九月=SEPTEMBER, 十月=OCTOBER))
    contracts = load_contracts()
    previews = preview_mapping(tmp_path / "来信.xlsx", read_mapping(tmp_path / "m.yml", contracts), contracts)
    assert [(one.name, one.rows_read, one.unread_sheets) for one in previews] == [
        ("来信.xlsx#九月", 2, ("说明",)),
        ("来信.xlsx#十月", 1, ()),
    ]
    assert run(["map", "check", str(tmp_path / "m.yml"), str(tmp_path / "来信.xlsx")]) == 0
    shown = capsys.readouterr().out
    assert "有内容而未读取的工作表" in shown
    assert "说明" in shown


def test_a_draft_reads_the_sheets_with_the_same_headers_and_names_the_others(tmp_path: Path) -> None:
    contracts = load_contracts()
    (tmp_path / "来信.xlsx").write_bytes(book(说明=NOTES, 九月=SEPTEMBER, 十月=OCTOBER))
    draft = draft_mapping(read_samples(tmp_path / "来信.xlsx", contracts), contracts, entity="leads").text
    assert "read: {" not in draft
    assert "are all read: 九月、十月" in draft
    assert "does not read: 说明" in draft
    (tmp_path / "来信.xlsx").write_bytes(book(说明=NOTES, 十月=OCTOBER))
    draft = draft_mapping(read_samples(tmp_path / "来信.xlsx", contracts), contracts, entity="leads").text
    assert 'read: {sheet: "十月"}' in draft
