"""The workspace and its settings file."""

import pytest

from pipelines.errors import SettingError
from pipelines.settings import Settings, Workspace


def test_home_is_the_argument_else_the_environment_else_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("HENGFA_HOME", str(tmp_path / "from_environment"))
    assert Workspace.at(tmp_path / "given").home == tmp_path / "given"
    assert Workspace.at().home == tmp_path / "from_environment"
    monkeypatch.delenv("HENGFA_HOME")
    monkeypatch.chdir(tmp_path)
    assert Workspace.at().home == tmp_path / "workspace"


def test_the_settings_file_that_is_made_holds_the_defaults(tmp_path):
    workspace = Workspace.at(tmp_path).prepare()
    assert workspace.settings() == Settings()
    lines = workspace.settings_file.read_text(encoding="utf-8").splitlines()
    shown = "\n".join(line.removeprefix("# ") for line in lines if line.startswith("# ") and " = " in line)
    workspace.settings_file.write_text(shown, encoding="utf-8")
    assert workspace.settings() == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("threads = 0", "`threads`"),
        ("memory_limit = 'much'", "`memory_limit`"),
        ("colour = 'red'", "Settings are: language, threads"),
        ("threads = ", "not readable as TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, message):
    workspace = Workspace.at(tmp_path)
    workspace.settings_file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError) as refused:
        workspace.settings()
    assert message in str(refused.value)
