"""Opens the warehouse: one writer under a lock that says who holds it, readers read-only.

An update of one DuckDB file by two processes fails with "Could not set lock on file"
(dagster#18746); the lock here fails earlier and names the holder.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipelines.contract.loader import load_contracts
from pipelines.errors import WarehouseBusyError, WarehouseError
from pipelines.settings import Workspace
from pipelines.warehouse.calendar import write_calendar
from pipelines.warehouse.raw_tables import create_raw_tables, missing_fields

#: So long a lock is waited for at least: `is_held` of another process takes it for a moment to see whether it is free.
GLANCE_SECONDS = 0.5

#: The lock files that this process holds.
_held: set[Path] = set()


def connect(path: Path, *, read_only: bool, threads: int = 2, memory_limit: str = "4GB") -> duckdb.DuckDBPyConnection:
    """A connection that never downloads an extension; the caller closes it."""
    connection = duckdb.connect(
        str(path),
        read_only=read_only,
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
        },
    )
    # The bar would be drawn into the lines of a run; the command line shows progress of its own.
    connection.execute("set enable_progress_bar = false")
    return connection


@contextmanager
def hold_warehouse(workspace: Workspace, *, purpose: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Be the one writer of the workspace while the block runs.

    Raises WarehouseBusyError naming the holder's purpose and process if another holds it longer
    than `wait_seconds` (half a second at least). The lock is the operating system's: a killed holder frees it.
    """
    workspace.prepare()
    lock = FileLock(str(workspace.lock_file))
    note = workspace.lock_file.with_suffix(".json")
    try:
        lock.acquire(timeout=max(wait_seconds, GLANCE_SECONDS))
    except Timeout as error:
        holder = "another process"
        if note.exists():
            said = json.loads(note.read_text(encoding="utf-8") or "{}")
            holder = f"`{said.get('purpose', '?')}` (process {said.get('process', '?')})"
        raise WarehouseBusyError(
            f"the warehouse {workspace.warehouse} is held by {holder}. Wait until it ends, then start again."
        ) from error
    _held.add(workspace.lock_file)
    try:
        note.write_text(json.dumps({"purpose": purpose, "process": os.getpid()}), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        _held.discard(workspace.lock_file)
        lock.release()


def is_held_here(workspace: Workspace) -> bool:
    """Whether this process is inside `hold_warehouse`."""
    return workspace.lock_file in _held


def is_held(workspace: Workspace) -> bool:
    """Whether any process is inside `hold_warehouse`; a killed one is not."""
    if is_held_here(workspace):
        return True
    lock = FileLock(str(workspace.lock_file))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


@contextmanager
def open_for_writing(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse with every raw table present; call inside `hold_warehouse`."""
    settings = workspace.settings()
    is_new = not workspace.warehouse.exists()
    connection = connect(
        workspace.warehouse, read_only=False, threads=settings.threads, memory_limit=settings.memory_limit
    )
    try:
        if is_new:
            # Before anything is written: it holds personal data.
            workspace.warehouse.chmod(0o600)
        create_raw_tables(connection, load_contracts())
        write_calendar(connection, workspace.calendar_file)
        yield connection
    finally:
        connection.close()


@contextmanager
def open_for_reading(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the warehouse.

    Raises WarehouseBusyError while another process writes it, WarehouseError if fields were added to the contract since
    it was last written.
    """
    settings = workspace.settings()
    try:
        connection = connect(
            workspace.warehouse, read_only=True, threads=settings.threads, memory_limit=settings.memory_limit
        )
    except duckdb.IOException as error:
        if "Could not set lock" not in str(error):
            raise
        raise WarehouseBusyError(
            f"the warehouse {workspace.warehouse} is being written. Wait until it ends, then start again."
        ) from error
    try:
        missing = missing_fields(connection, load_contracts())
        if missing:
            raise WarehouseError(
                f"the warehouse does not have {', '.join(missing)} yet, which the contract has by now. "
                "The next `hengfa load` or `hengfa run` adds it."
            )
        yield connection
    finally:
        connection.close()
