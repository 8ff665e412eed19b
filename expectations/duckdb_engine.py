"""Great Expectations over DuckDB: every expectation is SQL that DuckDB runs, no record leaves it.

Out of the box no expectation works: Great Expectations hands the connection back before it reads the
result, and the pool's rollback voids a DuckDB result that is still unread
(great_expectations#11579). The execution engine here reads each result to the end first.

Importing Great Expectations takes some seconds, 1.6 of CPU, so nothing here imports it until `warm_up()`, which may be
called in a thread while something else works, or `open_data_source()` is called.
"""

import logging
import os
import threading
import warnings
from functools import cache
from types import SimpleNamespace
from typing import Any

import duckdb

from expectations.deferred_imports import deferred

#: The name under which data sources register with Great Expectations: `context.data_sources.add_duckdb`.
DATA_SOURCE_TYPE = "duckdb"


_loading = threading.Lock()


def warm_up() -> SimpleNamespace:
    """Import Great Expectations once and register what this project adds to it; safe in threads.

    Gives a namespace with `gx` (the package), `context` (an ephemeral context: it writes no file), and
    the project's own `DuckDBExecutionEngine` and `ExpectNoFailingRecords`.
    """
    with _loading:
        return _load()


@cache
def _load() -> SimpleNamespace:
    # Nothing may phone home; the variable is read while the package is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ["TQDM_DISABLE"] = "1"
    # A chart and two statistical tests of columns, which no suite asks for, would cost a third of the import.
    with warnings.catch_warnings(), deferred("altair", "scipy.stats"):
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

        from expectations import gx_extensions

    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    # Without this it would leave a folder for HTML pages behind; ours are made elsewhere.
    kept_in_memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=kept_in_memory))
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    return SimpleNamespace(
        gx=gx,
        context=context,
        DuckDBExecutionEngine=gx_extensions.DuckDBExecutionEngine,
        ExpectNoFailingRecords=gx_extensions.ExpectNoFailingRecords,
    )


def open_data_source(connection: duckdb.DuckDBPyConnection, *, name: str) -> Any:
    """A data source called `name` that runs on `connection`, with its temporary views and macros.

    The caller owns the connection, and calls `close_data_source(name)` before closing it.
    """
    context = warm_up().context
    from duckdb_engine import ConnectionWrapper

    return context.data_sources.add_duckdb(
        name, connection_string="duckdb://", kwargs={"creator": lambda: ConnectionWrapper(connection)}
    )


def close_data_source(name: str) -> None:
    """Forget the data source; its connection stays open, it is the caller's."""
    warm_up().context.data_sources.delete(name)
