"""Drafts of tables as departments export them: plain headers, and values that tell what is meant."""

from pathlib import Path

import pytest
import yaml

from pipelines.contract.loader import load_contracts
from pipelines.ingest.drafting import draft_mapping
from pipelines.ingest.mapping_file import read_mapping
from pipelines.ingest.preview import preview_mapping
from pipelines.ingest.samples import read_samples

INSPECTIONS = """序号,检查单号,单位代码,检查事项,检查类型,被检查人,被检查人代码,检查日期,结果
1,0001,B002,JC02003,双随机,甲公司,91120116MA05TEST1X,2026/10/8,未发现问题
2,0002,B002,JC02003,专项检查,乙公司,91120116MA05TEST2Y,2026/10/9,发现问题
"""
PENALTIES = """序号,编号,机关,事项,对象统编,对象,决定日期,金额,来源
1,A12,B002,CF02003,91120116MA05TEST1X,甲公司,115/10/03,2000,巡查发现
2,A13,B002,CF02003,91120116MA05TEST2Y,乙公司,1151005,300,投诉举报
3,A14,B002,CF02003,,丙店,民國115年10月7日,50,投诉举报
"""
CASES = """单位：万元,,,,,,
案号,承办单位,执法事项,程序,立案日期,罚款,没收
C1,B002,CF1,普通程序,2026-10-01,0.2,
C2,B002,CF1,简易程序,2026-10-02,0.1,3
"""
LETTERS = """行号,工单编号,来源,承办单位,登记时间,办结日期,处理结果
1,T1,12345热线,B002,2026-10-01 09:00,2026-10-05,已处理
2,T2,12345热线,B003,2026-10-02 09:00,,
"""
OFFICERS = """姓名,执法证号,科室,任职日期,发证日期,有效期至
张三,12011600001,B002-01,2020-01-01,2024-01-01,2028-12-31
李四,12011600002,B002-01,2020-01-01,2024-01-01,2028-12-31
"""
VISITS = """检查记录编号,执法主体,检查形式,检查时间,检查结论,检查人员
V1,B002,日常检查,2026-10-08 09:00,合格,12011600001 12011600002
V2,B002,日常检查,2026-10-09 09:00,合格,12011600003
"""

DRAFTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "检查台账": (
        INSPECTIONS,
        "inspections",
        {
            "inspection_id": "检查单号",
            "subject_id": "单位代码",
            "matter_id": "检查事项",
            "mode": "检查类型",
            "object_id": "被检查人代码",
            "object_name": "被检查人",
            "started_at": "检查日期",
            "result": "结果",
        },
    ),
    "裁罚清册": (
        PENALTIES,
        "cases",
        {
            "case_id": "编号",
            "subject_id": "机关",
            "matter_id": "事项",
            "source": "来源",
            "party_id": "对象统编",
            "party_name": "对象",
            "decided_at": "决定日期",
            "fine_amount": "金额",
        },
    ),
    "立案台账": (
        CASES,
        "cases",
        {
            "case_id": "案号",
            "subject_id": "承办单位",
            "matter_id": "执法事项",
            "procedure": "程序",
            "filed_at": "立案日期",
            "fine_amount": "罚款",
            "confiscated_amount": "没收",
        },
    ),
    "来信": (
        LETTERS,
        "leads",
        {
            "lead_id": "工单编号",
            "source": "来源",
            "subject_id": "承办单位",
            "received_at": "登记时间",
            "closed_at": "办结日期",
            "disposition": "处理结果",
        },
    ),
    "人员": (
        OFFICERS,
        "officers",
        {
            "officer_id": "执法证号",
            "agency_id": "科室",
            "name": "姓名",
            "on_post_from": "任职日期",
            "certificate_from": "发证日期",
            "certificate_to": "有效期至",
        },
    ),
    "检查记录": (
        VISITS,
        "inspections",
        {
            "inspection_id": "检查记录编号",
            "subject_id": "执法主体",
            "mode": "检查形式",
            "started_at": "检查时间",
            "result": "检查结论",
        },
    ),
}


def drafted(tmp_path: Path, name: str, text: str) -> dict[str, list[dict[str, object]]]:
    (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    contracts = load_contracts()
    draft = draft_mapping(read_samples(tmp_path / f"{name}.csv", contracts), contracts).text
    (tmp_path / "m.yml").write_text(draft, encoding="utf-8")
    found: dict[str, list[dict[str, object]]] = yaml.safe_load(draft)
    return found


@pytest.mark.parametrize("name", DRAFTS)
def test_a_plain_table_is_drafted_as_a_person_would(tmp_path: Path, name: str) -> None:
    text, entity, expected = DRAFTS[name]
    source = drafted(tmp_path, name, text)["sources"][0]
    columns = source["columns"]
    assert source["entity"] == entity
    assert isinstance(columns, dict)
    # A number of rows is no field, so `序号` stands in none of them.
    assert {field: one if isinstance(one, str) else one["from"] for field, one in columns.items()} == expected


def test_dates_of_the_republic_and_the_unit_of_the_title_are_seen(tmp_path: Path) -> None:
    penalties = drafted(tmp_path, "裁罚清册", PENALTIES)["sources"][0]["columns"]
    assert isinstance(penalties, dict)
    assert penalties["decided_at"] == {"from": "决定日期", "calendar": "roc"}
    cases = drafted(tmp_path, "立案台账", CASES)["sources"][0]["columns"]
    assert isinstance(cases, dict)
    assert cases["fine_amount"] == {"from": "罚款", "unit": "万元"}
    assert cases["confiscated_amount"] == {"from": "没收", "unit": "万元"}


def test_numbers_of_officers_become_participations(tmp_path: Path) -> None:
    sources = drafted(tmp_path, "检查记录", VISITS)["sources"]
    assert [source["entity"] for source in sources] == ["inspections", "participations"]
    contracts = load_contracts()
    mapping = read_mapping(tmp_path / "m.yml", contracts)
    _, officers = preview_mapping(tmp_path / "检查记录.csv", mapping, contracts)
    at = officers.after[0].index("officer_id")
    assert [row[at] for row in officers.after[1]] == ["12011600001", "12011600002", "12011600003"]


def test_officers_in_columns_beside_one_another_are_participations_too(tmp_path: Path) -> None:
    text = "检查单号,单位代码,检查类型,检查日期,检查人1,检查人2\nV1,B002,双随机,2026-10-08,P1,P2\nV2,B002,双随机,2026-10-08,P1,\n"
    drafted(tmp_path, "检查", text)
    contracts = load_contracts()
    _, officers = preview_mapping(tmp_path / "检查.csv", read_mapping(tmp_path / "m.yml", contracts), contracts)
    # 2 + 1 officers, none in quarantine for the column that is empty
    assert (officers.rows_read, officers.rows_accepted) == (3, 3)


def test_names_of_officers_are_no_numbers(tmp_path: Path) -> None:
    names = VISITS.replace("12011600001 12011600002", "张三 李四").replace("12011600003", "王五")
    assert len(drafted(tmp_path, "检查记录", names)["sources"]) == 1
