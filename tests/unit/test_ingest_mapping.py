"""Mappings: what each key does to a table of foreign design, and how a broken mapping is reported."""

import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.errors import MappingError
from pipelines.ingest.load import load_paths
from pipelines.ingest.mapping_file import read_mapping
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)

# The columns that leads require, so that a test writes only the one that it is about.
COLUMNS = {
    "lead_id": "编号",
    "source": "{constant: complaint}",
    "subject_id": "{constant: S1}",
    "received_at": "日期",
}


def mapping_text(columns: dict[str, str] | None = None, more: str = "") -> str:
    lines = "".join(f"      {field}: {origin}\n" for field, origin in {**COLUMNS, **(columns or {})}.items())
    return f"sources:\n  - files: ['来信*.csv']\n    entity: leads\n{more}    columns:\n{lines}"


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    return connection


Load = Callable[[str, str], LoadReport]


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Load:
    def load_with(mapping: str, content: str, name: str = "来信2026.csv") -> LoadReport:
        (tmp_path / "m.yml").write_text(mapping, encoding="utf-8")
        (tmp_path / "inbox").mkdir(exist_ok=True)
        (tmp_path / "inbox" / name).write_text(content, encoding="utf-8")
        paths = [tmp_path / "inbox"]
        return load_paths(warehouse, paths, contracts=load_contracts(), loaded_at=AT, mapping=tmp_path / "m.yml")

    return load_with


def values(warehouse: duckdb.DuckDBPyConnection, field: str, entity: str = "leads") -> list[object]:
    return [row[0] for row in warehouse.execute(f"select {field} from raw.{entity} order by _load_order").fetchall()]


def quarantine(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return warehouse.execute("select row_number, field, value, reason_code from raw.quarantine").fetchall()


PARTS = "编号,区,日期\n1,甲,2026-10-01\n2,,2026-10-01\n3,—,2026-10-01\n4,无,2026-10-01\n"


@pytest.mark.parametrize(
    ("lead_id", "loaded"),
    [
        # An id with a part missing would be one id of many records.
        ('{template: "TS-{区}-{编号}"}', ["TS-甲-1"]),
        ('{template: "TS-{区}-{编号}", optional: [区]}', ["TS-甲-1", "TS--2", "TS--3", "TS--4"]),
        ("""{expression: 'join({区}, "-", {编号})'}""", ["甲-1"]),
        ("""{expression: 'join({区}, "-", {编号})', optional: [区]}""", ["甲-1", "-2", "-3", "-4"]),
        # What an expression puts in place of an empty part is a part.
        ("""{expression: 'join(first({区}, "0"), "-", {编号})'}""", ["甲-1", "0-2", "0-3", "0-4"]),
    ],
)
def test_an_id_of_several_parts_needs_them_all_unless_one_is_optional(
    load: Load, warehouse: duckdb.DuckDBPyConnection, lead_id: str, loaded: list[str]
) -> None:
    load(mapping_text({"lead_id": lead_id}), PARTS)
    assert values(warehouse, "lead_id") == loaded
    missing = [(row, "lead_id", None, "MISSING_REQUIRED") for row in (3, 4, 5)]
    assert quarantine(warehouse) == (missing if len(loaded) == 1 else [])


def test_a_key_needs_its_parts_too(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    report = load(mapping_text({"lead_id": "{key: [编号, 区]}"}), PARTS)
    assert (report.rows_loaded, report.rows_quarantined) == (1, 3)
    report = load(mapping_text({"lead_id": "{key: [编号, 区], optional: [区]}"}), PARTS)
    assert (report.rows_loaded, report.rows_quarantined) == (4, 0)
    # The row that was whole has the id that it had.
    assert len(set(values(warehouse, "lead_id"))) == 1 + 3


def test_a_reference_with_a_part_missing_refers_to_nothing(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    load(mapping_text({"matter_id": '{template: "M-{区}"}'}), PARTS)
    assert values(warehouse, "matter_id") == ["M-甲", None, None, None]


def test_a_template_that_is_no_id_keeps_what_there_is(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = "编号,区,街,日期\n1,甲,一,2026-10-01\n2,,二,2026-10-01\n3,—,,2026-10-01\n"
    load(
        mapping_text({"closed_at": '{template: "{区}{街}", values: {甲一: 2026-10-02, 二: 2026-10-03}}'}),
        rows,
    )
    assert values(warehouse, "closed_at") == [datetime(2026, 10, 2), datetime(2026, 10, 3), None]
    assert quarantine(warehouse) == []


def test_an_empty_text_from_an_expression_or_a_template_is_an_empty_cell(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    closed = """{expression: '"handled" if {区} == "甲" else ""'}"""
    load(mapping_text({"disposition": closed, "matter_id": '{template: " {区} "}'}), PARTS)
    assert values(warehouse, "disposition") == ["handled", None, None, None]
    assert quarantine(warehouse) == []


def test_a_key_is_the_same_for_the_same_values_and_no_others(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    # Joined without a mark between them, rows 2 and 3 would both be `12-3`.
    rows = "编号,区,日期\n1,2-3,2026-10-01\n12,-3,2026-10-01\n1,2-3,2026-10-01\n"
    load(mapping_text({"lead_id": "{key: [编号, 区], prefix: K-}"}), rows)
    first, second, third = values(warehouse, "lead_id")
    assert first == third != second
    assert str(first).startswith("K-")
    assert len(str(first)) == 22


def test_values_then_patterns_then_default(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    source = "{from: 渠道, values: {热线: hotline}, patterns: [{match: '巡.*', to: patrol}], default: unknown}"
    rows = "编号,日期,渠道\n" + "".join(f"{n},2026-10-01,{v}\n" for n, v in enumerate(["热线", "巡街", "传闻", ""]))
    load(mapping_text({"source": source}), rows)
    assert values(warehouse, "source") == ["hotline", "patrol", "unknown", "unknown"]


def test_a_value_that_is_not_listed_is_quarantined_even_if_it_is_a_code(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = "编号,日期,渠道\n1,2026-10-01,热线\n2,2026-10-01,patrol\n"
    report = load(mapping_text({"source": "{from: 渠道, values: {热线: hotline}}"}), rows)
    assert values(warehouse, "source") == ["hotline"]
    assert quarantine(warehouse) == [(3, "source", "patrol", "UNMAPPED_VALUE")]
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (2, 1, 1)


@pytest.mark.parametrize(("unlisted", "stored"), [("keep", ["handled", "pending"]), ("empty", ["handled", None])])
def test_unlisted_values_may_be_kept_or_emptied(
    load: Load, warehouse: duckdb.DuckDBPyConnection, unlisted: str, stored: list[object]
) -> None:
    disposition = f"{{from: 状态, values: {{done: handled}}, ignore_case: true, unlisted: {unlisted}}}"
    load(mapping_text({"disposition": disposition}), "编号,日期,状态\n1,2026-10-01,DONE\n2,2026-10-01,办理中\n")
    assert values(warehouse, "disposition") == stored


def test_dates_of_another_form_and_another_zone(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    received = "{from: 日期, date_format: '%m/%d/%Y %H:%M', time_zone: America/Chicago}"
    load(mapping_text({"received_at": received}), "编号,日期\n1,07/04/2026 20:00\n2,2026-07-04\n3,03/08/2026 02:30\n")
    # Chicago in July is 13 hours behind Shanghai; at 02:30 on 8 March 2026 its clocks jump, so there is no such time.
    assert values(warehouse, "received_at") == [datetime(2026, 7, 5, 9, 0)]
    assert [(row, code) for row, _, _, code in quarantine(warehouse)] == [
        (3, "UNREADABLE_DATE"),
        (4, "UNREADABLE_DATE"),
    ]


@pytest.mark.parametrize(
    ("calendar", "written", "stored"),
    [
        ("roc", "106/02/09", datetime(2017, 2, 9)),
        ("roc", "民國106年2月9日", datetime(2017, 2, 9)),
        ("roc", "1060209", datetime(2017, 2, 9)),
        ("roc", "99.12.31 23:59", datetime(2010, 12, 31, 23, 59)),
        ("roc", "2017/02/09", None),  # another calendar than the mapping says
        ("roc", "106/02/30", None),
        ("buddhist", "2560-02-09", datetime(2017, 2, 9)),
    ],
)
def test_years_of_another_calendar(
    load: Load, warehouse: duckdb.DuckDBPyConnection, calendar: str, written: str, stored: object
) -> None:
    load(mapping_text({"received_at": f"{{from: 日期, calendar: {calendar}}}"}), f"编号,日期\n1,{written}\n")
    assert values(warehouse, "received_at") == ([stored] if stored else [])
    assert [code for _, _, _, code in quarantine(warehouse)] == ([] if stored else ["UNREADABLE_DATE"])


def test_several_articles_in_one_field_keep_the_law_that_was_named_once(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    text = """
    sources:
      - files: [台账.csv]
        entity: cases
        columns:
          case_id: 编号
          subject_id: {constant: S1}
          matter_id: {constant: M1}
          source: {constant: unknown}
          procedure: {constant: ordinary}
          violated_articles: {from: 条款, split: '[;；]|暨|、(?=第[0-9]+条)', carry: '.*?法(?=第)'}
          penalty_articles: {join: [罚则一, 罚则二]}
    """
    rows = "编号,条款,罚则一,罚则二\n1,甲法第6条、第7条第1、3项暨乙法第9条。,丙法第1条,丙法第2条\n2,,,丙法第2条\n"
    load(textwrap.dedent(text), rows, "台账.csv")
    assert values(warehouse, "violated_articles", "cases") == ["甲法第6条;甲法第7条第1/3项;乙法第9条", None]
    assert values(warehouse, "penalty_articles", "cases") == ["丙法第1条;丙法第2条", "丙法第2条"]


def test_expressions_conditions_and_rows_of_counts(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    # 3 visits of which 2/3 found nothing; a row without visits is no record; a test row is left out.
    text = """
    sources:
      - files: [汇总.csv]
        entity: leads
        repeat: number({数量})
        filters: [{where: '{单位} == "测试" or empty({单位})', reason: test rows}]
        columns:
          lead_id: {template: "{单位}-{#}"}
          source: {constant: patrol}
          subject_id: 单位
          received_at: {constant: 2026-10-01}
          disposition:
            expression: '"no_violation" if number({#}) <= round(number({率}) * number({数量}) / 100) else "handled"'
    """
    rows = "单位,数量,率\nS1,3,66.67\nS2,0,NP\n测试,9,1\nS3,1,0\n"
    report = load(textwrap.dedent(text), rows, "汇总.csv")
    assert values(warehouse, "lead_id") == ["S1-1", "S1-2", "S1-3", "S3-1"]
    assert values(warehouse, "disposition") == ["no_violation", "no_violation", "handled", "handled"]
    assert report.files[0].filtered == {"test rows": 1, "计数为零 a count of none": 1}
    assert report.rows_read == report.rows_loaded + report.rows_filtered == 6


def test_ten_thousands_of_yuan_and_lists(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    text = """
    sources:
      - files: [台账.csv]
        entity: cases
        columns:
          case_id: 编号
          subject_id: {constant: S1}
          matter_id: {constant: M1}
          source: {constant: patrol}
          procedure: {constant: ordinary}
          fine_amount: {from: 罚款, unit: 万元}
          penalty_types: {from: 种类, split: "[/+]"}
    """
    load(textwrap.dedent(text), '编号,罚款,种类\n1,1.2345,罚款/警告\n2,"1,000",罚款+\n3,若干,罚款\n', "台账.csv")
    assert [str(value) for value in values(warehouse, "fine_amount", "cases")] == ["12345.00", "10000000.00"]
    assert values(warehouse, "penalty_types", "cases") == ["fine;warning", "fine"]
    assert quarantine(warehouse) == [(4, "fine_amount", "若干", "UNREADABLE_NUMBER")]


def test_rows_left_out_are_counted_by_reason(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    more = """\
    distinct: true
    filters:
      - {column: 状态, equals: 作废, reason: void}
      - {column: 状态, matches: "测试.*", reason: test entry}
      - {column: 日期, empty: true, reason: no date}
    deduplicate: {by: [编号], reason: same number}
"""
    rows = (
        "编号,日期,状态\n"
        "1,2026-10-01,\n"
        "1,2026-10-01,\n"  # exact repeat
        "1,2026-10-02,\n"  # same number
        "2,2026-10-01,作废\n"  # void
        "3,2026-10-01,测试用\n"  # test entry
        "4,,\n"  # no date
        "5,2026-10-01,办结\n"
    )
    report = load(mapping_text(more=more), rows)
    assert values(warehouse, "lead_id") == ["1", "5"]
    assert report.files[0].filtered == {
        "完全重复的行 exact repeat": 1,
        "void": 1,
        "test entry": 1,
        "no date": 1,
        "same number": 1,
    }
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined, report.rows_filtered) == (7, 2, 0, 5)


def test_columns_that_are_not_mapped_stay_aside_even_if_named_like_a_field(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    load(mapping_text(), "编号,日期,case_id,备注\n1,2026-10-01,C1,x\n")
    assert values(warehouse, "case_id") == [None]
    assert values(warehouse, "_extra") == ['{"case_id":"C1","备注":"x"}']


def test_one_file_may_become_several_entities_and_ledger_rows_come_with_the_mapping(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    text = mapping_text() + textwrap.dedent("""
      - files: ["来信*.csv"]
        entity: documents
        columns:
          document_id: {template: "W-{编号}"}
          activity_kind: {constant: lead}
          activity_id: 编号
          kind: {constant: 来信}
    rows:
      subjects:
        - {subject_id: S1, name: 信访局, kind: department, valid_from: 2020-01-01}
    """).replace("\n  - files", "\n  - files").replace("\n- files", "\n  - files").replace("\n  entity", "\n    entity")
    text = text.replace("\n  columns", "\n    columns")
    report = load(text, "编号,日期\n1,2026-10-01\n")
    assert [(file.entity, file.name, file.rows_loaded) for file in report.files] == [
        ("subjects", "m.yml#subjects", 1),
        ("leads", "来信2026.csv", 1),
        ("documents", "来信2026.csv#2", 1),
    ]
    assert [file.status for file in load(text, "编号,日期\n1,2026-10-01\n").files] == ["already_loaded"] * 3


def test_another_mapping_of_the_same_file_is_another_load(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = "编号,日期\n1,2026-10-01\n"
    statuses = [
        load(mapping_text({"subject_id": f"{{constant: {s}}}"}), rows).files[0].status for s in ("S1", "S2", "S1")
    ]
    assert statuses == ["loaded", "loaded", "already_loaded"]
    assert values(warehouse, "subject_id") == ["S1", "S2"]


def test_a_file_that_the_mapping_does_not_take_is_read_by_its_name(load: Load) -> None:
    report = load(mapping_text(), "lead_id,source,subject_id,received_at\n1,patrol,S1,2026-10-01\n", "leads.csv")
    assert [(file.name, file.status) for file in report.files] == [("leads.csv", "loaded")]


def test_a_file_without_a_column_of_the_mapping_is_refused(load: Load) -> None:
    report = load(mapping_text(), "编号,时间\n1,2026-10-01\n")
    assert report.files[0].status == "refused"
    assert report.files[0].reason is not None
    assert "missing: 日期" in report.files[0].reason.en


BROKEN: dict[str, tuple[str, int, list[str]]] = {
    # what is wrong: mapping, line, what the message names
    "no YAML": ("sources: [", 0, ["YAML"]),
    "no sources": ("rows: {}", 1, ["sources", "required"]),
    "an unknown key": (mapping_text(more="    sheets: x\n"), 4, ["sheets", "no such key", "deduplicate"]),
    "a key given twice": (mapping_text(more="    entity: cases\n"), 4, ["`entity` is given twice"]),
    "an unknown entity": (
        mapping_text().replace("leads", "lead"),
        3,
        ["no entity `lead`", "Did you mean `leads`", "cases"],
    ),
    "an unknown field": (
        mapping_text({"recieved": "日期"}),
        9,
        ["recieved", "Did you mean `received_at`", "closed_at"],
    ),
    "a required field without origin": (
        "sources:\n  - files: [a.csv]\n    entity: leads\n    columns: {lead_id: 编号}\n",
        4,
        ["source, subject_id, received_at"],
    ),
    "two origins": (mapping_text({"lead_id": "{from: 编号, constant: x}"}), 5, ["exactly one of", "from, constant"]),
    "no origin": (mapping_text({"lead_id": "{prefix: x}"}), 5, ["exactly one of", "none"]),
    "an unknown key of a column": (mapping_text({"lead_id": "{form: 编号}"}), 5, ["form", "template"]),
    "a bad pattern": (
        mapping_text({"source": "{from: 渠道, patterns: [{match: '(', to: patrol}]}"}),
        6,
        ["`(` is not a regular expression"],
    ),
    "a bad unit": (mapping_text({"lead_id": "{from: 编号, unit: 亿元}"}), 5, ["unit", "万元"]),
    "an expression that runs code": (
        mapping_text({"lead_id": """{expression: "__import__('os').system('id')"}"""}),
        5,
        ["__import__", "Allowed are", "number({A})"],
    ),
    "a condition that is none": (
        mapping_text(more="    filters: [{where: '{a}', reason: x}]\n"),
        4,
        ["must be a condition"],
    ),
    "a tag that another reader would run": (
        "sources: !!python/object/apply:os.system [id]\n",
        1,
        ["python/object/apply:os.system", "not allowed", "cannot run anything"],
    ),
    "aliases that grow": (
        "a0: &a0 [x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
        + "sources: *a29\n",
        0,
        ["aliases", "beyond reason"],
    ),
    "an unknown field of a ledger row": (
        mapping_text() + "rows:\n  subjects:\n    - {subject: S1}\n",
        11,
        ["subjects", "Did you mean `subject_id`"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_mapping_says_where_and_what_may_stand_there(tmp_path: Path, name: str) -> None:
    text, line, parts = BROKEN[name]
    (tmp_path / "m.yml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        read_mapping(tmp_path / "m.yml", load_contracts())
    message = str(caught.value)
    assert "m.yml" in message
    if line:
        assert f"line {line}:" in message
    for part in parts:
        assert part in message


def test_a_broken_ledger_row_of_a_mapping_is_an_error_of_the_mapping(load: Load) -> None:
    with pytest.raises(MappingError, match="kind"):
        load(
            mapping_text() + "rows:\n  subjects:\n    - {subject_id: S1, name: x, kind: 局, valid_from: 2020-01-01}\n",
            "编号,日期\n",
        )


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"nowhere\.yml"):
        read_mapping(tmp_path / "nowhere.yml", load_contracts())


def test_a_misspelt_key_of_a_column_gets_the_keys_of_a_column_also_where_the_field_is_called_source(tmp_path):
    """`source` is a field of cases, and beside `columns` a key that names a database."""
    path = tmp_path / "mapping.yml"
    path.write_text(
        "sources:\n  - files: [a.csv]\n    entity: cases\n    columns:\n      source: {from: 来源, unlistd: reject}\n",
        encoding="utf-8",
    )
    with pytest.raises(MappingError) as refused:
        read_mapping(path, load_contracts())
    told = str(refused.value)
    assert "line 5: `sources.0.columns.source.unlistd`: there is no such key." in told
    assert "unlisted" in told and "table" not in told.partition("Choose from: ")[2]
