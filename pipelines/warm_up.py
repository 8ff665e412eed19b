"""Imports what a later step needs while an earlier one leaves the interpreter free.

dbt and SciPy cost 4 s of imports. Loading files happens in Polars and DuckDB, the audit in another process, so
that a thread can import meanwhile.
"""

import threading
from collections.abc import Sequence
from importlib import import_module

#: What the build needs, imported while files are being loaded; in the order of need.
FOR_BUILD = (
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "dbt.artifacts.schemas.run",
    "dbt.task.build",
    "scipy.special",
)
#: What publication needs, imported while the audit runs.
FOR_PUBLICATION = ("pipelines.editions.judgement", "reports.site")


_threads: list[threading.Thread] = []


def start(modules: Sequence[str]) -> None:
    """Begin the imports in a thread that does not keep the process alive."""
    thread = threading.Thread(target=_import_all, args=(modules,), name="warm_up", daemon=True)
    _threads.append(thread)
    thread.start()


def finish() -> None:
    """Wait for what was begun: two threads that enter packages at different ends can meet half-made modules."""
    while _threads:
        _threads.pop().join()


def _import_all(modules: Sequence[str]) -> None:
    for name in modules:
        import_module(name)
