"""Imports what later steps need while files are being loaded.

dbt and SciPy cost 4 s of imports. Loading leaves the interpreter free much of the time, since
Polars and DuckDB work outside it, so that a thread can do them meanwhile.
"""

import threading
from importlib import import_module

#: In the order in which a run needs them.
MODULES = (
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "dbt.artifacts.schemas.run",
    "dbt.task.build",
    "scipy.special",
    "pipelines.editions.judgement",
    "reports.site",
)


def start() -> threading.Thread:
    """Begin the imports in a thread that does not keep the process alive."""
    thread = threading.Thread(target=_import_all, name="warm_up", daemon=True)
    thread.start()
    return thread


def _import_all() -> None:
    for name in MODULES:
        import_module(name)
