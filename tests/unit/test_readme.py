"""The README names every command, in both languages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_VERBS = {"__init__", "__main__", "application", "machine", "output", "progress", "record_history", "summary"}


@pytest.fixture(scope="module")
def halves() -> list[str]:
    """The Chinese half and the English half."""
    return (ROOT / "README.md").read_text(encoding="utf-8").split("\n---\n")[:2]


@pytest.mark.parametrize(
    "verb", sorted(path.stem for path in (ROOT / "pipelines" / "cli").glob("*.py") if path.stem not in NOT_VERBS)
)
def test_both_halves_name_the_command(halves: list[str], verb: str) -> None:
    for half in halves:
        assert re.search(rf"`hengfa {verb}\b", half), verb


def test_both_halves_have_the_same_rows_of_commands(halves: list[str]) -> None:
    chinese, english = (re.findall(r"^\| (`hengfa .*?) \| ", half, flags=re.M) for half in halves)
    assert chinese == english
    assert len(chinese) > 10
