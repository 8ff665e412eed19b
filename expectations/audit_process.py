"""The audit in a process of its own, which imports Great Expectations while files are still being loaded.

The import costs 6 to 9 s of pure Python (stack: GX pulls pandas, SciPy and Altair); in a second
process it runs on the second core. The process opens the warehouse read-only, so the caller must
have closed it.
"""

import multiprocessing
from datetime import date, datetime
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import Any

from expectations.audit import AuditResult, Border, run_audit, warm_up
from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import declarations

#: The process, and what it was last asked to do.
_pools: list[tuple[Pool, "AsyncResult[Any]"]] = []
#: Processes that were let go and have not been waited for.
_ending: list[Pool] = []


def start() -> Pool:
    """Start the process and its import; a second call gives the one that runs."""
    if not _pools:
        # Spawned and not forked: DuckDB and Polars have threads that a fork would leave half alive.
        pool = multiprocessing.get_context("spawn").Pool(1)
        _pools.append((pool, pool.apply_async(_warm)))
    return _pools[0][0]


def audit(
    warehouse: Path, *, border: Border, month: date, as_of: datetime, work: Path, expected: Path | None = None
) -> AuditResult:
    """`run_audit` over what dbt has built, in the process; its errors are raised here."""
    pool = start()
    asked: AsyncResult[AuditResult] = pool.apply_async(_run, (warehouse, border, month, as_of, work, expected))
    _pools[0] = (pool, asked)
    return asked.get()


def release() -> None:
    """Let the process end by itself while the caller goes on: what its libraries hold takes 0.7 s to give back."""
    while _pools:
        pool, _ = _pools.pop()
        pool.close()
        _ending.append(pool)


def stop() -> None:
    """End the process, also in the middle of its import or of an audit.

    A process that is idle ends by itself, so that what its libraries hold is given back; one that is killed
    leaves the lock of a progress bar behind, which Python complains of.
    """
    while _pools:
        pool, asked = _pools.pop()
        if asked.ready():
            pool.close()
        else:
            pool.terminate()
        _ending.append(pool)
    while _ending:
        _ending.pop().join()


def _warm() -> None:
    # What the import gives cannot be sent to another process.
    warm_up()


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
        indicators=declarations(on=month),
    )
