"""The reference reader: the same three rows in every accepted form, and what a broken row gets."""

import gzip
import json
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter

from tests.reference.exports import ReadingError, parse_moment, read_exports

LOADED_AT = datetime(2026, 11, 1, 8, 0)

ENGLISH = "inspection_id,subject_id,mode,started_at,result,problems\n"
CHINESE = "检查编号,主体编码,检查方式,开始时间,检查结果,问题数\n"
ROWS = "J1,S1,planned,2026-10-31 23:59:59,pass,0\nJ2,S1,日常巡查,2026/11/1 0:00,,\n"
EXPECTED = [
    ("J1", "planned", datetime(2026, 10, 31, 23, 59, 59), "pass", 0),
    ("J2", "patrol", datetime(2026, 11, 1), None, None),
]


def _inspections(folder: Path) -> list[tuple[object, ...]]:
    exports = read_exports(folder, LOADED_AT)
    assert exports.refused == []
    return [
        (row["inspection_id"], row["mode"], row["started_at"], row["result"], row["problems"])
        for row in exports.rows["inspections"]
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "inspections__十月.csv").write_bytes((CHINESE + ROWS).encode(encoding))
    assert _inspections(tmp_path) == EXPECTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_with_every_delimiter(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "inspections.csv").write_text((ENGLISH + ROWS).replace(",", delimiter), encoding="utf-8")
    assert _inspections(tmp_path) == EXPECTED


def test_gzip(tmp_path: Path) -> None:
    (tmp_path / "inspections.csv.gz").write_bytes(gzip.compress((CHINESE + ROWS).encode("gb18030")))
    assert _inspections(tmp_path) == EXPECTED


def test_excel_with_text_and_with_real_dates(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "inspections.xlsx") as workbook:
        sheet = workbook.add_worksheet("Sheet1")
        sheet.write_row(0, 0, CHINESE.strip().split(","))
        sheet.write_row(1, 0, ["J1", "S1", "计划检查"])
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_datetime(1, 3, datetime(2026, 10, 31, 23, 59, 59), moment)
        sheet.write_row(1, 4, ["未发现问题", 0])
        sheet.write_row(2, 0, ["J2", "S1", "patrol", 46327])
    assert _inspections(tmp_path) == EXPECTED


def test_a_workbook_with_one_sheet_per_entity(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "台账.xlsx") as workbook:
        subjects = workbook.add_worksheet("subjects")
        subjects.write_row(0, 0, ["主体编码", "主体名称", "主体类别", "生效日期"])
        subjects.write_row(1, 0, ["S1", "甲街道", "street_town 街镇", 20240101])
        agencies = workbook.add_worksheet("执法机构")
        agencies.write_row(0, 0, ["agency_id", "subject_id", "name"])
        agencies.write_row(1, 0, ["A1", "S1", "甲街道综合行政执法大队"])
        workbook.add_worksheet("说明").write(0, 0, "读我")
    rows = read_exports(tmp_path, LOADED_AT).rows
    assert [(row["subject_id"], row["kind"], row["valid_from"]) for row in rows["subjects"]] == [
        ("S1", "street_town", date(2024, 1, 1))
    ]
    assert [row["agency_id"] for row in rows["agencies"]] == ["A1"]


def test_json_lines_and_parquet(tmp_path: Path) -> None:
    records = [
        {"inspection_id": "J1", "subject_id": "S1", "mode": "planned", "started_at": "2026-10-31T23:59:59",
         "result": "pass", "problems": 0},
        {"inspection_id": "J2", "subject_id": "S1", "mode": "patrol", "started_at": "2026年11月1日"},
    ]  # fmt: skip
    lines = tmp_path / "lines"
    lines.mkdir()
    (lines / "inspections.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    assert _inspections(lines) == EXPECTED

    columns = tmp_path / "columns"
    columns.mkdir()
    typed = pa.table(
        {
            "inspection_id": ["J1", "J2"],
            "subject_id": ["S1", "S1"],
            "mode": ["planned", "patrol"],
            "started_at": [datetime(2026, 10, 31, 23, 59, 59), datetime(2026, 11, 1)],
            "result": ["pass", None],
            "problems": [0, None],
        }
    )
    pyarrow.parquet.write_table(typed, columns / "inspections.parquet")
    assert _inspections(columns) == EXPECTED


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05", datetime(2026, 1, 5)),
        ("2026-01-05T09:03:07", datetime(2026, 1, 5, 9, 3, 7)),
        ("2026-01-05 09:03:07.250", datetime(2026, 1, 5, 9, 3, 7, 250_000)),
        ("2026/1/5 9:03", datetime(2026, 1, 5, 9, 3)),
        ("2026年1月5日", datetime(2026, 1, 5)),
        ("2026年1月5日 9时3分", datetime(2026, 1, 5, 9, 3)),
        ("20260105", datetime(2026, 1, 5)),
        ("20240229", datetime(2024, 2, 29)),  # a leap day
        ("46027", datetime(2026, 1, 5)),  # Excel: days since 1899-12-30
        ("46027.375", datetime(2026, 1, 5, 9)),  # 0.375 day = 9 h
        ("2026-01-05T01:03:00Z", datetime(2026, 1, 5, 9, 3)),  # UTC is eight hours behind
    ],
)
def test_dates(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ["2026-02-30", "20261301", "2026-13-01", "2026-01-05 25:00", "昨天", "5", "2026"])
def test_unreadable_dates(text: str) -> None:
    with pytest.raises(ReadingError, match="unreadable date"):
        parse_moment(text)


def test_a_row_that_breaks_the_contract_is_left_out_and_named(tmp_path: Path) -> None:
    lines = [
        "case_id,subject_id,matter_id,source,procedure,fine_amount,filed_at",
        "C1,S1,M1,patrol,simple,0,2026-10-01",  # a fine of nothing is allowed
        ",S1,M1,patrol,simple,1,2026-10-01",
        "C3,S1,M1,gossip,simple,1,2026-10-01",
        "C4,S1,M1,patrol,simple,-0.01,2026-10-01",
        "C5,S1,M1,patrol,simple,1,2026-02-30",
        f"{'C' * 65},S1,M1,patrol,simple,1,2026-10-01",
        f"{'C' * 64},S1,M1,patrol,simple,1,2026-10-01",  # as long as it may be
    ]
    (tmp_path / "cases.csv").write_text("\n".join(lines), encoding="utf-8")
    exports = read_exports(tmp_path, LOADED_AT)
    assert [row["case_id"] for row in exports.rows["cases"]] == ["C1", "C" * 64]
    assert [(each.row_number, each.field, each.fault) for each in exports.refused] == [
        (3, "case_id", "missing"),
        (4, "source", "unknown code"),
        (5, "fine_amount", "below the minimum"),
        (6, "filed_at", "unreadable date"),
        (7, "case_id", "text too long"),
    ]
    assert exports.files == {("cases.csv", "cases"): 7}  # 7 read = 2 kept + 5 left out


def test_a_file_without_a_required_column_is_left_out_whole(tmp_path: Path) -> None:
    (tmp_path / "coercions.csv").write_text("coercion_id,subject_id,measure\nQ1,S1,seal\n", encoding="utf-8")
    exports = read_exports(tmp_path, LOADED_AT)
    assert exports.rows["coercions"] == []
    assert exports.refused_files == {"coercions.csv": "coercions: missing required columns imposed_at"}


def test_versions_are_kept_and_the_same_file_is_read_once(tmp_path: Path) -> None:
    content = "inspection_id,subject_id,mode,started_at\nJ1,S1,planned,2026-10-01\nJ1,S1,random,2026-10-01\n"
    for name in ("inspections.csv", "inspections__copy.csv"):
        (tmp_path / name).write_text(content, encoding="utf-8")
    rows = read_exports(tmp_path, LOADED_AT).rows["inspections"]
    assert [(row["mode"], row["operation"], row["_load_order"]) for row in rows] == [
        ("planned", "i", 1),
        ("random", "i", 2),
    ]


def test_folders_loaded_one_after_the_other_keep_their_times(tmp_path: Path) -> None:
    for name, mode in (("october", "planned"), ("november", "random")):
        (tmp_path / name).mkdir()
        content = f"inspection_id,subject_id,mode,started_at\nJ1,S1,{mode},2026-10-01\n"
        (tmp_path / name / "inspections.csv").write_text(content, encoding="utf-8")
    november = datetime(2026, 12, 1)
    rows = read_exports([(tmp_path / "october", LOADED_AT), (tmp_path / "november", november)]).rows["inspections"]
    assert [(row["mode"], row["_loaded_at"]) for row in rows] == [("planned", LOADED_AT), ("random", november)]


def test_an_empty_file_and_a_file_of_no_entity(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("{}", encoding="utf-8")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "leads.csv").write_text("lead_id,source,subject_id,received_at\n", encoding="utf-8")
    exports = read_exports(tmp_path, LOADED_AT)
    assert not any(exports.rows.values())
    assert exports.files == {("leads.csv", "leads"): 0}
