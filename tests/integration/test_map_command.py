"""`hengfa map new` drafts a mapping of a file, `hengfa map check` shows what it makes of the file."""

import sqlite3
from pathlib import Path

import pytest
import yaml

from pipelines.cli.application import run
from pipelines.contract.loader import load_contracts
from pipelines.ingest.drafting import draft_mapping
from pipelines.ingest.mapping_file import read_mapping
from pipelines.ingest.preview import MOST_ROWS, preview_mapping
from pipelines.ingest.samples import read_samples

LEDGER = """案件台账,,,,,,,,
案件编号,承办单位,执法事项编码,来源渠道,程序,立案日期,罚款金额（万元）,当事人名称,领导批示
A1,S1,M1,群众举报,普通程序,115/10/01,0.17,王五,
A2,S1,M1,巡查,简易程序,115/10/02,—,赵六,已阅
A3,S1,M1,神秘,简易程序,115/10/03,3,孙七,
合计,,,,,,3.17,,
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "立案台账2026-10.csv"
    path.write_text(LEDGER, encoding="gb18030")
    return path


def test_a_draft_finds_entity_fields_calendar_unit_and_codes(ledger: Path) -> None:
    contracts = load_contracts()
    draft = draft_mapping(read_samples(ledger, contracts), contracts)
    source = yaml.safe_load(draft.text)["sources"][0]
    assert (source["files"], source["entity"]) == (["立案台账*.csv"], "cases")
    columns = source["columns"]
    assert columns["case_id"] == "案件编号"
    assert columns["subject_id"] == "承办单位"
    assert columns["matter_id"] == "执法事项编码"
    assert columns["filed_at"] == {"from": "立案日期", "calendar": "roc"}
    assert columns["fine_amount"] == {"from": "罚款金额（万元）", "unit": "万元"}
    assert columns["procedure"] == "程序"
    assert columns["source"]["from"] == "来源渠道"
    assert columns["source"]["values"]["巡查"] == "patrol"
    assert columns["source"]["values"]["神秘"] == "待填"
    assert '#   "领导批示"' in draft.text
    # What is personal stands in no draft.
    assert "王五" not in draft.text


def test_a_draft_completed_by_hand_loads_and_its_check_shows_what_does_not_fit(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = tmp_path / "m.yml"
    assert run(["map", "new", str(ledger), "--out", str(mapping)]) == 0
    assert run(["map", "new", str(ledger), "--out", str(mapping)]) == 2
    assert run(["map", "new", str(ledger), "--out", str(mapping), "--force"]) == 0
    text = mapping.read_text(encoding="utf-8")
    # By hand: the word that is no code is left to be found, the other is given its code.
    lines = [line for line in text.splitlines() if '"神秘"' not in line]
    lines = ['          "群众举报": complaint' if '"群众举报"' in line else line for line in lines]
    mapping.write_text("\n".join(lines), encoding="utf-8")
    contracts = load_contracts()
    (preview,) = preview_mapping(ledger, read_mapping(mapping, contracts), contracts)
    assert preview.unmapped == {("source", "神秘"): 1}
    assert (preview.rows_read, preview.rows_accepted, preview.rows_quarantined) == (4, 2, 1)
    assert preview.filtered == {"合计行 total row": 1}
    headings, rows = preview.after
    assert dict(zip(headings, rows[0], strict=True)) == {
        "case_id": "A1",
        "subject_id": "S1",
        "matter_id": "M1",
        "source": "complaint",
        "procedure": "ordinary",
        "party_name": "***",
        "filed_at": "2026-10-01 00:00:00",
        "fine_amount": "1700.00",
    }
    capsys.readouterr()
    assert run(["map", "check", str(mapping), str(ledger), "--lang", "en"]) == 3
    shown = capsys.readouterr().out
    assert "unmapped value" in shown
    assert "神秘" in shown
    assert "王五" not in shown


def test_a_file_that_no_source_takes_is_wrong_usage(ledger: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "m.yml"
    assert run(["map", "new", str(ledger), "--out", str(mapping)]) == 0
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    lines = mapping.read_text(encoding="utf-8").replace("待填", "complaint")
    mapping.write_text(lines, encoding="utf-8")
    assert run(["map", "check", str(mapping), str(other)]) == 2
    # Without a file there is nothing to look at either.
    assert run(["map", "check", str(mapping)]) == 2


def test_what_refuses_a_file_is_told_in_the_language_of_the_preview(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = tmp_path / "m.yml"
    assert run(["map", "new", str(ledger), "--out", str(mapping)]) == 0
    text = mapping.read_text(encoding="utf-8").replace("待填", "complaint").replace("承办单位", "承办机构")
    mapping.write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert run(["map", "check", str(mapping), str(ledger)]) == 3
    said = capsys.readouterr().err
    assert "映射所用的列不在文件中：承办机构" in said
    assert "missing" not in said
    assert run(["map", "check", str(mapping), str(ledger), "--lang", "en"]) == 3
    assert "columns that the mapping reads are missing: 承办机构" in capsys.readouterr().err


CALLS = """
sources:
  - source: {database: CALLS_DB, table: calls, incremental: updated_at}
    entity: leads
    columns:
      lead_id: id
      source: {from: channel, values: {tel: hotline}}
      subject_id: {constant: S1}
      received_at: updated_at
"""


def test_a_table_of_a_database_is_previewed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.yml").write_text(CALLS, encoding="utf-8")
    connection = sqlite3.connect(tmp_path / "calls.db")
    connection.execute("create table calls (id text, channel text, updated_at text)")
    rows = [(f"X{at}", "tel" if at else "owl", "2026-10-01 09:00:00") for at in range(MOST_ROWS + 5)]
    connection.executemany("insert into calls values (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    monkeypatch.setenv("CALLS_DB", f"sqlite:///{tmp_path / 'calls.db'}")
    contracts = load_contracts()
    (preview,) = preview_mapping(None, read_mapping(tmp_path / "m.yml", contracts), contracts)
    assert (preview.rows_read, preview.rows_quarantined, preview.is_beginning) == (MOST_ROWS, 1, True)
    assert preview.unmapped == {("source", "owl"): 1}
    assert run(["map", "check", str(tmp_path / "m.yml")]) == 3
    assert "只预览了数据库的前几行" in capsys.readouterr().out
    # A file is none of its sources, and the message says what to do.
    assert run(["map", "check", str(tmp_path / "m.yml"), str(tmp_path / "calls.db")]) == 2
    assert "只读取数据库，请不要给出文件" in capsys.readouterr().err


def test_an_entity_that_is_none_names_the_choices(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["map", "new", str(ledger), "--entity", "case"]) == 2
    assert "cases" in capsys.readouterr().err
