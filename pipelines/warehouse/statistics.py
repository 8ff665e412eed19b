"""Every statistical function that SQL lacks, made known to a connection in one call."""

import duckdb

from pipelines.warehouse.intervals import register_interval_functions
from pipelines.warehouse.tails import register_tail_functions


def register_statistics(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the exact Poisson limits and the tail probabilities on the connection."""
    register_interval_functions(connection)
    register_tail_functions(connection)
