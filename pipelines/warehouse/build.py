"""Builds the warehouse for one month: sets the control row, then one dbt build in this process.

One `dbtRunner` call over a manifest that is already parsed costs about 3 s on an empty warehouse;
a call of the dbt command costs 5 s more.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from pipelines.errors import WarehouseError
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import PARSED_FILE, PROJECT_DIRECTORY, ensure_parsed, fingerprint
from pipelines.warehouse.months import Month

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

#: The parse that was read for the next build, under the fingerprint of the project's files.
_read: "list[tuple[str, Manifest]]" = []


@dataclass(frozen=True)
class NodeResult:
    """What dbt did with one model or test.

    `status` is dbt's own word (success, pass, warn, fail, error, skipped); `failures` counts the
    rows a test returned; `seconds` is the time of execution.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str
    failures: int | None
    seconds: float


class NodeEnd(NamedTuple):
    """A node that ended, dbt's own word for how, and after how many seconds."""

    name: str
    status: str
    seconds: float


def set_run(connection: duckdb.DuckDBPyConnection, month: Month, as_of: datetime) -> None:
    """Make `month` and `as_of` the run that dbt builds: the one row of `control.run`."""
    connection.execute("delete from control.run")
    connection.execute("insert into control.run values (?, ?)", [month.first_day, as_of])


def build(
    workspace: Workspace,
    *,
    select: str | None = None,
    with_views: bool = True,
    variables: Mapping[str, float | str] | None = None,
    progress: Callable[[NodeEnd], None] | None = None,
) -> list[NodeResult]:
    """Build every model and run every data test; the warehouse must not be open in this process.

    `select` is a dbt selection; without `with_views` the views stay as they are (`views.stand` says whether they may);
    `variables` are values that a scheme sets for the project's variables; `progress` is told of each node that ends.
    Raises WarehouseError naming the nodes that failed and what dbt said.
    """
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    settings = workspace.settings()
    os.environ.update(
        {
            "HENGFA_WAREHOUSE": str(workspace.warehouse),
            "HENGFA_THREADS": str(settings.threads),
            "HENGFA_MEMORY_LIMIT": settings.memory_limit,
            "DO_NOT_TRACK": "1",
        }
    )

    def on_event(event: object) -> None:
        info = getattr(event, "info", None)
        if progress is not None and info is not None and info.name in ("LogModelResult", "LogTestResult"):
            data = event.data  # type: ignore[attr-defined]
            progress(NodeEnd(data.node_info.node_name, str(data.status), float(data.execution_time)))

    work = workspace.logs / "dbt"
    arguments = [
        "build", "--quiet", "--no-write-json", "--exclude-resource-type", "unit_test",
        "--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(PROJECT_DIRECTORY),
        "--log-path", str(work), "--target-path", str(work / "target"), "--log-level", "none",
    ]  # fmt: skip
    if variables:
        arguments += ["--vars", json.dumps(dict(variables))]
    if select is not None:
        arguments += ["--select", select]
    if not with_views:
        # Only nodes that are named are left out: the tests of a view are still run.
        arguments += ["--exclude", "config.materialized:view", "--indirect-selection", "empty"]
    # dbt changes the working directory to the project's and leaves it so.
    here = Path.cwd()
    try:
        done = dbtRunner(manifest=_take_manifest(), callbacks=[on_event]).invoke(arguments)
    finally:
        os.chdir(here)
        _close_dbt_connection()
    if not isinstance(done.result, RunExecutionResult):
        raise WarehouseError(f"dbt did not run: {done.exception}")
    results = [
        NodeResult(
            unique_id=item.node.unique_id,
            name=item.node.name,
            resource_type=str(item.node.resource_type),
            status=str(item.status),
            message=item.message or "",
            failures=item.failures,
            seconds=item.execution_time,
        )
        for item in done.result.results
    ]
    failed = [item for item in results if item.status in ("error", "fail", "runtime error")]
    if failed:
        told = "\n".join(f"  {item.resource_type} {item.name}: {item.message.strip()[:600]}" for item in failed)
        raise WarehouseError(f"the warehouse was not built, {len(failed)} of {len(results)} nodes failed:\n{told}")
    if not results:
        raise WarehouseError(f"dbt built nothing for the selection `{select}`. Name a model of dbt_project/models.")
    return results


def read_manifest() -> None:
    """Read the parse for the next build: it takes half a second that need not be waited for."""
    ensure_parsed()
    from dbt.contracts.graph.manifest import Manifest

    parsed = Manifest.from_msgpack(PARSED_FILE.read_bytes())
    parsed.build_flat_graph()
    _read[:] = [(fingerprint(), parsed)]


def _take_manifest() -> "Manifest":
    """The parse of the project as it is now, for one build: dbt writes into it what it compiles."""
    if not _read or _read[0][0] != fingerprint():
        read_manifest()
    return _read.pop()[1]


def _close_dbt_connection() -> None:
    """Release the DuckDB file: dbt-duckdb keeps it open for the life of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    # The environment is closed and not only forgotten, since DuckDB frees the file when the last handle is closed.
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
