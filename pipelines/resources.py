"""The one resource of the graph: the workspace that assets read and write."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pipelines.settings import Workspace
from pipelines.warehouse.connection import hold_warehouse, is_held_here


class WorkspaceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Gives the workspace and holds its warehouse for as long as the run lasts.

    `home` empty means `HENGFA_HOME`, else `./workspace`. A run in one process makes its resources once, before its
    first step, and drops them after the last: no other run comes between two steps, whoever started this one. Raises
    WarehouseBusyError, which fails the run, if another process holds the warehouse.
    """

    home: str = ""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WorkspaceResource"]:
        """The resource, under the lock that `hengfa run` may have taken already."""
        workspace = self.workspace()
        if is_held_here(workspace):
            yield self
            return
        run = context.run
        month = run.tags.get("dagster/partition", "") if run is not None else ""
        with hold_warehouse(workspace, purpose=f"{run.job_name if run is not None else 'dagster'} {month}".strip()):
            yield self

    def workspace(self) -> Workspace:
        """The workspace with its folders made."""
        return Workspace.at(Path(self.home) if self.home else None).prepare()
