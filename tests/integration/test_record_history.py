"""`hengfa explain --record`: every version of a record with the file it came from, what changed, and which one counts."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.cli.application import run
from pipelines.settings import Workspace

HEAD = "case_id,subject_id,matter_id,source,procedure,party_name,filed_at,fine_amount,submitted_at,updated_at,operation"
#: A case filed in October by B01; re-sent with the whole month; corrected to September and to B02; withdrawn in the end.
FILES = {
    "cases__2026-10.csv": (
        "2026-11-01T08:00:00",
        "A0,B01,M1,patrol,simple,王五,2026-10-02 09:00,100,2026-10-02,2026-10-02,i\n"
        "A1,B01,M1,patrol,simple,张三,2026-10-05 09:00,500,2026-10-06,2026-10-06,i\n",
    ),
    "cases__2026-10_重报.csv": (
        "2026-11-05T08:00:00",
        "A1,B01,M1,patrol,simple,张三丰,2026-10-05 09:00,500,2026-10-06,2026-11-04,u\n",
    ),
    "cases__更正.csv": (
        "2026-11-09T08:00:00",
        "A1,B02,M1,patrol,simple,张三丰,2026-09-30 09:00,,2026-10-06,2026-11-08,u\n",
    ),
    "cases__撤回.csv": (
        "2026-12-02T08:00:00",
        "A1,B02,M1,patrol,simple,张三丰,2026-09-30 09:00,,2026-10-06,2026-12-01,d\n",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("history") / "workspace"
    for name, (loaded_at, rows) in FILES.items():
        path = home.parent / name
        path.write_text(f"{HEAD}\n{rows}", encoding="utf-8")
        assert run(["--home", str(home), "load", str(path), "--loaded-at", loaded_at]) == 0
    return home


def history(
    home: Path, capsys: pytest.CaptureFixture[str], *arguments: str, record: str = "cases/A1"
) -> list[dict[str, str]]:
    assert run(["--home", str(home), "explain", "--record", record, "--format", "csv", *arguments]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_every_version_tells_where_it_came_from(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = history(home, capsys, "--lang", "en")
    assert [(one["version"], one["batch"], one["operation"], one["file"], one["row"]) for one in found] == [
        ("1", "1", "i", "cases__2026-10.csv", "3"),
        ("2", "2", "u", "cases__2026-10_重报.csv", "2"),
        ("3", "3", "u", "cases__更正.csv", "2"),
        ("4", "4", "d", "cases__撤回.csv", "2"),
    ]
    assert [one["loaded_at"] for one in found] == [loaded.replace("T", " ") for loaded, _ in FILES.values()]
    for one in found:
        assert (Workspace.at(home).landing / f"{int(one['batch']):06d}" / one["file"]).is_file()


def test_what_changed_is_told_and_personal_data_is_masked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = history(home, capsys, "--lang", "zh")
    assert [one["changes"] for one in found] == [
        "",
        "当事人 *** → ***",
        "主体编码 B01 → B02；立案时间 2026-10-05 09:00:00 → 2026-09-30 09:00:00；罚款金额 500.00 → （空）",
        "",
    ]


@pytest.mark.parametrize(
    ("as_of", "states"),
    [
        ("2026-10-05T00:00:00", ["not known yet at that time"] * 4),
        ("2026-11-01T00:00:00", ["counts"] + ["not known yet at that time"] * 3),
        ("2026-11-08T00:00:00", ["superseded by version 3"] * 2 + ["counts", "not known yet at that time"]),
        ("2026-12-31T00:00:00", ["superseded by version 4"] * 3 + ["withdraws the record, which does not count"]),
    ],
)
def test_the_newest_version_known_counts(
    home: Path, capsys: pytest.CaptureFixture[str], as_of: str, states: list[str]
) -> None:
    assert [one["state"] for one in history(home, capsys, "--lang", "en", "--as-of", as_of)] == states


def test_a_version_loaded_late_may_be_an_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Versions replace one another by the time of their change, not by the day their file arrived."""
    home = tmp_path / "workspace"
    for name, updated, fine in (("cases__b.csv", "2026-11-08", "2"), ("cases__a.csv", "2026-10-06", "1")):
        (tmp_path / name).write_text(
            f"{HEAD}\nA1,B01,M1,patrol,simple,张三,2026-10-05,{fine},2026-10-06,{updated},\n", encoding="utf-8"
        )
        assert run(["--home", str(home), "load", str(tmp_path / name)]) == 0
    capsys.readouterr()
    found = history(home, capsys, "--lang", "en")
    assert [(one["file"], one["state"]) for one in found] == [
        ("cases__a.csv", "superseded by version 2"),
        ("cases__b.csv", "counts"),
    ]


def test_a_table_for_people_names_no_person(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--home", str(home), "explain", "--record", "cases/A1"]) == 0
    told = capsys.readouterr().out
    assert "处罚案件 cases/A1" in told
    assert "撤回" in told
    assert "张三" not in told


def test_a_key_of_several_parts_and_a_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "workspace"
    for day, valid_to in ((1, ""), (2, "2026-12-31")):
        (tmp_path / "powers.csv").write_text(
            f"subject_id,matter_id,valid_from,valid_to,origin\nB01,M1,2024-01-01,{valid_to},devolved\n",
            encoding="utf-8",
        )
        arguments = ["load", str(tmp_path / "powers.csv"), "--loaded-at", f"2026-11-0{day}"]
        assert run(["--home", str(home), *arguments]) == 0
    capsys.readouterr()
    found = history(home, capsys, "--lang", "en", record="powers/B01|M1|2024-01-01")
    assert [(one["changes"], one["state"]) for one in found] == [
        ("", "superseded by version 2"),
        ("valid_to (empty) → 2026-12-31", "counts"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--record", "cases/A9"], "no version of it was ever loaded"),
        (["--record", "cases"], "write ENTITY/KEY"),
        (["--record", "fines/A1"], "The entities are"),
        (["--record", "cases/A1", "--as-of", "soon"], "`soon` is not a date or time"),
        (["--record", "cases/A1", "--month", "2026-10"], "or --record alone"),
        (["performance_rate"], "give an indicator with --entity"),
    ],
)
def test_a_wrong_question_is_told_what_is_right(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(["--home", str(home), "explain", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_times_are_those_of_the_files(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = [datetime.fromisoformat(one["known_at"]) for one in history(home, capsys)]
    assert known == [datetime(2026, 10, 6), datetime(2026, 11, 4), datetime(2026, 11, 8), datetime(2026, 12, 1)]
