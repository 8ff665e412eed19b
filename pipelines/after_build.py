"""What is worked on beside the build and after it: the audits at both borders, and the draft of the edition.

The steps of the graph begin it and wait for it (`pipelines.ahead` hands it from one to the other).
"""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expectations import audit_process
from expectations.audit import AuditResult, Border
from expectations.suite_model import BORDERS
from pipelines import log, warm_up
from pipelines.contract.loader import load_contracts
from pipelines.editions.draft import Draft, begin_draft, judge_draft, write_built
from pipelines.own_process import Asked
from pipelines.settings import Workspace
from pipelines.warehouse import snapshot
from pipelines.warehouse.connection import open_for_reading
from pipelines.warehouse.months import Month

#: What a run hands over: what was begun after the build, and the draft of the edition.
BEGUN, DRAFT = "begun", "draft"


class Begun(NamedTuple):
    """What was begun when the build had ended.

    The audit's process was asked for both borders, and for effects where landed records were judged before; a thread
    writes what was built into the draft of the edition, and gives what is new since the edition before.
    """

    landed: Asked
    effects: Asked | None
    published: Asked
    draft: Draft
    restated: Future[pl.DataFrame]


def ask_for_landed(home: Workspace, month: Month, as_of: datetime) -> Asked | None:
    """Begin the audit of landed records beside the build, on a copy of the warehouse; None where no copy is made."""
    copy = snapshot.take(home)
    return None if copy is None else _ask(home, month, as_of, copy, BORDERS[0], with_effects=False)


def begin_after_build(home: Workspace, month: Month, as_of: datetime, landed: Asked | None = None) -> Begun:
    """Begin what is still to be audited now that the warehouse is built, and the edition.

    `landed` is the audit of landed records if it was begun beside the build.
    """
    effects = None
    if landed is None:
        landed = _ask(home, month, as_of, home.warehouse, BORDERS[0], with_effects=True)
    else:
        effects = audit_process.ask_for_effects(
            home.warehouse, month=month.first_day, work=home.audit_of(month), expected=home.expected_file
        )
    published = _ask(home, month, as_of, home.warehouse, BORDERS[1], with_effects=False)
    draft = begin_draft(home, month=month, as_of=as_of)
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="draft")
    restated = thread.submit(_write_built, home, draft)
    thread.shutdown(wait=False)
    return Begun(landed, effects, published, draft, restated)


def _write_built(home: Workspace, draft: Draft) -> pl.DataFrame:
    with open_for_reading(home) as connection:
        return write_built(connection, load_contracts(), draft)


def _ask(home: Workspace, month: Month, as_of: datetime, file: Path, border: Border, *, with_effects: bool) -> Asked:
    return audit_process.ask(
        file,
        border=border,
        month=month.first_day,
        as_of=as_of,
        work=home.audit_of(month),
        expected=home.expected_file,
        with_effects=with_effects,
    )


def finish(home: Workspace, begun: Begun) -> tuple[AuditResult, AuditResult]:
    """What the audits found; the draft of the edition is whole but for them."""
    log.progress("audit", 0, len(BORDERS), BORDERS[0])
    try:
        landed = begun.landed.get()
        log.progress("audit", 1, len(BORDERS), BORDERS[1])
        warm_up.finish()
        with open_for_reading(home) as connection:
            judge_draft(connection, home, load_contracts(), begun.draft, landed.relations)
        if begun.effects is not None:
            begun.effects.get()
        published = begun.published.get()
        begun.draft.restated = begun.restated.result()
    except BaseException:
        # The thread may be writing still.
        wait([begun.restated])
        begun.draft.discard()
        raise
    finally:
        snapshot.remove(home)
    log.progress("audit", len(BORDERS), len(BORDERS))
    return landed, published


def abandon(home: Workspace) -> None:
    """Stop the audit beside a build that failed, and remove the copy that it reads."""
    audit_process.stop()
    snapshot.remove(home)
