"""The dbt-duckdb plugin: statistical functions that SQL does not have, as functions of the connection.

Exact Poisson limits need the inverse of the chi-squared distribution (Garwood 1936), the tests behind
integrity signals need tail probabilities; DuckDB has neither, so vectorised functions come from SciPy.
The macros in `dbt_project/macros/intervals.sql` and `tails.sql` are the only places that name them.
"""

from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.warehouse.statistics import register_statistics


class Plugin(BasePlugin):
    """Registers the statistical functions on every connection dbt opens."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Nothing to prepare."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Make the functions known to `conn`."""
        register_statistics(conn)
