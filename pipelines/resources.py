"""The one resource of the graph: the workspace that assets read and write."""

from pathlib import Path

import dagster as dg

from pipelines.settings import Workspace


class WorkspaceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Gives the workspace; `home` empty means `HENGFA_HOME`, else `./workspace`."""

    home: str = ""

    def workspace(self) -> Workspace:
        """The workspace with its folders made."""
        return Workspace.at(Path(self.home) if self.home else None).prepare()
