"""From a quarantined row to its correction: the list masks personal data, and the corrected row has them again."""

import csv
import io
import stat
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.contract.model import MASK
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.ingest.worklists import export_worklists
from pipelines.settings import Workspace
from pipelines.warehouse.connection import hold_warehouse, open_for_writing
from pipelines.warehouse.raw_tables import create_raw_tables

CONTRACTS = load_contracts()
CASES = (
    "案件编号,主体编码,事项编码,案件来源,适用程序,当事人代码,当事人,立案时间,更新时间\n"
    "A1,S1,M1,梦见,普通程序,120104199001011234,张三,2026-10-05 09:00,2026-10-06\n"
    "A2,S1,M1,巡查发现,普通程序,120104198505054321,李四,明天,2026-10-06\n"
    "A3,S1,M1,巡查发现,普通程序,,王五,2026-10-05 09:00,2026-10-06\n"
)


class Bureau:
    """A warehouse, its folders, and the days on which things are loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = duckdb.connect()
        create_raw_tables(self.warehouse, CONTRACTS)

    def load(self, path: Path, mapping: Path | None = None) -> LoadReport:
        return load_paths(
            self.warehouse,
            [path],
            contracts=CONTRACTS,
            loaded_at=datetime(2026, 11, 3, 8, 0),
            mapping=mapping,
            quarantine=self.folder / "quarantine",
            landing=self.folder / "landing",
        )

    def sheet(self) -> Path:
        (made,) = export_worklists(
            self.warehouse, self.folder / "quarantine", self.folder / "out", CONTRACTS, language="zh", subject="S1",
            force=True,
        )  # fmt: skip
        return made.path

    def parties(self) -> list[tuple[str, str | None, str | None]]:
        return self.warehouse.execute("select case_id, party_id, party_name from raw.cases order by 1").fetchall()


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    bureau = Bureau(tmp_path)
    (tmp_path / "cases__十月.csv").write_text(CASES, encoding="utf-8")
    assert bureau.load(tmp_path / "cases__十月.csv").rows_quarantined == 2
    return bureau


def corrected(sheet: Path, changes: dict[tuple[str, str], str], out: Path) -> Path:
    """The sheet as it comes back: (case, column) → what was typed over it; rows in reverse, as a sort leaves them."""
    rows = pl.read_excel(sheet, infer_schema_length=0)
    book = xlsxwriter.Workbook(str(out))
    page = book.add_worksheet("处罚案件")
    page.write_row(0, 0, rows.columns)
    for number, row in enumerate(reversed(rows.rows(named=True)), start=1):
        for at, (column, value) in enumerate(row.items()):
            page.write_string(number, at, changes.get((row["案件编号*"], column), value or ""))
    book.close()
    return out


FIXES = {("A1", "案件来源*"): "巡查发现", ("A2", "立案时间"): "2026-10-07 09:00"}


def test_the_corrected_rows_have_their_personal_data_again(bureau: Bureau, tmp_path: Path) -> None:
    sheet = bureau.sheet()
    held = pl.read_excel(sheet, infer_schema_length=0)
    assert held.select("_批次", "_文件", "_row_number", "案件编号*", "当事人", "当事人代码").rows() == [
        ("1", "cases__十月.csv", "2", "A1", MASK, MASK),
        ("1", "cases__十月.csv", "3", "A2", MASK, MASK),
    ]
    report = bureau.load(corrected(sheet, FIXES, tmp_path / "改好.xlsx"))
    assert (report.rows_read, report.rows_loaded, report.files[0].extra_columns) == (2, 2, ())
    assert bureau.parties() == [
        ("A1", "120104199001011234", "张三"),
        ("A2", "120104198505054321", "李四"),
        ("A3", None, "王五"),
    ]


def test_a_mask_that_was_typed_over_is_the_new_value(bureau: Bureau, tmp_path: Path) -> None:
    changes = {**FIXES, ("A1", "当事人"): "张三丰", ("A2", "当事人"): ""}
    bureau.load(corrected(bureau.sheet(), changes, tmp_path / "改好.xlsx"))
    # What was emptied on purpose stays empty.
    assert bureau.parties()[:2] == [("A1", "120104199001011234", "张三丰"), ("A2", "120104198505054321", None)]


@pytest.mark.parametrize(
    "change", [("_文件", "别的.csv"), ("_批次", "7"), ("_row_number", "4"), ("_row_number", "二"), ("_批次", "")]
)
def test_a_row_that_no_longer_says_where_it_came_from_is_not_loaded_without_its_data(
    bureau: Bureau, tmp_path: Path, change: tuple[str, str]
) -> None:
    changes = {**FIXES, ("A1", change[0]): change[1]}
    report = bureau.load(corrected(bureau.sheet(), changes, tmp_path / "改好.xlsx"))
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (2, 1, 1)
    said = bureau.warehouse.execute(
        "select field, value, reason_code from raw.quarantine join raw.files using (file_id) where batch_id = 2 order by 1"
    ).fetchall()
    assert said == [("party_id", None, "MASKED_VALUE"), ("party_name", None, "MASKED_VALUE")]


def test_a_row_corrected_in_two_rounds_keeps_its_data(bureau: Bureau, tmp_path: Path) -> None:
    half = {("A1", "案件来源*"): "听说", ("A2", "立案时间"): "2026-10-07 09:00"}
    assert bureau.load(corrected(bureau.sheet(), half, tmp_path / "一.xlsx")).rows_quarantined == 1
    held = pl.read_excel(bureau.sheet(), infer_schema_length=0)
    # The row was refused in both rounds; as it came back it is listed, once.
    assert held.select("_批次", "_文件", "案件编号*").rows() == [("2", "一.xlsx", "A1")]
    assert bureau.load(corrected(bureau.sheet(), FIXES, tmp_path / "二.xlsx")).rows_loaded == 1
    assert set(bureau.parties()) == {
        ("A1", "120104199001011234", "张三"),
        ("A2", "120104198505054321", "李四"),
        ("A3", None, "王五"),
    }


def versions_of_a1(bureau: Bureau) -> list[tuple[object, ...]]:
    return bureau.warehouse.execute(
        "select * exclude (_file_id, _row_number, _load_order) from raw.cases where case_id = 'A1' order by _load_order"
    ).fetchall()


def reasons(bureau: Bureau, batch: int) -> list[tuple[str, str]]:
    return bureau.warehouse.execute(
        "select field, reason_code from raw.quarantine join raw.files using (file_id) where batch_id = ? order by 1",
        [batch],
    ).fetchall()


#: A1 is mended, A2 is not yet.
FIRST_STEP = {("A1", "案件来源*"): "巡查发现"}
LOADED_SINCE = [("party_id", "MASKED_LOADED_SINCE"), ("party_name", "MASKED_LOADED_SINCE")]


def test_a_list_mended_in_two_steps_loads_although_the_data_kept_of_the_first_are_gone(
    bureau: Bureau, tmp_path: Path
) -> None:
    sheet = bureau.sheet()
    report = bureau.load(corrected(sheet, FIRST_STEP, tmp_path / "一.xlsx"))
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    (loaded,) = versions_of_a1(bureau)
    # The same list again, with A1 as it was sent before, and masked: it says what was loaded.
    report = bureau.load(corrected(sheet, FIXES, tmp_path / "二.xlsx"))
    assert (report.rows_loaded, report.rows_quarantined) == (2, 0)
    assert versions_of_a1(bureau) == [loaded, loaded]
    assert bureau.parties()[0] == ("A1", "120104199001011234", "张三")


def test_a_row_that_says_something_else_than_its_record_by_now_is_refused_with_that_reason(
    bureau: Bureau, tmp_path: Path
) -> None:
    sheet = bureau.sheet()
    bureau.load(corrected(sheet, FIRST_STEP, tmp_path / "一.xlsx"))
    changed = {**FIXES, ("A1", "案件来源*"): "投诉举报"}
    report = bureau.load(corrected(sheet, changed, tmp_path / "二.xlsx"))
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)
    assert reasons(bureau, 3) == LOADED_SINCE
    # With its values written it is a version like any other.
    written = {**changed, ("A1", "当事人"): "张三", ("A1", "当事人代码"): "120104199001011234"}
    assert bureau.load(corrected(sheet, written, tmp_path / "三.xlsx")).rows_quarantined == 0


def test_a_record_changed_after_its_row_was_mended_is_not_set_back_by_it(bureau: Bureau, tmp_path: Path) -> None:
    sheet = bureau.sheet()
    bureau.load(corrected(sheet, FIRST_STEP, tmp_path / "一.xlsx"))
    newer = CASES.splitlines()[0] + "\nA1,S1,M1,巡查发现,普通程序,,张三丰,2026-10-05 09:00,2026-10-20\n"
    (tmp_path / "cases__更新.csv").write_text(newer, encoding="utf-8")
    bureau.load(tmp_path / "cases__更新.csv")
    assert bureau.load(corrected(sheet, FIXES, tmp_path / "二.xlsx")).rows_quarantined == 1
    assert reasons(bureau, 4) == LOADED_SINCE


def test_of_the_refused_rows_of_a_record_the_newest_is_listed_and_of_those_without_a_key_every_one(
    tmp_path: Path,
) -> None:
    bureau = Bureau(tmp_path)
    agency = "agency_id,subject_id,name,valid_from\nA1,S1,一队,2020-01-01\n"
    header = "officer_id,on_post_from,agency_id,name,certificate_from\n"
    once = "P1,2020年1月5日,A1,王,昨天\nP1,2021-01-05,A1,王,昨天\n,2020-01-05,A1,李,2020-01-01\n"
    again = "P1,2020-01-05,A1,王小二,前天\n,2020-01-05,A1,李,2020-01-01\n"
    for name, text in (("agencies", agency), ("officers__一", header + once), ("officers__二", header + again)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        bureau.load(tmp_path / f"{name}.csv")
    held = pl.read_excel(bureau.sheet(), infer_schema_length=0)
    # P1's posting of 2020 once, however its date was written; its other posting; and both rows without a number.
    assert held.select("_批次", "_row_number", "任职起*").rows() == [
        ("2", "3", "2021-01-05"),
        ("2", "4", "2020-01-05"),
        ("3", "2", "2020-01-05"),
        ("3", "3", "2020-01-05"),
    ]


def test_the_list_beside_the_load_can_be_corrected_as_well(bureau: Bureau, tmp_path: Path) -> None:
    worklist = tmp_path / "quarantine" / "000001" / "cases__十月.csv"
    text = worklist.read_text(encoding="utf-8-sig")
    assert "张三" not in text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["_文件"] for row in rows] == ["cases__十月.csv"] * 2
    (tmp_path / "cases__改好.csv").write_text(
        text.replace("梦见", "巡查发现").replace("明天", "2026-10-07"), encoding="utf-8"
    )
    assert bureau.load(tmp_path / "cases__改好.csv").rows_loaded == 2
    assert bureau.parties()[0] == ("A1", "120104199001011234", "张三")


def test_rows_of_a_mapping_come_back_under_the_contract(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path)
    (tmp_path / "台账.csv").write_text("编号,姓名,日期\nB1,赵六,某日\n", encoding="utf-8")
    mapping = tmp_path / "m.yml"
    mapping.write_text(
        "sources:\n  - files: [台账.csv]\n    entity: cases\n    columns:\n      case_id: 编号\n"
        "      subject_id: {constant: S1}\n      matter_id: {constant: M1}\n      source: {constant: patrol}\n"
        "      procedure: {constant: ordinary}\n      party_name: 姓名\n      filed_at: 日期\n",
        encoding="utf-8",
    )
    assert bureau.load(tmp_path / "台账.csv", mapping).rows_quarantined == 1
    sheet = corrected(bureau.sheet(), {("B1", "立案时间"): "2026-10-05"}, tmp_path / "改好.xlsx")
    assert bureau.load(sheet).rows_loaded == 1
    assert bureau.parties() == [("B1", None, "赵六")]


@pytest.mark.parametrize(
    ("written", "shown"),
    [("0.2", "2000"), ("0.12345", "1234.5"), ("-0.2", "-2000"), ("1000", "10000000"), ("多", "多")],
)
def test_an_amount_that_a_mapping_reckoned_is_listed_as_a_person_would_write_it(
    tmp_path: Path, written: str, shown: str
) -> None:
    bureau = Bureau(tmp_path)
    (tmp_path / "台账.csv").write_text(f"编号,罚款（万元）,日期\nB1,{written},某日\n", encoding="utf-8")
    mapping = tmp_path / "m.yml"
    mapping.write_text(
        "sources:\n  - files: [台账.csv]\n    entity: cases\n    columns:\n      case_id: 编号\n"
        "      subject_id: {constant: S1}\n      matter_id: {constant: M1}\n      source: {constant: patrol}\n"
        "      procedure: {constant: ordinary}\n      fine_amount: {from: 罚款（万元）, unit: 万元}\n"
        "      filed_at: 日期\n",
        encoding="utf-8",
    )
    assert bureau.load(tmp_path / "台账.csv", mapping).rows_quarantined == 1
    assert pl.read_excel(bureau.sheet(), infer_schema_length=0)["罚款金额"].to_list() == [shown]


def test_no_personal_data_leaves_the_warehouse(bureau: Bureau, tmp_path: Path) -> None:
    sheet = bureau.sheet()
    for path in (sheet, *(tmp_path / "quarantine").rglob("*.csv")):
        # A workbook's texts are packed: they are read as a program reads them.
        text = str(pl.read_excel(path, infer_schema_length=0).rows()) if path == sheet else path.read_text("utf-8")
        for secret in ("张三", "李四", "120104199001011234"):
            assert secret not in text


def loaded_and_masked(bureau: Bureau) -> tuple[list[str], list[str]]:
    """Cases loaded by later batches, and those of which a mask could not be put back, as the fields say."""
    loaded = bureau.warehouse.execute(
        "select case_id from raw.cases join raw.files on file_id = _file_id where batch_id > 1 order by 1"
    ).fetchall()
    lost = bureau.warehouse.execute(
        "select field from raw.quarantine where reason_code = 'MASKED_VALUE' order by row_number, field"
    ).fetchall()
    return [case for (case,) in loaded], [field for (field,) in lost]


def test_a_sheet_sorted_in_part_gives_nobody_the_data_of_another(bureau: Bureau, tmp_path: Path) -> None:
    # Batch, file and row stayed where they were while the other columns were sorted.
    swapped = {("A1", "_row_number"): "3", ("A2", "_row_number"): "2", **FIXES}
    report = bureau.load(corrected(bureau.sheet(), swapped, tmp_path / "改好.xlsx"))
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (2, 0, 2)
    assert loaded_and_masked(bureau) == ([], ["party_id", "party_name", "party_id", "party_name"])


def test_a_row_of_which_the_key_was_changed_is_not_given_the_data(bureau: Bureau, tmp_path: Path) -> None:
    changed = {**FIXES, ("A1", "案件编号*"): "A9"}
    assert bureau.load(corrected(bureau.sheet(), changed, tmp_path / "改好.xlsx")).rows_quarantined == 1
    assert loaded_and_masked(bureau) == (["A2"], ["party_id", "party_name"])
    # The list says which row it is, and what of it is still to be written.
    listed = pl.read_csv(tmp_path / "quarantine" / "000002" / "改好.xlsx.csv", infer_schema_length=0)
    assert listed.select("案件编号*", "当事人").rows() == [("A9", MASK)]


@pytest.mark.parametrize("row", ["9" * 60, "-1", "1e9", "٣"])
def test_a_row_number_that_no_row_has_stops_no_load(bureau: Bureau, tmp_path: Path, row: str) -> None:
    changes = {**FIXES, ("A1", "_row_number"): row}
    report = bureau.load(corrected(bureau.sheet(), changes, tmp_path / "改好.xlsx"))
    assert (report.rows_loaded, report.rows_quarantined) == (1, 1)


def test_a_mask_in_a_list_that_lost_its_origin_is_not_taken_for_nothing(bureau: Bureau, tmp_path: Path) -> None:
    rows = "案件编号,主体编码,事项编码,案件来源,适用程序,当事人,备注\nA1,S1,M1,巡查发现,普通程序, *** ,***\n"
    (tmp_path / "cases__手抄.csv").write_text(rows, encoding="utf-8")
    assert bureau.load(tmp_path / "cases__手抄.csv").rows_quarantined == 1
    assert loaded_and_masked(bureau) == ([], ["party_name"])


def test_a_mask_that_a_mapping_reads_is_not_taken_for_nothing(bureau: Bureau, tmp_path: Path) -> None:
    (tmp_path / "台账.csv").write_text("编号,姓名,来源\nB1,***,***\nB2,赵六,***\n", encoding="utf-8")
    mapping = tmp_path / "m.yml"
    mapping.write_text(
        "sources:\n  - files: [台账.csv]\n    entity: cases\n    columns:\n      case_id: 编号\n"
        "      subject_id: {constant: S1}\n      matter_id: {constant: M1}\n"
        "      source: {from: 来源, default: patrol}\n"
        "      procedure: {constant: ordinary}\n      party_name: 姓名\n",
        encoding="utf-8",
    )
    report = bureau.load(tmp_path / "台账.csv", mapping)
    # What is no personal data is empty where it is masked, as before: here it takes the default.
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (2, 1, 1)
    assert loaded_and_masked(bureau) == (["B2"], ["party_name"])


TWO_READINGS = """
sources:
  - files: [台账.csv]
    entity: cases
    columns: &same
      case_id: 编号
      subject_id: {constant: S1}
      matter_id: {constant: M1}
      source: {constant: patrol}
      procedure: {constant: ordinary}
      filed_at: 日期
      party_name: 姓名
  - files: [台账.csv]
    entity: cases
    columns:
      case_id: 另一编号
      subject_id: {constant: S1}
      matter_id: {constant: M1}
      source: {constant: patrol}
      procedure: {constant: ordinary}
      filed_at: 日期
      party_name: 另一方
""".replace(" &same", "")


def test_two_readings_of_one_file_have_lists_and_data_of_their_own(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path)
    (tmp_path / "台账.csv").write_text("编号,姓名,另一编号,另一方,日期\nB1,赵六,B2,钱七,某日\n", encoding="utf-8")
    (tmp_path / "m.yml").write_text(TWO_READINGS, encoding="utf-8")
    report = bureau.load(tmp_path / "台账.csv", tmp_path / "m.yml")
    assert [(file.name, file.quarantine_file) for file in report.files] == [
        ("台账.csv", "000001/台账.csv"),
        ("台账.csv#2", "000001/台账.csv__2.csv"),
    ]
    sheet = corrected_cases(bureau.sheet(), tmp_path / "改好.xlsx")
    assert bureau.load(sheet).rows_loaded == 2
    assert sorted(bureau.parties()) == [("B1", None, "赵六"), ("B2", None, "钱七")]


def corrected_cases(sheet: Path, out: Path) -> Path:
    return corrected(sheet, {(case, "立案时间"): "2026-10-05" for case in ("B1", "B2")}, out)


def originals(bureau: Bureau) -> list[tuple[str, str]]:
    return bureau.warehouse.execute("select field, value from raw.quarantine_originals order by 2").fetchall()


def test_the_data_kept_of_a_row_goes_when_its_record_is_loaded(bureau: Bureau, tmp_path: Path) -> None:
    assert originals(bureau) == [
        ("party_id", "120104198505054321"),
        ("party_id", "120104199001011234"),
        ("party_name", "张三"),
        ("party_name", "李四"),
    ]
    half = {("A2", "立案时间"): "2026-10-07 09:00"}
    bureau.load(corrected(bureau.sheet(), half, tmp_path / "改好.xlsx"))
    # A1 is kept twice: as it came, and as it came back; A2 is loaded.
    assert originals(bureau) == [("party_id", "120104199001011234")] * 2 + [("party_name", "张三")] * 2
    bureau.load(corrected(bureau.sheet(), FIXES, tmp_path / "再改.xlsx"))
    assert originals(bureau) == []


def test_the_data_kept_of_an_officer_goes_however_the_date_was_written(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path)
    header = "officer_id,on_post_from,agency_id,name,certificate_from\n"
    (tmp_path / "officers.csv").write_text(f"{header}P1,2020年1月5日,A1,王小二,昨天\n", encoding="utf-8")
    bureau.load(tmp_path / "officers.csv")
    assert originals(bureau) == [("name", "王小二")]
    (tmp_path / "officers__改好.csv").write_text(
        f"_批次,_文件,_row_number,{header}1,officers.csv,2,P1,2020-01-05,A1,***,2020-01-05\n", encoding="utf-8"
    )
    assert bureau.load(tmp_path / "officers__改好.csv").rows_loaded == 1
    assert bureau.warehouse.execute("select name from raw.officers").fetchall() == [("王小二",)]
    assert originals(bureau) == []


def test_a_new_warehouse_is_its_owners_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    with hold_warehouse(workspace, purpose="test"), open_for_writing(workspace):
        pass
    assert stat.S_IMODE(workspace.warehouse.stat().st_mode) == 0o600
    # Who opened it to others on purpose is not overruled.
    workspace.warehouse.chmod(0o640)
    with hold_warehouse(workspace, purpose="test"), open_for_writing(workspace):
        pass
    assert stat.S_IMODE(workspace.warehouse.stat().st_mode) == 0o640
