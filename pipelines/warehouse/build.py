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

import duckdb

from pipelines import log
from pipelines.errors import WarehouseError
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import PARSED_FILE, PROJECT_DIRECTORY, ensure_parsed
from pipelines.warehouse.months import Month


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


def set_run(connection: duckdb.DuckDBPyConnection, month: Month, as_of: datetime) -> None:
    """Make `month` and `as_of` the run that dbt builds: the one row of `control.run`."""
    connection.execute("delete from control.run")
    connection.execute("insert into control.run values (?, ?)", [month.first_day, as_of])


def build(
    workspace: Workspace,
    *,
    select: str | None = None,
    variables: Mapping[str, float | str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[NodeResult]:
    """Build every model and run every data test; the warehouse must not be open in this process.

    `select` is a dbt selection; `variables` are values that a scheme sets for the project's variables;
    `progress` is told the name of each node that ends. Raises WarehouseError naming the nodes that failed
    and what dbt said.
    """
    ensure_parsed()
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    settings = workspace.settings()
    os.environ.update(
        {
            "HENGFA_WAREHOUSE": str(workspace.warehouse),
            "HENGFA_THREADS": str(settings.threads),
            "HENGFA_MEMORY_LIMIT": settings.memory_limit,
            "DO_NOT_TRACK": "1",
        }
    )
    parsed = Manifest.from_msgpack(PARSED_FILE.read_bytes())
    parsed.build_flat_graph()

    def on_event(event: object) -> None:
        info = getattr(event, "info", None)
        if progress is not None and info is not None and info.name in ("LogModelResult", "LogTestResult"):
            progress(event.data.node_info.node_name)  # type: ignore[attr-defined]

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
    # dbt changes the working directory to the project's and leaves it so.
    here = Path.cwd()
    try:
        done = dbtRunner(manifest=parsed, callbacks=[on_event]).invoke(arguments)
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
    for item in results:
        log.event("dbt_node", name=item.name, status=item.status, seconds=f"{item.seconds:.3f}")
    failed = [item for item in results if item.status in ("error", "fail", "runtime error")]
    if failed:
        told = "\n".join(f"  {item.resource_type} {item.name}: {item.message.strip()[:600]}" for item in failed)
        raise WarehouseError(f"the warehouse was not built, {len(failed)} of {len(results)} nodes failed:\n{told}")
    if not results:
        raise WarehouseError(f"dbt built nothing for the selection `{select}`. Name a model of dbt_project/models.")
    return results


def _close_dbt_connection() -> None:
    """Release the DuckDB file: dbt-duckdb keeps it open for the life of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    # The environment is closed and not only forgotten, since DuckDB frees the file when the last handle is closed.
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
