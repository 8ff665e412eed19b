"""What a command that is called wrongly says, and that it ends with 2."""

from pathlib import Path

import pytest

from pipelines.cli.application import run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # `--home` sets the variable for the whole process: it is set here, so that it is put back.
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["forms"], "hengfa forms --help"),
        (["--home", "{home}", "forms"], "hengfa forms --help"),
        (["--home={home}", "appeals", "import"], "hengfa appeals import --help"),
        (["--debug", "explain", "--limit", "many"], "hengfa explain --help"),
        (["appeals", "nothing"], "hengfa appeals --help"),
        (["nothing"], "hengfa --help"),
    ],
)
def test_the_command_that_was_called_wrongly_is_named(
    arguments: list[str], named: str, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HENGFA_DEBUG", "")
    assert run([argument.format(home=home) for argument in arguments]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"用法见 Usage: {named}"


@pytest.mark.parametrize(
    "arguments",
    [
        ["appeals", "import", "{missing}"],
        ["sample", "read", "{missing}"],
        ["load", "{missing}"],
        ["load", "{home}", "--mapping", "{missing}"],
        ["run", "2026-10", "--mapping", "{missing}"],
        ["run", "2026-10", "--inbox", "{missing}"],
        ["map", "new", "{missing}"],
        ["map", "check", "{missing}", "{home}"],
        ["scheme", "check", "{missing}"],
    ],
)
def test_a_path_that_does_not_exist_is_wrong_usage(
    arguments: list[str], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "没有.xlsx"
    assert run([argument.format(home=home, missing=missing) for argument in arguments]) == 2
    assert str(missing) in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "lawful_rate", "--limit", "-3"],
        ["explain", "lawful_rate", "--limit", "0"],
        ["diff", "2026-09", "2026-10", "--limit", "-1"],
        ["sample", "draw", "2026-10", "{home}.xlsx", "--seed", "-1"],
        ["ui", "--port", "-1"],
        ["ui", "--port", "65536"],
        ["demo", "{home}", "--scale", "0"],
        ["demo", "{home}", "--scale", "nan"],
        ["demo", "{home}", "--defects", "-0.1"],
        ["demo", "{home}", "--seed", "-1"],
    ],
)
def test_a_number_out_of_bounds_is_refused_with_its_option(
    arguments: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([argument.format(home=home) for argument in arguments]) == 2
    assert arguments[-2] in capsys.readouterr().err
    assert not home.exists()
