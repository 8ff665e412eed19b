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
        ("whole_file = 'all'", "`whole_file`"),
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


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 200_000_000),  # 4 GB / 20
        ({"memory_limit": "1GiB"}, 53_687_091),  # 1,073,741,824 / 20
        ({"memory_limit": "1GiB", "whole_file": "0.5MB"}, 500_000),
    ],
)
def test_what_is_held_of_a_file_follows_the_memory_limit_unless_it_is_set(settings, size):
    assert Settings(**settings).whole_file_bytes == size
