"""The shipped mappings of national records, over small files made here."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AT = datetime(2026, 11, 3, 8, 0)

PENALTIES = """\
CF_WSH,CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_CFLB,CF_NR,CF_NR_FK,CF_NR_WFFF,CF_JDRQ,CF_CFJG,CF_CFJGDM
市监罚〔2026〕1号,某店,个体工商户,92120116MA05TEST1X,罚款,罚款2000元,0.2,,2026/10/10,某局,11120116MB1111111A
市监罚〔2026〕2号,某公司,法人及非法人组织,91120116MA05TEST2Y,罚款;没收违法所得、没收非法财物,略,1.500000,0.000123,2026-10-11,某局,11120116MB1111111A
市监罚〔2026〕3号,某人,自然人,00000000000000000X,其他-责令停止发布;警告,略,,,2026-10-12,某局,11120116MB1111111A
市监罚〔2026〕4号,某公司,法人及非法人组织,91120116MA05TEST2Y,暂扣或者吊销许可证、执照,略,0,,2099年,某局,11120116MB1111111A
市监罚〔2026〕5号,某厂,外星人,91120116MA05TEST3Z,罚款,略,12万元,,2026-10-13,某局,11120116MB1111111A
市监罚〔2026〕6号,某厂,自然人,,罚款,略,"3,400元",,2026-10-13,某局,11120116MB1111111A
"""

INSPECTIONS = """\
record_unique_identity,supervise_item_implement_code,implement_institution_code,administrative_cp,administrative_cp_na,\
administrative_cp_ui_code,area_number,check_type,check_mode,check_result,check_date,check_personnel_code,submitted_date,\
plan_id,cd_time,cd_operation
R1,M1,11120116MB1111111A,某店,个体工商户,92120116MA05TEST1X,120116,专项检查,,未发现问题,2026-10-08,P1；P2,2026-10-09,,2026-10-09 10:00:00,i
R2,M1,11120116MB1111111A,某公司,法人,91120116MA05TEST2Y,120116,日常检查,,存在问题，责令限期改正,2026-10-08,"P1,P3",2026-10-20,SSJ-1,2026-10-20 10:00:00,I
R3,M1,11120116MB1111111A,某人,自然人,,120116,日常检查,,情况复杂,2026-10-09,,2026-10-09,,2026-10-09 11:00:00,i
R2,M1,11120116MB1111111A,某公司,法人,91120116MA05TEST2Y,120116,日常检查,,不合格,2026-10-08,P1,2026-10-20,SSJ-1,2026-10-21 10:00:00,u
R4,M1,11120116MB1111111A,某公司,法人,91120116MA05TEST2Y,120116,梦游检查,,合格,2026-10-08,P1,2026-10-20,,2026-10-21 10:00:00,i
"""


def loaded(tmp_path: Path, example: str, name: str, text: str) -> tuple[duckdb.DuckDBPyConnection, LoadReport]:
    (tmp_path / name).write_text(text, encoding="gb18030")
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    mapping = EXAMPLES / example / "mapping.yml"
    report = load_paths(connection, [tmp_path], contracts=load_contracts(), loaded_at=AT, mapping=mapping)
    assert report.rows_read == report.rows_loaded + report.rows_quarantined + report.rows_filtered
    return connection, report


def test_penalties_in_ten_thousands_become_yuan(tmp_path: Path) -> None:
    connection, _ = loaded(tmp_path, "credit_china_penalties", "双公示行政处罚202610.csv", PENALTIES)
    found = connection.execute(
        "select case_id, party_id, party_kind, penalty_types, fine_amount, confiscated_amount, decided_at "
        "from raw.cases order by document_no"
    ).fetchall()
    authority = "11120116MB1111111A-市监罚〔2026〕"
    assert found == [
        (
            f"{authority}1号",
            "92120116MA05TEST1X",
            "sole_trader",
            "fine",
            Decimal("2000.00"),
            None,
            datetime(2026, 10, 10),
        ),
        (
            f"{authority}2号",
            "91120116MA05TEST2Y",
            "organisation",
            "fine;confiscate_gains;confiscate_goods",
            Decimal("15000.00"),
            Decimal("1.23"),
            datetime(2026, 10, 11),
        ),
        # No code of a person, and a type of its own.
        (f"{authority}3号", None, "person", "other;warning", None, None, datetime(2026, 10, 12)),
        # A value that names its unit is read by what it says, not by the column's unit.
        (f"{authority}6号", None, "person", "fine", Decimal("3400.00"), None, datetime(2026, 10, 13)),
    ]
    quarantined = connection.execute("select row_number, field, reason_code from raw.quarantine order by 1").fetchall()
    assert quarantined == [(5, "decided_at", "UNREADABLE_DATE"), (6, "party_kind", "UNMAPPED_VALUE")]


#: The titles that the national specification gives the fields of the penalty record.
TITLES = {
    "CF_WSH": "行政处罚决定书文号",
    "CF_XDR_MC": "行政相对人名称",
    "CF_XDR_LB": "行政相对人类别",
    "CF_XDR_SHXYM": "行政相对人代码_1(统一社会信用代码)",
    "CF_CFLB": "处罚类别",
    "CF_NR": "处罚内容",
    "CF_NR_FK": "罚款金额（万元）",
    "CF_NR_WFFF": "没收违法所得、没收非法财物的金额（万元）",
    "CF_JDRQ": "处罚决定日期",
    "CF_CFJG": "处罚机关",
    "CF_CFJGDM": "处罚机关统一社会信用代码",
}


@pytest.mark.parametrize("both_rows", [False, True])
def test_penalties_under_the_official_chinese_titles(tmp_path: Path, both_rows: bool) -> None:
    names, *rows = PENALTIES.splitlines()
    titles = ",".join(TITLES[name] for name in names.split(","))
    text = "\n".join([titles, *([names] if both_rows else []), *rows]) + "\n"
    connection, report = loaded(tmp_path, "credit_china_penalties", "双公示行政处罚202610.csv", text)
    found = connection.execute("select document_no, fine_amount from raw.cases order by 1").fetchall()
    assert found == [
        ("市监罚〔2026〕1号", Decimal("2000.00")),
        ("市监罚〔2026〕2号", Decimal("15000.00")),
        ("市监罚〔2026〕3号", None),
        ("市监罚〔2026〕6号", Decimal("3400.00")),
    ]
    assert (report.rows_read, report.rows_quarantined) == (1 + 6, 2)  # the matter of the mapping, six penalties


def test_penalties_without_a_number_are_not_one_case(tmp_path: Path) -> None:
    head, row = PENALTIES.splitlines()[:2]
    rows = [row.replace("市监罚〔2026〕1号", number) for number in ("", "—", "无", "市监罚〔2026〕9号")]
    text = "\n".join([head, *rows]) + "\n"
    connection, _ = loaded(tmp_path, "credit_china_penalties", "双公示行政处罚202610.csv", text)
    assert connection.execute("select case_id from raw.cases").fetchall() == [("11120116MB1111111A-市监罚〔2026〕9号",)]
    found = connection.execute("select row_number, field, reason_code from raw.quarantine order by 1").fetchall()
    assert found == [(row, "case_id", "MISSING_REQUIRED") for row in (2, 3, 4)]


def test_inspections_and_the_officers_in_one_field(tmp_path: Path) -> None:
    name = "互联网监管检查行为202610.csv"
    connection, report = loaded(tmp_path, "internet_supervision_inspections", name, INSPECTIONS.replace("，", " "))
    inspections = connection.execute(
        "select inspection_id, mode, result, object_kind, plan_id, operation, submitted_at from raw.inspections "
        "order by _load_order"
    ).fetchall()
    assert inspections == [
        ("R1", "planned", "pass", "sole_trader", None, "i", datetime(2026, 10, 9)),
        ("R2", "random", "rectify", "organisation", "SSJ-1", "i", datetime(2026, 10, 20)),
        ("R2", "random", "problem", "organisation", "SSJ-1", "u", datetime(2026, 10, 20)),
    ]
    assert connection.execute("select row_number, field, value from raw.quarantine order by 1").fetchall() == [
        (4, "result", "情况复杂"),
        (6, "mode", "梦游检查"),
    ]
    officers = connection.execute(
        "select activity_id, officer_id from raw.participations order by _load_order"
    ).fetchall()
    assert officers == [("R1", "P1"), ("R1", "P2"), ("R2", "P1"), ("R2", "P3"), ("R2", "P1"), ("R4", "P1")]
    # 2 + 2 + 1 + 1 officers loaded, the row without one filtered.
    assert {file.entity: (file.rows_read, file.rows_filtered) for file in report.files} == {
        "inspections": (5, 0),
        "participations": (7, 1),
    }


#: What inspectors write as the result, and what it becomes: a class, or `asked`, which is left to a person.
RESULTS = {
    "未发现问题": "pass",
    "未发现问题。": "pass",
    "经检查，未发现违法违规行为": "pass",
    "现场检查未发现安全隐患；": "pass",
    "检查合格": "pass",
    "符合相关规定": "pass",
    "无异常": "pass",
    "发现问题": "problem",
    "存在问题。": "problem",
    "不合格": "problem",
    "检查中发现安全隐患": "problem",
    "不符合要求": "problem",
    "未按规定公示应当公示的信息": "problem",
    "责令限期改正": "rectify",
    "存在问题，责令限期改正": "rectify",
    "发现问题已责令改正": "rectify",
    "已下达责令改正通知书": "rectify",
    "限期整改": "rectify",
    "已立案": "case_filed",
    "不合格，已立案": "case_filed",
    "经检查，存在违法行为，予以立案查处": "case_filed",
    "给予行政处罚": "case_filed",
    "通过登记的住所（经营场所）无法联系": "no_entry",
    "已关闭停业": "no_entry",
    # A negation beside a finding or a measure.
    "未发现违法行为，不予立案": "asked",
    "已整改，免予行政处罚": "asked",
    "现场未发现问题，无需行政处罚": "asked",
    "未移送，未立案": "asked",
    "本次检查未发现问题；上次责令改正已完成": "asked",
    "检查未发现问题，但消防通道存在问题": "asked",
    "未发现安全设施，存在问题": "asked",
    "未立案": "asked",
    "不予行政处罚": "asked",
    "责令改正，逾期未改正的立案查处": "asked",
    "未责令改正": "asked",
    "无法联系，已立案": "asked",
    # Not known, or not of this inspection.
    "拟立案": "asked",
    "基本合格": "asked",
    "疑似存在问题": "asked",
    "上次检查存在问题": "asked",
    "问题已整改完毕": "asked",
    "发现问题线索，移送其他部门": "asked",
    "情况复杂": "asked",
}


def test_a_result_in_prose_is_classed_only_if_it_means_one_thing(tmp_path: Path) -> None:
    head, row = INSPECTIONS.splitlines()[:2]
    lines = [row.replace("R1", f"R{at}", 1).replace("未发现问题", f'"{text}"') for at, text in enumerate(RESULTS)]
    text = "\n".join([head, *lines]) + "\n"
    connection, _ = loaded(tmp_path, "internet_supervision_inspections", "互联网监管检查行为202610.csv", text)
    classed = dict(connection.execute("select _row_number, result from raw.inspections").fetchall())
    asked = dict(connection.execute("select row_number, value from raw.quarantine").fetchall())
    assert {text: classed.get(at, "asked") for at, text in enumerate(RESULTS, 2)} == RESULTS
    assert sorted(asked.values()) == sorted(text for text, result in RESULTS.items() if result == "asked")


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_every_example_has_a_mapping_and_a_readme_in_both_languages(example: str) -> None:
    assert (EXAMPLES / example / "mapping.yml").is_file()
    readme = (EXAMPLES / example / "README.md").read_text(encoding="utf-8")
    assert "hengfa load" in readme
    assert "怎么判断的 · How it was decided" in readme
