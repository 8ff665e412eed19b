"""The list of mistakes fits the dbt project as it is; `make mutations` tries them."""

from pathlib import Path

import pytest

from tests.mutations.__main__ import main
from tests.mutations.mistakes import MISTAKES, Mistake

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_the_text_of_a_mistake_stands_once_in_its_file_and_its_test_exists(mistake: Mistake) -> None:
    text = mistake.text()
    assert mistake.applied_to(text) != text
    file, _, name = mistake.test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["select 1", "where a <= b and c\nwhere a <= b"])
def test_a_text_that_stands_nowhere_or_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not once"):
        Mistake("name", "file.sql", "where a <= b", "where a < b", "").applied_to(text)


def test_a_word_of_no_mistake_is_named_beside_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["UNKNOWN"]) == 2
    said = capsys.readouterr().err
    assert "No mistake has a name with `UNKNOWN` in it" in said
    assert all(mistake.name in said for mistake in MISTAKES)
