"""The copy of the warehouse that is audited while it is built: whole and private, or none."""

import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Workspace
from pipelines.warehouse import snapshot


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.at(tmp_path).prepare()
    with duckdb.connect(str(made.warehouse)) as connection:
        connection.execute("create table landed as select range as number from range(1000)")
    return made


def test_the_copy_says_what_the_warehouse_says_and_is_for_its_owner_alone(workspace: Workspace) -> None:
    # What a killed run left is replaced.
    snapshot.path_of(workspace).write_bytes(b"half a copy")
    copy = snapshot.take(workspace)
    assert copy == snapshot.path_of(workspace)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("select sum(number) from landed").fetchone() == (999 * 1000 / 2,)
    snapshot.remove(workspace)
    assert not copy.exists()
    snapshot.remove(workspace)


def test_a_large_warehouse_and_one_that_is_not_closed_are_not_copied(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = workspace.warehouse.stat().st_size
    monkeypatch.setattr(snapshot, "LARGEST", size - 1)
    assert snapshot.take(workspace) is None
    monkeypatch.setattr(snapshot, "LARGEST", size)
    assert snapshot.take(workspace) is not None
    workspace.warehouse.with_suffix(".duckdb.wal").write_bytes(b"not yet in the file")
    assert snapshot.take(workspace) is None
    assert not snapshot.path_of(workspace).exists()


def test_a_copy_that_cannot_be_made_is_no_error_and_leaves_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, copy: Path) -> None:
        copy.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert snapshot.take(workspace) is None
    assert not snapshot.path_of(workspace).exists()
