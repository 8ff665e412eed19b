"""The audit in a process of its own, which imports Great Expectations while files are still being loaded.

The import takes some seconds of pure Python; in a second process it runs on the second core. The process
opens the warehouse read-only, so the caller must have closed it.
"""

import os
from datetime import date, datetime
from pathlib import Path

from expectations.audit import AuditResult, Border, run_audit, run_effects, warm_up
from pipelines.contract.loader import load_contracts
from pipelines.own_process import Asked, OwnProcess
from pipelines.warehouse.dbt_project import declarations


def _warm() -> None:
    # The build and the edition are waited for, the audit beside them is not: they come first where both want a core.
    os.nice(10)
    # What the import gives cannot be sent to another process.
    warm_up()


_process = OwnProcess(_warm)


def start() -> None:
    """Start the process and its import; nothing happens if it runs."""
    _process.start()


def ask(
    warehouse: Path,
    *,
    border: Border,
    month: date,
    as_of: datetime,
    work: Path,
    expected: Path | None = None,
    with_effects: bool = True,
) -> Asked:
    """Begin `run_audit` over `warehouse`, in the process; `get()` waits for the AuditResult and raises errors.

    What is asked for while another audit runs waits for it.
    """
    return _process.ask(_run, warehouse, border, month, as_of, work, expected, with_effects)


def ask_for_effects(warehouse: Path, *, month: date, work: Path, expected: Path | None = None) -> Asked:
    """Begin `run_effects` over what dbt has built, in the process; `get()` waits for it and raises errors."""
    return _process.ask(_run_effects, warehouse, month, work, expected)


def release() -> None:
    """Let the process end by itself while the caller goes on."""
    _process.release()


def stop() -> None:
    """End the process, also in the middle of its import or of an audit."""
    _process.stop()


def _run_effects(warehouse: Path, month: date, work: Path, expected: Path | None) -> None:
    run_effects(
        warehouse,
        contracts=load_contracts(),
        month=month,
        work=work,
        expected=expected,
        indicators=declarations(on=month),
    )


def _run(
    warehouse: Path,
    border: Border,
    month: date,
    as_of: datetime,
    work: Path,
    expected: Path | None,
    with_effects: bool,
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
        with_effects=with_effects,
    )
