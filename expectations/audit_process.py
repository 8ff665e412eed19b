"""The audit in a process of its own, which imports Great Expectations while files are still being loaded.

The import costs 6 to 9 s of pure Python (stack: GX pulls pandas, SciPy and Altair); in a second
process it runs on the second core. The process opens the warehouse read-only, so the caller must
have closed it.
"""

import atexit
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from pathlib import Path

from expectations.audit import AuditResult, Border, run_audit, warm_up
from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import declarations

_pool: ProcessPoolExecutor | None = None


def start() -> ProcessPoolExecutor:
    """Start the process and its import; a second call gives the one that runs."""
    global _pool
    if _pool is None:
        context = multiprocessing.get_context("spawn")
        _pool = ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_end_quietly)
        _pool.submit(warm_up)
    return _pool


def audit(
    warehouse: Path, *, border: Border, month: date, as_of: datetime, work: Path, expected: Path | None = None
) -> AuditResult:
    """`run_audit` over what dbt has built, in the process; its errors are raised here."""
    return start().submit(_run, warehouse, border, month, as_of, work, expected).result()


def stop() -> None:
    """End the process."""
    global _pool
    if _pool is not None:
        _pool.shutdown(wait=True, cancel_futures=True)
        _pool = None


def _end_quietly() -> None:
    # DuckDB's bindings report leaked objects on standard error while the interpreter is taken down.
    atexit.register(os._exit, 0)


def _run(
    warehouse: Path, border: Border, month: date, as_of: datetime, work: Path, expected: Path | None
) -> AuditResult:
    return run_audit(
        warehouse,
        border=border,
        contracts=load_contracts(),
        month=month,
        as_of=as_of,
        work=work,
        expected=expected,
        indicators=declarations(),
    )
