"""`hengfa report`: from an edition of the workspace to its site."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli.report import report
from pipelines.errors import UsageError
from tests.browser.edition_fixture import MONTH, write_edition

application = typer.Typer()
application.command()(report)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("workspace")
    (home / "editions").mkdir()
    write_edition(home / "editions")
    return home


def test_the_site_is_made_and_its_pages_are_named(home: Path) -> None:
    done = CliRunner().invoke(application, [MONTH, "--lang", "en"], env={"HENGFA_HOME": str(home)})
    assert done.exit_code == 0, done.output
    assert str(home / "site" / MONTH / "en" / "index.html") in done.output
    assert not (home / "site" / MONTH / "zh").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([MONTH, "--format", "html,docx"], "docx.*html"),  # names what cannot be made, and what can
        ([MONTH, "--lang", "fr"], "fr.*zh, en"),
        (["2020-01"], r"2020-01.*2026-10"),
    ],
)
def test_a_wrong_argument_is_refused_with_the_choices(home: Path, arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(application, arguments, env={"HENGFA_HOME": str(home)})
    assert isinstance(done.exception, UsageError)
    with pytest.raises(UsageError, match=words):
        raise done.exception
