"""`hengfa load`: the table that a person reads, and the exit codes that a script reads."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from pipelines.cli.load import load
from pipelines.errors import MappingError, UsageError
from pipelines.settings import Workspace
from pipelines.warehouse.connection import open_for_reading

application = typer.Typer()
application.command()(load)

GOOD = "lead_id,source,subject_id,received_at,备注\nX1,patrol,S1,2026-10-01,\nX2,梦见,S1,2026-10-01,x\n"


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path / "home"))
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "leads.csv").write_text(GOOD, encoding="utf-8")
    return tmp_path / "inbox"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(application, [*map(str, arguments), "--loaded-at", "2026-11-03T08:00:00"])


def test_a_clean_load_ends_with_zero_and_says_what_it_did(inbox: Path) -> None:
    result = run(inbox, "--lang", "en")
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if line.startswith("leads.csv "))
    assert [cell.strip() for cell in row.split("│")] == ["leads.csv", "leads", "loaded", "2", "1", "1", "0", "utf-8"]
    assert "leads.csv: extra columns kept aside: 备注" in result.output
    worklist = Workspace.at().quarantine / "000001" / "leads.csv"
    assert worklist.exists()
    assert "000001/leads.csv" in result.output
    with open_for_reading(Workspace.at()) as connection:
        assert connection.execute("select loaded_at::varchar from raw.files").fetchall() == [("2026-11-03 08:00:00",)]


def test_the_same_again_loads_nothing_in_chinese_by_default(inbox: Path) -> None:
    run(inbox)
    result = run(inbox)
    assert result.exit_code == 0
    assert "已有，跳过" in result.output
    assert "文件" in result.output


def test_a_refused_file_ends_with_three_after_the_others_are_loaded(inbox: Path) -> None:
    (inbox / "cases.csv").write_bytes(b"")
    result = run(inbox, "--lang", "en")
    assert result.exit_code == 3
    assert "cases.csv: the file is empty. Export it again." in result.output
    with open_for_reading(Workspace.at()) as connection:
        assert connection.execute("select lead_id from raw.leads").fetchall() == [("X1",)]


def test_a_broken_mapping_and_a_missing_path_are_errors_with_their_exit_code(inbox: Path) -> None:
    (inbox.parent / "m.yml").write_text("sources: []", encoding="utf-8")
    broken = run(inbox, "--mapping", inbox.parent / "m.yml")
    assert isinstance(broken.exception, MappingError)
    assert broken.exception.exit_code == 3
    missing = run(inbox / "nowhere")
    assert isinstance(missing.exception, UsageError)
    assert missing.exception.exit_code == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-11-03T00:00:00Z", "2026-11-03 08:00:00"),
        ("2026-11-02T19:00:00-05:00", "2026-11-03 08:00:00"),
        ("2026-11-03T08:00:00+08:00", "2026-11-03 08:00:00"),
    ],
)
def test_a_time_of_another_zone_is_told_in_shanghai(inbox: Path, given: str, told: str) -> None:
    CliRunner().invoke(application, [str(inbox), "--loaded-at", given])
    with open_for_reading(Workspace.at()) as connection:
        assert connection.execute("select loaded_at::varchar from raw.files").fetchall() == [(told,)]
