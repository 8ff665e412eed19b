"""An objection from the pack to the revision: exported, filled in, decided, corrected, shown in the diff."""

import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl
import pytest
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.appeals.decide import ImportSummary, import_decisions
from pipelines.appeals.pack import write_packs
from pipelines.contract.loader import load_contracts
from pipelines.editions.catalogue import newest_revision
from pipelines.editions.decisions import read_decisions
from pipelines.editions.verify import differences
from pipelines.errors import AppealError, UsageError
from pipelines.warehouse.connection import open_for_writing
from pipelines.warehouse.months import Month
from tests.integration.district import MATTERS, SUBJECTS, District, cases

OFFICERS = """
    officer_id | on_post_from | on_post_to | agency_id | certificate_from | frontline
    O1         | 2020-01-01   |            | A1        | 2020-01-01       | true
    O2         | 2020-01-01   | 2024-12-31 | A1        | 2020-01-01       | false
    O2         | 2025-01-01   |            | A1        | 2020-01-01       | true
    O3         | 2020-01-01   |            | A1        | 2020-01-01       | true
"""
POWERS = """
    subject_id | matter_id | valid_from | origin
    S1         | P1        | 2020-01-01 | statutory
    S1         | P2        | 2020-01-01 | statutory
    S2         | P2        | 2020-01-01 | statutory
"""
AGENCIES = "agency_id | subject_id | name | valid_from\nA1 | S1 | 某队 | 2020-01-01"
DECIDED = {"decided_by": "张科长", "decided_on": "2026-11-20", "decision_reason": "案卷核实"}
CHINESE = {
    "objection": "异议", "reason": "理由", "decision": "决定", "action": "处理", "field": "更正字段", "value": "更正值",
    "decided_by": "决定人", "decided_on": "决定日期", "decision_reason": "决定理由", "record_id": "记录编号",
    "indicator_id": "指标编码", "finding_id": "条目编号", "unit_id": "单位", "month": "月份", "variant": "口径",
}  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four streets with 20 cases each; S1 discovers 2 of 20 itself, which is a finding."""
    home = tmp_path_factory.mktemp("published")
    district = District(home)
    district.load(
        "2026-11-01", subjects=SUBJECTS, matters=MATTERS + "    P2 | 另一事项 | penalty | 2020-01-01", powers=POWERS, agencies=AGENCIES, officers=OFFICERS,
        cases=cases(("S1", 2, 18), ("S2", 15, 5), ("S3", 12, 8), ("S4", 11, 9)),
    )  # fmt: skip
    district.publish("2026-10")
    write_packs(newest_revision(district.workspace.editions, Month.parse("2026-10")), home / "packs", language="zh")
    return home


@pytest.fixture
def home(published: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "home"
    shutil.copytree(published, copy)
    return copy


def fill(pack: Path, out: Path, sheet: str, where: dict[str, str], **written: str) -> Path:
    """The pack with `written` in the one row of `sheet` where the columns say `where`, as an office would save it."""
    book = fastexcel.read_excel(pack)
    with xlsxwriter.Workbook(str(out)) as copy:
        for name in book.sheet_names:
            frame = pl.from_arrow(book.load_sheet(name, header_row=None, dtypes="string").to_arrow())
            rows = [list(row) for row in frame.rows()]
            if name == sheet:
                heading = rows[0]
                chosen = [r for r in rows[1:] if all(r[heading.index(CHINESE[k])] == v for k, v in where.items())]
                for key, value in written.items():
                    chosen[0][heading.index(CHINESE[key])] = value
            target = copy.add_worksheet(name)
            day = copy.add_format({"num_format": "yyyy-mm-dd"})
            moment = copy.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
            typed = [rows[0].index(CHINESE[key]) for key in ("value", "decided_on") if CHINESE[key] in rows[0]]
            for number, row in enumerate(rows):
                target.write_row(number, 0, ["" if cell is None else cell for cell in row])
                for at in typed if number else []:
                    _type_in(target, number, at, row[at] or "", day, moment)
    return out


def _type_in(target: Worksheet, row: int, column: int, text: str, day: Format, moment: Format) -> None:
    """A cell as a spreadsheet program takes what is typed: a day and a number become values of their own type."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?", text):
        target.write_datetime(row, column, datetime.fromisoformat(text), moment if len(text) > 10 else day)
    elif re.fullmatch(r"-?\d+(\.\d+)?", text):
        target.write_number(row, column, float(text))


def take(home: Path, pack: Path) -> ImportSummary:
    district = reopened(home)
    with open_for_writing(district.workspace) as connection:
        return import_decisions(
            connection, district.workspace, load_contracts(), pack, loaded_at=datetime(2026, 11, 21, 9, 0)
        )


def reopened(home: Path) -> District:
    return District(home)


CASE = {"record_id": "S1-10-5", "indicator_id": "proactive_discovery_rate"}


def test_a_pack_holds_the_records_behind_the_numbers_and_the_findings(published):
    book = fastexcel.read_excel(published / "packs" / "S1.xlsx")
    assert book.sheet_names == ["说明", "佐证记录", "问题清单", "法定规则"]
    records = book.load_sheet("佐证记录", dtypes="string").to_polars()
    cases_of_s1 = records.filter(pl.col("指标编码") == "proactive_discovery_rate")
    assert cases_of_s1.height == 20
    assert set(cases_of_s1["状态"]) == {"计入分子", "只计分母"}
    assert records.columns[-9:] == [
        "异议",
        "理由",
        "决定",
        "处理",
        "更正字段",
        "更正值",
        "决定人",
        "决定日期",
        "决定理由",
    ]
    findings = book.load_sheet("问题清单", dtypes="string").to_polars()
    # known on 5 November, and 90 days to mend it by the default scheme
    assert ("S1:proactive_discovery_rate:cases:2026-10", "整改", "2027-02-03") in findings.select(
        "条目编号", "级别", "期限"
    ).rows()
    assert sorted(path.name for path in (published / "packs").iterdir()) == [
        "D1.xlsx",
        "S1.xlsx",
        "S2.xlsx",
        "S3.xlsx",
        "S4.xlsx",
    ]


def test_a_pack_is_read_without_codes(published):
    """What the import needs as codes stands in hidden columns; what people read has names."""
    path = published / "packs" / "S1.xlsx"
    records = fastexcel.read_excel(path).load_sheet("佐证记录", dtypes="string").to_polars()
    case = records.filter(pl.col("记录编号") == "S1-10-5", pl.col("指标编码") == "proactive_discovery_rate")
    assert case.select("指标", "统计口径", "单元类别", "记录类别", "事项名称").rows() == [
        ("主动发现执法问题率", "案件", "处罚案件", "处罚案件", "某事项"),
    ]  # fmt: skip
    unused = records.filter(
        pl.col("单位") == "P2", pl.col("指标编码") == "performance_rate", pl.col("月份") == "2026-10"
    )
    assert set(unused.select("单元类别", "事项名称").rows()) == {("执法事项", "另一事项")}
    sheets = hidden_columns(path)
    assert sheets["佐证记录"] == ["指标编码", "口径", "单位类别", "记录表"]
    assert sheets["问题清单"] == ["条目编号", "指标编码", "口径"]


def hidden_columns(path: Path) -> dict[str, list[str]]:
    """The headings of the hidden columns of every sheet, as the workbook's own XML has them."""
    book = fastexcel.read_excel(path)
    hidden = {}
    with zipfile.ZipFile(path) as archive:
        for number, name in enumerate(book.sheet_names, start=1):
            xml = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            places = [
                int(place) - 1
                for column in re.findall(r"<col [^>]*/>", xml)
                if 'hidden="1"' in column
                for low, high in [re.findall(r'(?:min|max)="(\d+)"', column)]
                for place in range(int(low), int(high) + 1)
            ]
            headings = book.load_sheet(name, header_row=None, n_rows=1, dtypes="string").to_polars().row(0)
            hidden[name] = [headings[place] for place in places]
    return hidden


def test_every_indicator_of_the_edition_is_in_the_pack(published):
    edition = newest_revision(published / "editions", Month.parse("2026-10"))
    with_evidence = {
        path.stem
        for path in (edition.directory / "evidence").glob("*.parquet")
        if pl.read_parquet(path).filter(pl.col("subject_id") == "S1", pl.col("month") == edition.month.first_day).height
    }
    records = fastexcel.read_excel(published / "packs" / "S1.xlsx").load_sheet("佐证记录", dtypes="string").to_polars()
    assert len(with_evidence) > 8
    assert with_evidence - set(records["指标编码"]) == set()


def test_a_record_that_failed_a_rule_is_objected_to_in_the_row_its_rule_names(home, tmp_path):
    path = home / "packs" / "S1.xlsx"
    book = fastexcel.read_excel(path)
    rules = book.load_sheet("法定规则", dtypes="string").to_polars()
    failed = pl.read_parquet(home / "editions" / "2026-10" / "rules.parquet").filter(
        pl.col("result") == "fail", pl.col("subject_id") == "S1"
    )
    assert rules.height == failed.height > 0
    first = rules.row(0, named=True)
    place = int(re.search(r"\d+", first["异议填写处"]).group())
    records = book.load_sheet("佐证记录", dtypes="string").to_polars()
    row = records.row(place - 2, named=True)  # row 1 are the headings
    assert row["记录编号"] == first["记录编号"]
    assert first["规则"] in row["未通过的法定规则"]
    where = {"record_id": row["记录编号"], "indicator_id": row["指标编码"]}
    pack = fill(path, tmp_path / "filled.xlsx", "佐证记录", where, objection="期限算错", decision="不采纳", **DECIDED)
    assert take(home, pack).refused == 1


def test_a_pack_of_an_earlier_version_is_still_read(home, tmp_path):
    """It had neither the columns for people nor the sheet of rules; its codes stood under the same headings."""
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "new.xlsx", "佐证记录", CASE, objection="来源登记错误", reason="巡查",
        decision="采纳", action="更正", field="案件来源", value="巡查发现", **DECIDED,
    )  # fmt: skip
    book = fastexcel.read_excel(pack)
    added = {"统计口径", "单元类别", "事项名称", "记录类别", "执法机构", "未通过的法定规则"}
    with xlsxwriter.Workbook(str(tmp_path / "old.xlsx")) as old:
        for name in ("说明", "佐证记录", "问题清单"):
            rows = pl.from_arrow(book.load_sheet(name, header_row=None, dtypes="string").to_arrow()).rows()
            kept = [place for place, heading in enumerate(rows[0]) if heading not in added]
            sheet = old.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, [cells[place] or "" for place in kept])
    assert take(home, tmp_path / "old.xlsx") == ImportSummary("S1", "2026-10", 1, 0, 0, 0, 1)


def test_the_same_edition_gives_the_same_packs(published, tmp_path):
    edition = newest_revision(published / "editions", Month.parse("2026-10"))
    (again,) = write_packs(edition, tmp_path, language="zh", entity="S1")
    assert again.read_bytes() == (published / "packs" / "S1.xlsx").read_bytes()


def test_a_pack_that_may_be_filled_in_is_not_overwritten_unasked(published, tmp_path):
    edition = newest_revision(published / "editions", Month.parse("2026-10"))
    (tmp_path / "S2.xlsx").write_bytes(b"filled in")
    with pytest.raises(UsageError, match=r"S2\.xlsx.*--force"):
        write_packs(edition, tmp_path, language="zh")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"filled in"]
    write_packs(edition, tmp_path, language="zh", entity="S2", force=True)
    assert (tmp_path / "S2.xlsx").read_bytes() == (published / "packs" / "S2.xlsx").read_bytes()


def test_an_accepted_correction_is_in_the_next_revision_and_its_diff(home, tmp_path):
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, objection="来源登记错误",
        reason="巡查中发现", decision="采纳", action="更正", field="案件来源", value="巡查发现", **DECIDED,
    )  # fmt: skip
    assert take(home, pack) == ImportSummary("S1", "2026-10", 1, 0, 0, 0, 1)
    revised = reopened(home).publish("2026-10").edition
    diff = pl.read_parquet(revised.directory / "restatement.parquet").filter(pl.col("period_kind") == "month")
    assert diff.select("subject_id", "indicator_id", "old_numerator", "new_numerator", "new_denominator", "cause", "records").rows() == [
        ("S1", "proactive_discovery_rate", 2, 3, 20, "appeal", ["cases/S1-10-5"]),
    ]  # fmt: skip
    assert pl.read_parquet(revised.directory / "appeals.parquet").select(
        "decision", "decided_by", "decision_reason"
    ).rows() == [
        ("accepted", "张科长", "案卷核实"),
    ]
    told = pl.read_parquet(revised.directory / "explanations.parquet").filter(pl.col("rule") == "total.objections")
    assert told.select("subject_id", "zh", "en").rows() == [
        (
            "S1",
            "本月异议 1 件：采纳 1，不采纳 0，待决 0。",
            "Objections this month: 1; accepted 1, refused 0, pending 0.",
        ),
    ]
    assert differences(revised) == []


def test_an_accepted_withdrawal_takes_the_record_out(home, tmp_path):
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, objection="重复录入", reason="同一案件",
        decision="采纳", action="撤回", **DECIDED,
    )  # fmt: skip
    take(home, pack)
    revised = reopened(home).publish("2026-10").edition
    diff = pl.read_parquet(revised.directory / "restatement.parquet").filter(
        (pl.col("period_kind") == "month") & (pl.col("indicator_id") == "proactive_discovery_rate")
    )
    assert diff.select("old_denominator", "new_denominator", "cause").rows() == [(20, 19, "appeal")]


def test_a_correction_outlives_what_the_source_sends_before_the_decision(home, tmp_path):
    """The platform sends the case again, unmended, on 10 November; the decision of the 20th holds in November."""
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, objection="来源登记错误", reason="巡查",
        decision="采纳", action="更正", field="source", value="patrol", **DECIDED,
    )  # fmt: skip
    reopened(home).load("2026-11-11", "again", cases="""
        case_id | subject_id | matter_id | source    | procedure | filed_at   | decided_at | decision | submitted_at | updated_at
        S1-10-5 | S1         | P1        | complaint | ordinary  | 2026-10-05 | 2026-10-08 | penalty  | 2026-10-09   | 2026-11-10
    """)  # fmt: skip
    take(home, pack)
    november = reopened(home).publish("2026-11").edition
    results = pl.read_parquet(november.directory / "results.parquet").filter(
        (pl.col("entity_id") == "S1") & (pl.col("indicator_id") == "proactive_discovery_rate")
        & (pl.col("variant") == "cases") & (pl.col("period") == "2026-10")
    )  # fmt: skip
    assert results["numerator"].to_list() == [3]


def test_a_refused_objection_changes_no_number_and_is_answered(home, tmp_path):
    pack = fill(
        home / "packs" / "S1.xlsx",
        tmp_path / "filled.xlsx",
        "佐证记录",
        CASE,
        objection="不同意",
        decision="不采纳",
        **DECIDED,
    )
    assert take(home, pack).refused == 1
    revised = reopened(home).publish("2026-10").edition
    assert pl.read_parquet(revised.directory / "restatement.parquet").height == 0
    assert pl.read_parquet(revised.directory / "appeals.parquet")["decision"].to_list() == ["refused"]


def test_an_accepted_objection_to_a_finding_closes_it_by_decision(home, tmp_path):
    finding = "S1:proactive_discovery_rate:cases:2026-10"
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "问题清单", {"finding_id": finding}, objection="专项行动期间",
        decision="采纳", **DECIDED,
    )  # fmt: skip
    take(home, pack)
    revised = reopened(home).publish("2026-10").edition
    found = pl.read_parquet(revised.directory / "findings.parquet").filter(pl.col("finding_id") == finding)
    assert found.select("state", "closed_by", "closed_in").rows() == [("closed", "decision", "2026-10")]


def test_an_objection_without_a_decision_is_kept_and_decided_later(home, tmp_path):
    undecided = fill(
        home / "packs" / "S1.xlsx", tmp_path / "a.xlsx", "佐证记录", CASE, objection="来源有误", reason="见附件"
    )
    assert take(home, undecided) == ImportSummary("S1", "2026-10", 0, 0, 1, 0, 0)
    decided = fill(undecided, tmp_path / "b.xlsx", "佐证记录", CASE, decision="不采纳", **DECIDED)
    assert take(home, decided).refused == 1
    assert take(home, decided) == ImportSummary("S1", "2026-10", 0, 0, 0, 1, 0)  # the same pack again changes nothing
    otherwise = fill(decided, tmp_path / "c.xlsx", "佐证记录", CASE, decision="采纳", action="撤回")
    with pytest.raises(AppealError, match="decided before"):
        take(home, otherwise)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"decision": "采纳"}, "there is no objection"),
        ({"objection": "错", "decision": "同意"}, "决定 `同意` is not known"),
        ({"objection": "错", "decision": "不采纳"}, "决定人 is empty"),
        ({"objection": "错", "decision": "不采纳", **DECIDED, "decided_on": "昨天"}, "not a day"),
        ({"objection": "错", "decision": "不采纳", **DECIDED, "decided_on": "2026-11-04"}, "lies before 2026-11-05, up to which"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "subject_id", "value": "S2", **DECIDED}, "cannot be corrected. An objection changes neither which record it is, nor whose"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "录入时间", "value": "2026-10-05", **DECIDED}, "nor when it was submitted: have the source send"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "operation", "value": "d", **DECIDED}, "cannot be corrected"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "published_at", "value": "十月上旬", **DECIDED}, r"no datetime that `published_at` can hold \(UNREADABLE_DATE\)"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "document_no", "value": "长" * 201, **DECIDED}, "TOO_LONG"),
        ({"objection": "错", "decision": "采纳", **DECIDED}, "处理 `` is not known"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "案件编号", "value": "X", **DECIDED}, "cannot be corrected"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "案件来源", "value": "梦见", **DECIDED}, "no code of `source`"),
        ({"objection": "错", "decision": "采纳", "action": "更正", "field": "fine_amount", "value": "-1", **DECIDED}, "no money"),
    ],
)  # fmt: skip
def test_a_pack_filled_in_wrongly_is_refused_whole_with_its_row(home, tmp_path, written, words):
    pack = fill(home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, **written)
    with pytest.raises(AppealError, match=words) as refused:
        take(home, pack)
    assert "filled.xlsx, sheet 佐证记录, row" in str(refused.value)
    assert not (home / "appeals" / "decisions.jsonl").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        # the case was filed on 5 October 2026, decided on the 8th, submitted on the 9th
        ("published_at", "2025-01-01", "处罚案件：公示不早于决定"),
        ("decided_at", "2026-10-04", "处罚案件：决定不早于立案"),
        ("filed_at", "2026-10-20", "处罚案件：决定不早于立案"),
    ],
)
def test_a_correct_value_that_contradicts_the_record_is_refused(home, tmp_path, field, value, words):
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, objection="错", decision="采纳",
        action="更正", field=field, value=value, **DECIDED,
    )  # fmt: skip
    with pytest.raises(AppealError, match=f"cases S1-10-5: the corrected value contradicts the record: {words}"):
        take(home, pack)
    assert not (home / "appeals").exists()


def test_two_dates_that_are_corrected_together_are_judged_together(home, tmp_path):
    """Filed on the 20th alone would come after the decision of the 8th; decided on the 22nd it does not."""
    pack = home / "packs" / "S1.xlsx"
    for number, (indicator, field, value) in enumerate(
        [("proactive_discovery_rate", "filed_at", "2026-10-07"), ("entry_on_time_rate", "decided_at", "2026-10-07")]
    ):
        pack = fill(
            pack, tmp_path / f"{number}.xlsx", "佐证记录", {**CASE, "indicator_id": indicator}, objection="错",
            decision="采纳", action="更正", field=field, value=value, **DECIDED,
        )  # fmt: skip
    assert take(home, pack).corrections == 2


def test_a_row_whose_record_was_written_over_is_refused(home, tmp_path):
    """Another record of the same body, under the unit of the row: the pack never held that pair."""
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, objection="错", decision="采纳",
        action="撤回", **DECIDED, record_id="S1-10-6",
    )  # fmt: skip
    with pytest.raises(AppealError, match="holds no record `S1-10-6` of S1 with the unit `S1-10-5` in 2026-10"):
        take(home, pack)


def test_what_hangs_on_a_withdrawn_case_goes_with_it_or_no_longer_names_it(home, tmp_path):
    """The case has an officer, a document, a recording, a review with a fault, a dispute; a measure and a lead name it."""
    reopened(home).load(
        "2026-11-04", "hanging",
        participations="activity_kind | activity_id | officer_id | submitted_at\n"
        "case | S1-10-5 | O1 | 2026-10-09\ncase | S1-10-6 | O1 | 2026-10-09\ninspection | S1-10-5 | O1 | 2026-10-09",
        documents="document_id | activity_kind | activity_id | kind | submitted_at\nW1 | case | S1-10-5 | 决定书 | 2026-10-09",
        recordings="recording_id | activity_kind | activity_id | stage | medium | started_at | submitted_at\n"
        "R1 | case | S1-10-5 | start | text | 2026-10-05 | 2026-10-09",
        supervisions="supervision_id | kind | subject_id | activity_kind | activity_id | done_at | submitted_at\n"
        "V1 | file_review | S1 | case | S1-10-5 | 2026-10-30 | 2026-11-01",
        review_faults="supervision_id | fault_code | submitted_at\nV1 | F1 | 2026-11-01",
        disputes="dispute_id | case_id | kind | filed_on | submitted_at\nY1 | S1-10-5 | litigation | 2026-10-20 | 2026-10-21",
        coercions="coercion_id | subject_id | case_id | measure | imposed_at | submitted_at\n"
        "K1 | S1 | S1-10-5 | seal | 2026-10-06 | 2026-10-07",
        leads="lead_id | source | subject_id | received_at | disposition | case_id | submitted_at\n"
        "L1 | hotline | S1 | 2026-10-01 | handled | S1-10-5 | 2026-10-02",
    )  # fmt: skip
    # The edition is published again with all of it; its pack is another.
    edition = reopened(home).publish("2026-10").edition
    (fresh,) = write_packs(edition, tmp_path / "packs", language="zh", entity="S1")
    pack = fill(
        fresh, tmp_path / "filled.xlsx", "佐证记录", CASE, objection="重复录入", reason="同一案件", decision="采纳",
        action="撤回", **DECIDED,
    )  # fmt: skip
    # participation, document, recording, review, fault, dispute; measure and lead
    assert take(home, pack) == ImportSummary("S1", "2026-10.r2", 1, 0, 0, 0, 1, withdrawn_with=6, cut_loose=2)
    newest = """
        select {key} from raw.{entity}
        qualify row_number() over (partition by {key} order by coalesce(updated_at, submitted_at) desc, _load_order desc) = 1
        and {condition}
    """
    with open_for_writing(reopened(home).workspace) as connection:
        standing = {
            entity: connection.execute(
                newest.format(entity=entity, key=key, condition="coalesce(operation, 'i') <> 'd'")
            ).fetchall()
            for entity, key in [
                ("participations", "activity_kind, activity_id"), ("documents", "document_id"),
                ("recordings", "recording_id"), ("supervisions", "supervision_id"), ("disputes", "dispute_id"),
                ("review_faults", "supervision_id"), ("coercions", "coercion_id"), ("leads", "lead_id"),
            ]
        }  # fmt: skip
        naming = [
            connection.execute(newest.format(entity=entity, key=key, condition="case_id is not null")).fetchall()
            for entity, key in [("coercions", "coercion_id"), ("leads", "lead_id")]
        ]
    assert sorted(standing.pop("participations")) == [("case", "S1-10-6"), ("inspection", "S1-10-5")]
    assert {entity: rows for entity, rows in standing.items() if rows} == {
        "coercions": [("K1",)], "leads": [("L1",)],
    }  # fmt: skip
    assert naming == [[], []]
    revised = reopened(home).publish("2026-10").edition
    changed = pl.read_parquet(revised.directory / "restatement.parquet").filter(pl.col("kind") == "result")
    assert set(changed["cause"]) == {"appeal"}


def officer(who: str, month: str = "2026-10") -> dict[str, str]:
    return {"indicator_id": "participation_rate", "unit_id": who, "month": month}


def test_officers_who_had_left_are_corrected_in_their_ledger(home, tmp_path):
    """Two objections to units without a record: each is kept, and the posting in force in the month is ended."""
    pack = home / "packs" / "S1.xlsx"
    for who, file in (("O1", "a.xlsx"), ("O2", "b.xlsx")):
        pack = fill(
            pack, tmp_path / file, "佐证记录", officer(who), objection="9 月底已调离", reason="调令", decision="采纳",
            action="更正", field="任职止", value="2026-09-30", **DECIDED,
        )  # fmt: skip
    assert take(home, pack) == ImportSummary("S1", "2026-10", 2, 0, 0, 0, 2)
    revised = reopened(home).publish("2026-10").edition
    diff = pl.read_parquet(revised.directory / "restatement.parquet").filter(
        (pl.col("indicator_id") == "participation_rate") & (pl.col("variant") == "frontline")
        & (pl.col("period_kind") == "month") & (pl.col("kind") == "result")
    )  # fmt: skip
    # O1, O2 and O3 were on post in October; O3 is left
    assert diff.select("subject_id", "period", "old_denominator", "new_denominator", "cause", "records").rows() == [
        ("S1", "2026-10", 3, 1, "appeal", ["officers/O1|2020-01-01", "officers/O2|2025-01-01"]),
    ]
    corrected = pl.read_parquet(revised.directory / "appeals.parquet").select("ledger_entity", "ledger_key")
    assert sorted(corrected.rows()) == [("officers", "O1|2020-01-01"), ("officers", "O2|2025-01-01")]


def test_a_matter_that_is_no_longer_a_power_is_ended_for_its_body_alone(home, tmp_path):
    unused = {"indicator_id": "performance_rate", "unit_id": "P2", "month": "2026-10"}
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", unused, objection="已上收", reason="通知",
        decision="采纳", action="更正", field="valid_to", value="2026-09-30", **DECIDED,
    )  # fmt: skip
    take(home, pack)
    revised = reopened(home).publish("2026-10").edition
    diff = pl.read_parquet(revised.directory / "restatement.parquet").filter(
        (pl.col("indicator_id") == "performance_rate") & (pl.col("variant") == "all")
        & (pl.col("period_kind") == "month") & (pl.col("period") == "2026-10") & (pl.col("kind") == "result")
    )  # fmt: skip
    assert diff.select("subject_id", "old_denominator", "new_denominator", "cause", "records").rows() == [
        ("S1", 2, 1, "appeal", ["powers/S1|P2|2020-01-01"]),
    ]


def test_a_ledger_row_is_ended_and_not_withdrawn(home, tmp_path):
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", officer("O1"),
        objection="已调离", decision="采纳", action="撤回", **DECIDED,
    )  # fmt: skip
    with pytest.raises(AppealError, match="not withdrawn but ended. Write 更正 .* `on_post_to`"):
        take(home, pack)


def test_a_unit_with_two_ledger_rows_in_force_is_left_to_the_ledger(home, tmp_path):
    reopened(home).load("2026-11-06", "second_post", officers="""
        officer_id | on_post_from | agency_id | certificate_from | frontline
        O1         | 2026-10-15   | A1        | 2020-01-01       | true
    """)  # fmt: skip
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", officer("O1"), objection="已调离",
        decision="采纳", action="更正", field="on_post_to", value="2026-09-30", **DECIDED,
    )  # fmt: skip
    with pytest.raises(AppealError, match=r"officers has 2 rows \(O1\|2020-01-01, O1\|2026-10-15\) of officer O1"):
        take(home, pack)
    assert not (home / "appeals" / "decisions.jsonl").exists()


def test_a_pack_of_another_edition_is_refused(home, tmp_path):
    manifest = home / "editions" / "2026-10" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8") + " ", encoding="utf-8")
    pack = fill(home / "packs" / "S1.xlsx", tmp_path / "filled.xlsx", "佐证记录", CASE, objection="错")
    with pytest.raises(AppealError, match="another edition"):
        take(home, pack)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_pack_that_a_spreadsheet_program_saved_again_makes_the_same_revision(home, tmp_path):
    """Filled in with cells typed as a person types them (a day, a number), saved as .ods and as .xlsx by LibreOffice."""
    pack = fill(
        home / "packs" / "S1.xlsx", tmp_path / "day.xlsx", "佐证记录", CASE, objection="来源登记错误", reason="巡查中发现",
        decision="采纳", action="更正", field="案件来源", value="巡查发现", **DECIDED,
    )  # fmt: skip
    pack = fill(
        pack, tmp_path / "filled.xlsx", "佐证记录", officer("O1"), objection="9 月底已调离", reason="调令", decision="采纳",
        action="更正", field="任职止", value="2026-09-30", **DECIDED,
    )  # fmt: skip
    for number, (case, field, value) in enumerate(
        [("S1-10-6", "filed_at", "2026-10-07 09:30:00"), ("S1-10-7", "fine_amount", "1250.5"), ("S1-10-8", "decided_at", "2026-10-09")]
    ):  # fmt: skip
        pack = fill(
            pack, tmp_path / f"filled{number}.xlsx", "佐证记录", {**CASE, "record_id": case}, objection="登记错误",
            reason="案卷", decision="采纳", action="更正", field=field, value=value, **DECIDED,
        )  # fmt: skip
    for step, (form, source) in enumerate([("ods", pack), ("xlsx", tmp_path / "saved0" / f"{pack.stem}.ods")]):
        subprocess.run(
            ["soffice", "--headless", "--convert-to", form, "--outdir", tmp_path / f"saved{step}", source],
            check=True, timeout=120,
        )  # fmt: skip
    saved = tmp_path / "saved1" / f"{pack.stem}.xlsx"
    typed = fastexcel.read_excel(saved).load_sheet("佐证记录").to_polars()["决定日期"]
    assert typed.dtype in (pl.Date, pl.Datetime("ms"))  # the program kept days as days
    assert take(home, saved) == ImportSummary("S1", "2026-10", 5, 0, 0, 0, 5)
    revised = reopened(home).publish("2026-10").edition
    diff = pl.read_parquet(revised.directory / "restatement.parquet").filter(
        (pl.col("period_kind") == "month") & (pl.col("kind") == "result")
        & pl.col("indicator_id").is_in(["proactive_discovery_rate", "participation_rate"])
        & (pl.col("variant").is_in(["cases", "frontline"]))
    )  # fmt: skip
    assert diff.select(
        "indicator_id", "old_numerator", "new_numerator", "old_denominator", "new_denominator", "cause", "records"
    ).rows() == [
        ("participation_rate", 0, 0, 3, 2, "appeal", ["officers/O1|2020-01-01"]),
        ("proactive_discovery_rate", 2, 3, 20, 20, "appeal", ["cases/S1-10-5"]),
    ]
    with open_for_writing(reopened(home).workspace) as connection:
        mended = connection.execute(
            "select distinct case_id, filed_at, decided_at, fine_amount from raw.cases where operation = 'u' order by 1"
        ).fetchall()
    as_sent = (datetime(2026, 10, 5), datetime(2026, 10, 8), None)
    assert mended == [
        ("S1-10-5", *as_sent),
        ("S1-10-6", datetime(2026, 10, 7, 9, 30), *as_sent[1:]),
        ("S1-10-7", *as_sent[:2], Decimal("1250.50")),
        ("S1-10-8", as_sent[0], datetime(2026, 10, 9), None),
    ]
    assert {row["decided_on"] for row in read_decisions(reopened(home).workspace).iter_rows(named=True)} == {
        "2026-11-20"
    }
