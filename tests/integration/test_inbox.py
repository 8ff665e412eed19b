"""What becomes of the files of the inbox, and of the rows that were refused."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.application import run
from pipelines.contract.loader import load_contracts
from pipelines.ingest import load as load_module
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.ingest.worklists import export_worklists
from pipelines.sensors import inbox_state
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
HEADER = "lead_id,source,subject_id,received_at"
GOOD = f"{HEADER}\nX1,patrol,S1,2026-10-01\n"
CONTRACTS = load_contracts()
Load = Callable[[], LoadReport]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, CONTRACTS)
    return connection


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "区局").mkdir(parents=True)
    return tmp_path / "inbox"


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, inbox: Path, tmp_path: Path) -> Load:
    def load_inbox() -> LoadReport:
        return load_paths(
            warehouse,
            [inbox],
            contracts=CONTRACTS,
            loaded_at=AT,
            quarantine=tmp_path / "quarantine",
            landing=tmp_path / "landing",
            inbox=inbox,
        )

    return load_inbox


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_loaded_files_move_to_landing_and_refused_ones_stay_with_their_reason(
    load: Load, inbox: Path, tmp_path: Path
) -> None:
    (inbox / "区局" / "leads.csv").write_text(GOOD, encoding="utf-8")
    (inbox / "cases.csv").write_text("", encoding="utf-8")
    load()
    assert files_in(inbox) == ["cases.csv", "cases.csv.why.txt"]
    assert files_in(tmp_path / "landing") == ["000001/区局/leads.csv"]
    why = (inbox / "cases.csv.why.txt").read_text(encoding="utf-8")
    assert "文件是空的" in why
    assert "the file is empty" in why
    # A refused file that nobody touched starts no other run; once it is mended its reasons go.
    assert inbox_state(inbox) == ""
    (inbox / "cases.csv").write_text("case_id,subject_id,matter_id,source,procedure\nC1,S1,M1,patrol,simple\n")
    assert inbox_state(inbox) != ""
    load()
    assert files_in(inbox) == []


def test_the_same_content_again_leaves_the_inbox_too(load: Load, inbox: Path, tmp_path: Path) -> None:
    for name in ("leads.csv", "leads__copy.csv"):
        (inbox / name).write_text(GOOD, encoding="utf-8")
    report = load()
    assert [file.status for file in report.files] == ["loaded", "already_loaded"]
    assert files_in(inbox) == []
    assert files_in(tmp_path / "landing") == ["000001/leads.csv", "again/leads__copy.csv"]


def test_a_file_that_is_being_written_is_left_for_the_next_load(
    load: Load, inbox: Path, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = inbox / "leads.csv"
    growing.write_text(GOOD, encoding="utf-8")
    look = load_module.settled

    def grows_after_the_look(folder: Path, seconds: float) -> dict[Path, tuple[int, int]]:
        seen = look(folder, seconds)
        with growing.open("a", encoding="utf-8") as file:
            file.write("X2,patrol,S1,2026-10-01\n")
        # A file that appears after the look is the next load's as well.
        (inbox / "leads__late.csv").write_text(GOOD, encoding="utf-8")
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(load_module, "settled", grows_after_the_look)
        report = load()
    assert [(file.name, file.status) for file in report.files] == [
        ("leads.csv", "waiting"),
        ("leads__late.csv", "waiting"),
    ]
    assert warehouse.execute("select count(*) from raw.files").fetchone() == (0,)
    assert files_in(inbox) == ["leads.csv", "leads__late.csv"]
    assert [file.rows_loaded for file in load().files] == [2, 1]


def test_links_in_the_inbox_are_refused_and_not_followed(load: Load, inbox: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(GOOD, encoding="utf-8")
    (inbox / "leads.csv").symlink_to(outside)
    # Whoever may write to the inbox must not be able to have another file overwritten.
    (inbox / "leads.csv.why.txt").symlink_to(outside)
    (file,) = load().files
    assert file.status == "refused"
    assert outside.read_text(encoding="utf-8") == GOOD
    assert not (inbox / "leads.csv.why.txt").is_symlink()


def test_an_archive_of_which_a_member_is_refused_stays(load: Load, inbox: Path) -> None:
    import zipfile

    with zipfile.ZipFile(inbox / "十月.zip", "w") as archive:
        archive.writestr("leads.csv", GOOD)
        archive.writestr("cases.csv", "")
    assert [file.status for file in load().files] == ["loaded", "refused"]
    assert files_in(inbox) == ["十月.zip", "十月.zip.why.txt"]


def test_refused_rows_go_back_to_their_body_are_mended_and_loaded(
    load: Load, inbox: Path, tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    rows = (
        "线索编号,案件来源,承办主体,接收时间\nX1,梦见,S1,2026-10-01\nX2,巡查发现,S2,明天\nX3,巡查发现,S2,2026-10-01\n"
    )
    (inbox / "线索.csv").write_text(rows, encoding="utf-8")
    (inbox / "officers.csv").write_text(
        "officer_id,on_post_from,agency_id,name,certificate_from\nP1,昨天,A1,王小二,2020-01-01\n", encoding="utf-8"
    )
    (inbox / "agencies.csv").write_text("agency_id,subject_id,name\nA1,S1,一队\n", encoding="utf-8")
    assert load().rows_quarantined == 3
    lists = export_worklists(warehouse, tmp_path / "quarantine", tmp_path / "out", CONTRACTS, language="zh")
    assert [(one.subject, one.rows) for one in lists] == [("S1", {"leads": 1, "officers": 1}), ("S2", {"leads": 1})]
    assert b"\xe7\x8e\x8b\xe5\xb0\x8f" not in (tmp_path / "out" / "S1.xlsx").read_bytes()

    # The workbook as it is loads back to the same refusals: nothing of it is lost or taken for a record.
    (inbox / "S2.xlsx").write_bytes((tmp_path / "out" / "S2.xlsx").read_bytes())
    again = load()
    assert [(one.entity, one.rows_read, one.rows_quarantined, one.extra_columns) for one in again.files] == [
        ("leads", 1, 1, ())
    ]
    # Corrected, it loads, and the row is listed no more.
    (inbox / "leads__corrected.csv").write_text(f"{HEADER}\nX2,patrol,S2,2026-10-02\n", encoding="utf-8")
    assert load().rows_loaded == 1
    left = export_worklists(
        warehouse, tmp_path / "quarantine", tmp_path / "left", CONTRACTS, language="en", subject="S2"
    )
    assert left == []


def test_the_verb_says_where_the_lists_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    before = os.environ.get("HENGFA_HOME")
    try:
        assert run(["--home", str(home), "quarantine", str(tmp_path / "out")]) == 2
        bad = tmp_path / "leads.csv"
        bad.write_text(f"{HEADER}\nX1,dream,S1,2026-10-01\n", encoding="utf-8")
        assert run(["--home", str(home), "load", str(bad)]) == 0
        capsys.readouterr()
        assert run(["--home", str(home), "quarantine", str(tmp_path / "out"), "--subject", "S1"]) == 0
        assert "S1.xlsx" in capsys.readouterr().out
        # A list that may hold corrections is overwritten only where that is said.
        assert run(["--home", str(home), "quarantine", str(tmp_path / "out")]) == 2
        assert str(tmp_path / "out" / "S1.xlsx") in capsys.readouterr().err
        assert run(["--home", str(home), "quarantine", str(tmp_path / "out"), "--force"]) == 0
        assert run(["--home", str(home), "quarantine", str(tmp_path / "out"), "--subject", "S9"]) == 0
        assert "nothing to mend" in capsys.readouterr().out
    finally:
        if before is None:
            os.environ.pop("HENGFA_HOME", None)
        else:
            os.environ["HENGFA_HOME"] = before
