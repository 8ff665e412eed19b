"""The build in a process of its own, which imports dbt while files are still being loaded.

The imports cost 2.5 s of pure Python, and the models another 5 s: beside them Dagster begins the run and imports
what publication needs. The process opens the warehouse for writing, so the caller must have closed it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

from pipelines import log
from pipelines.own_process import OwnProcess, tell
from pipelines.settings import Workspace
from pipelines.warehouse import build as builder
from pipelines.warehouse.build import NodeEnd, NodeResult

#: What the build needs, in the order of need.
IMPORTED = (
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "dbt.artifacts.schemas.run",
    "dbt.task.build",
    "scipy.special",
)


def _warm() -> None:
    for name in IMPORTED:
        import_module(name)
    builder.read_manifest()


_process = OwnProcess(_warm)


def start() -> None:
    """Start the process and its imports; nothing happens if it runs."""
    _process.start()


def build(
    workspace: Workspace,
    *,
    variables: Mapping[str, float | str],
    with_views: bool,
    progress: Callable[[str], None],
) -> list[NodeResult]:
    """`build.build` of every model (views only `with_views`) and test, in the process; its errors are raised here.

    `progress` is told the name of each node that ends.

    The process ends afterwards: what dbt and DuckDB hold is given back.
    """

    def ended(node: NodeEnd) -> None:
        log.event("dbt_node", name=node.name, status=node.status, seconds=f"{node.seconds:.3f}")
        progress(node.name)

    try:
        results: list[NodeResult] = _process.ask(_build, workspace, dict(variables), with_views).get(ended)
    finally:
        _process.release()
    return results


def stop() -> None:
    """End the process, also in the middle of a build, and wait for one that was let go."""
    _process.stop()


def _build(workspace: Workspace, variables: dict[str, float | str], with_views: bool) -> list[NodeResult]:
    return builder.build(workspace, variables=variables, with_views=with_views, progress=tell)
