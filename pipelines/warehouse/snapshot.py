"""A copy of the warehouse as it was loaded, for an audit that runs while the warehouse is being built.

DuckDB lets nobody read a file that a process writes. A copy of the file of a district takes a fifth of a second; one
that is larger than `LARGEST` is not made, and its audit waits until the build has ended.
"""

import shutil
from pathlib import Path

from pipelines import log
from pipelines.settings import Workspace

#: Copying more than this takes longer than the audit beside the build saves.
LARGEST = 2 * 1024**3


def path_of(workspace: Workspace) -> Path:
    """Where the copy stands while it is needed."""
    return workspace.home / "warehouse.landed.duckdb"


def take(workspace: Workspace) -> Path | None:
    """Copy the warehouse, which nobody may have open; None where it is too large, or cannot be copied."""
    remove(workspace)
    copy, size = path_of(workspace), workspace.warehouse.stat().st_size
    if size > LARGEST or workspace.warehouse.with_suffix(".duckdb.wal").exists():
        return None
    try:
        # It holds what the warehouse holds: nobody else may read it, also while it grows.
        copy.touch(mode=0o600)
        shutil.copyfile(workspace.warehouse, copy)
    except OSError as error:
        # A full disk, most of all. The audit reads the warehouse itself, later.
        log.event("no_snapshot", reason=type(error).__name__)
        remove(workspace)
        return None
    return copy


def remove(workspace: Workspace) -> None:
    """Remove the copy, or what a killed run left of it; nothing happens if there is none."""
    path_of(workspace).unlink(missing_ok=True)
