"""A unit of money that stands around a table: no amount is read as yuan where the table says otherwise."""

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import FileReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
MAPPING = """
sources:
  - files: ["台账*"]
    entity: cases
    columns:
      case_id: 案号
      subject_id: {constant: S1}
      matter_id: {constant: M1}
      source: {constant: patrol}
      procedure: {constant: ordinary}
      fine_amount: FINE
      confiscated_amount: CONFISCATED
"""


def loaded(
    tmp_path: Path, rows: list[list[str]], fine: str, confiscated: str, *, as_sheet: bool = False
) -> tuple[FileReport, list[tuple[object, ...]]]:
    """The report of a table and the amounts of its records in yuan."""
    text = MAPPING.replace("FINE", fine).replace("CONFISCATED", confiscated)
    (tmp_path / "m.yml").write_text(text, encoding="utf-8")
    path = tmp_path / ("台账.xlsx" if as_sheet else "台账.csv")
    if as_sheet:
        buffer = io.BytesIO()
        workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
        page = workbook.add_worksheet("台账")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
        workbook.close()
        path.write_bytes(buffer.getvalue())
    else:
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    (report,) = load_paths(
        connection, [path], contracts=load_contracts(), loaded_at=AT, mapping=tmp_path / "m.yml"
    ).files
    amounts = connection.execute("select fine_amount, confiscated_amount from raw.cases order by case_id").fetchall()
    return report, amounts


HEADERS = ["案号", "罚款", "没收"]
TITLE = ["某区处罚台账", "", ""]
ROWS = [["1", "0.2", ""], ["2", "3", "1.5"]]


@pytest.mark.parametrize("as_sheet", [False, True])
@pytest.mark.parametrize(
    "line", ["单位：万元", "金额单位:万元", "（单位：件、万元）", "金额单位为萬元", "罚没情况（千元）", "以亿元计"]
)
def test_a_unit_above_the_table_is_not_passed_over(tmp_path: Path, line: str, as_sheet: bool) -> None:
    report, amounts = loaded(tmp_path, [TITLE, ["", "", line], HEADERS, *ROWS], "罚款", "没收", as_sheet=as_sheet)
    assert (report.status, amounts) == ("refused", [])
    assert report.reason is not None
    for said in ("罚款", "元”", "unit: 万元"):
        assert said in report.reason.zh
    assert "unit: 万元" in report.reason.en


@pytest.mark.parametrize(
    ("fine", "confiscated", "expected"),
    [
        # Each column has its unit: 0.2 × 10,000 and 3 × 10,000; 1.5 yuan.
        ("{from: 罚款, unit: 万元}", "{from: 没收, unit: 元}", [(2000, None), (30000, 1.5)]),
        ("{from: 罚款, unit: 万元}", "{from: 没收, unit: 万元}", [(2000, None), (30000, 15000)]),
        # What is computed has its unit too, once it is given: 0.2 × 1,000.
        (
            "{expression: 'number({罚款}) * 1000', unit: 元}",
            "{expression: 'number({没收}) * 1000', unit: 元}",
            [(200, None), (3000, 1500)],
        ),
    ],
)
def test_with_the_units_given_the_file_is_read(
    tmp_path: Path, fine: str, confiscated: str, expected: list[tuple[float, float | None]]
) -> None:
    report, amounts = loaded(tmp_path, [TITLE, ["", "", "单位：万元"], HEADERS, *ROWS], fine, confiscated)
    assert report.status == "loaded"
    assert amounts == [tuple(None if one is None else Decimal(str(one)) for one in row) for row in expected]


def test_one_of_two_columns_without_a_unit_is_enough_to_refuse(tmp_path: Path) -> None:
    rows = [["", "", "单位：万元"], HEADERS, *ROWS]
    report, _ = loaded(tmp_path, rows, "{from: 罚款, unit: 万元}", "没收")
    assert report.reason is not None
    assert "“没收”" in report.reason.zh
    assert "number" not in report.reason.en
    # An expression may be in any unit, so it is asked as well.
    report, _ = loaded(tmp_path, rows, "{from: 罚款, unit: 万元}", "{expression: 'number({没收})'}")
    assert report.status == "refused"


@pytest.mark.parametrize(
    ("rows", "fine", "expected"),
    [
        # A header that names yuan counts before the title.
        ([["", "", "单位：万元"], ["案号", "罚款（元）", "没收"], ["1", "2000", ""]], "罚款（元）", 2000),
        # So do values that all name their unit: 0.2万 is 0.2 × 10,000.
        ([["", "", "单位：万元"], HEADERS, ["1", "0.2万元", ""], ["2", "", ""]], "罚款", 2000),
        # Yuan is what amounts are in.
        ([["", "", "单位：元"], HEADERS, ["1", "2000", ""]], "罚款", 2000),
        # Who reports is no unit of money.
        ([["填报单位：万元路街道", "", ""], HEADERS, ["1", "2000", ""]], "罚款", 2000),
        ([["单位：区市场局", "", ""], HEADERS, ["1", "2000", ""]], "罚款", 2000),
    ],
)
def test_what_names_its_own_unit_is_read(tmp_path: Path, rows: list[list[str]], fine: str, expected: int) -> None:
    report, amounts = loaded(tmp_path, rows, fine, "没收")
    assert report.status == "loaded"
    assert amounts[0] == (Decimal(expected), None)


@pytest.mark.parametrize(
    "rows",
    [
        # Some values name their unit, the others are in it or not.
        [["", "", "单位：万元"], HEADERS, ["1", "0.2万元", ""], ["2", "3", ""]],
        # The header of the column itself.
        [["案号", "罚款（万元）", "没收"], ["1", "0.2", ""]],
        # A note below the table.
        [HEADERS, ["1", "0.2", ""], ["注：金额单位为万元", "", ""]],
    ],
)
def test_an_amount_that_may_be_in_another_unit_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    fine = next(header for row in rows for header in row if header.startswith("罚款"))
    report, amounts = loaded(tmp_path, rows, fine, "没收")
    assert (report.status, amounts) == ("refused", [])


def test_a_file_that_follows_the_contract_is_not_guessed_either(tmp_path: Path) -> None:
    head = "案件编号,主体编码,事项编码,案件来源,适用程序,罚款金额"
    (tmp_path / "cases.csv").write_text(f",,,,,单位：万元\n{head}\nC1,S1,M1,巡查发现,普通程序,0.2\n", encoding="utf-8")
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    (report,) = load_paths(connection, [tmp_path], contracts=load_contracts(), loaded_at=AT).files
    assert report.status == "refused"
    assert report.reason is not None
    assert "万元" in report.reason.zh
