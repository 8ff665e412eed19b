"""`hengfa audit` as a user calls it, over a workspace of one loaded table or two."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.application import run
from pipelines.contract.loader import load_contracts
from pipelines.settings import Workspace
from pipelines.warehouse.raw_tables import create_raw_tables

ROWS = """
insert into raw.subjects (subject_id, name, kind, valid_from, _file_id, _row_number, _loaded_at, _load_order)
values ('S1', '某局', 'department', '2020-01-01', 'f', 2, timestamp '2026-11-03', 1);
insert into raw.matters (matter_id, name, kind, valid_from, _file_id, _row_number, _loaded_at, _load_order)
values ('M1', '某事项', 'penalty', '2020-01-01', 'f', 2, timestamp '2026-11-03', 1);
insert into raw.powers (subject_id, matter_id, valid_from, origin, _file_id, _row_number, _loaded_at, _load_order)
values ('S1', 'M1', '2020-01-01', 'statutory', 'f', 2, timestamp '2026-11-03', 1);
insert into raw.agencies (agency_id, subject_id, name, valid_from, _file_id, _row_number, _loaded_at, _load_order)
values ('A1', 'S1', '某队', '2020-01-01', 'f', 2, timestamp '2026-11-03', 1);
insert into raw.leads
    (lead_id, source, subject_id, received_at, closed_at, _file_id, _row_number, _loaded_at, _load_order)
values ('LE1', 'hotline', 'S1', '2026-10-05 09:00', '2026-10-04 09:00', 'f', 2, timestamp '2026-11-03', 1)
"""
OFFICER = """
insert into raw.officers
    (officer_id, on_post_from, agency_id, certificate_from, _file_id, _row_number, _loaded_at, _load_order)
values ('O1', '2020-01-01', 'A1', '2020-01-01', 'f', 2, timestamp '2026-11-03', 1)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a lead that was closed before it was received, and no officer."""
    workspace = Workspace.at(tmp_path).prepare()
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path))
    with duckdb.connect(str(workspace.warehouse)) as connection:
        create_raw_tables(connection, load_contracts())
        connection.execute(ROWS)
        connection.execute("insert into control.run values (date '2026-10-01', ?)", [datetime(2026, 11, 5, 23, 59, 59)])
    return tmp_path


def test_without_officers_the_audit_ends_with_4_and_names_the_ledger_in_chinese(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit"]) == 4
    printed = capsys.readouterr().out
    assert "2026-10 数据质量审查" in printed
    assert "执法人员：应当有记录" in printed
    assert "线索：办结不早于接收" in printed
    assert "S1 1" in printed  # the worst body of that rule


def test_with_warnings_only_it_ends_with_0_and_speaks_english_when_asked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(Workspace.at(home).warehouse)) as connection:
        connection.execute(OFFICER)
    assert run(["audit", "2026-10", "--lang", "en", "--entity", "leads", "--entity", "officers"]) == 0
    assert "Leads: closed no earlier than received" in capsys.readouterr().out


def test_programs_get_the_columns_of_the_quality_table_as_csv_or_json(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--format", "csv", "--entity", "leads"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    closed = [
        (row["subject_id"], row["failing"]) for row in table if row["expectation_id"] == "leads.closed_after_received"
    ]
    assert closed == [("", "1"), ("S1", "1")]
    assert run(["audit", "--format", "json", "--entity", "leads"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(table)


def leads_judged(capsys: pytest.CaptureFixture[str], *arguments: str) -> int:
    capsys.readouterr()
    run(["audit", *arguments, "--format", "json", "--entity", "leads"])
    rows = {row["expectation_id"]: row for row in json.loads(capsys.readouterr().out) if row["subject_id"] is None}
    return int(rows["leads.closed_after_received"]["evaluated"])


def test_the_month_built_last_is_audited_as_it_was_built_and_as_of_another_time_when_asked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(Workspace.at(home).warehouse)) as connection:
        # A second lead, which came on 20 November.
        connection.execute(
            "insert into raw.leads (lead_id, source, subject_id, received_at, closed_at, _file_id, _row_number, "
            "_loaded_at, _load_order) values ('LE2', 'hotline', 'S1', '2026-10-06 09:00', '2026-10-07 09:00', 'g', 2, "
            "timestamp '2026-11-20', 2)"
        )
    assert leads_judged(capsys, "2026-10") == 1
    assert leads_judged(capsys, "2026-10", "--as-of", "2026-11-20") == 2
    with duckdb.connect(str(Workspace.at(home).warehouse)) as connection:
        connection.execute("update control.run set as_of = timestamp '2026-11-30'")
    assert leads_judged(capsys, "2026-10") == 2
    # Another month has the end of the 5th day after it: the first lead came on 3 November.
    assert leads_judged(capsys, "2026-09") == 0


def test_an_unknown_entity_or_an_empty_workspace_is_a_wrong_use(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--entity", "casess"]) == 2
    assert "casess" in capsys.readouterr().err
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path / "elsewhere"))
    assert run(["audit"]) == 2
    assert "hengfa load" in capsys.readouterr().err
