"""The rows of a query as a Polars frame."""

from typing import Any

import duckdb
import polars as pl


def frame_of(connection: duckdb.DuckDBPyConnection, query: str, parameters: Any = None) -> pl.DataFrame:
    """The result of `query`; it goes through Arrow, so no value is converted one by one."""
    frame = pl.from_arrow(connection.sql(query, params=parameters).to_arrow_table())
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(f"a query gives a table, not a {type(frame).__name__}")
    return frame
