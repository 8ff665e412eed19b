"""The dbt-duckdb plugin: statistical functions that SQL does not have, as functions of the connection.

Exact Poisson limits need the inverse of the chi-squared distribution (Garwood 1936); DuckDB has
none, so two vectorised functions come from SciPy. Macros in `dbt_project/macros/intervals.sql` are
the only place that names them.
"""

from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.warehouse.intervals import register_interval_functions


class Plugin(BasePlugin):
    """Registers `poisson_lower` and `poisson_upper` on every connection dbt opens."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Nothing to prepare."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Make the functions known to `conn`."""
        register_interval_functions(conn)
