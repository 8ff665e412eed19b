"""What one run of the assessment is told beside its month."""

from datetime import datetime
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipelines.warehouse.months import Month, parse_as_of


class LandingConfig(dg.Config):
    """Where the exports are and when they are taken to have been loaded."""

    inbox: list[str] = Field(default_factory=list, description="Files or folders; empty means the workspace's inbox.")
    mapping: str = Field(default="", description="A mapping file for exports that do not follow the contract.")
    loaded_at: str = Field(description="The time of the load, ISO, Asia/Shanghai.")

    def paths(self, default: Path) -> list[Path]:
        """The paths to load."""
        return [Path(path) for path in self.inbox] or [default]


class MonthConfig(dg.Config):
    """Up to when records are taken as known."""

    as_of: str = Field(default="", description="ISO; empty means the end of the 5th day after the month.")

    def moment(self, month: Month) -> datetime:
        """The as_of of the run."""
        return parse_as_of(self.as_of) if self.as_of else month.default_as_of
