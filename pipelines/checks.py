"""The audit at both borders as asset checks: on landed records, and on results before publication.

An error-level failure on the results blocks the edition; failures on landed records travel with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

import dagster as dg

from expectations import audit_process
from expectations.audit import AuditResult, Border
from expectations.failures import FILE as FAILURES
from pipelines import ahead, log, warm_up
from pipelines.assets.run_config import MonthConfig
from pipelines.contract.loader import load_contracts
from pipelines.editions.freeze import Draft, begin_draft, judge_draft, quality_path, write_built
from pipelines.own_process import Asked
from pipelines.resources import WorkspaceResource
from pipelines.settings import Workspace
from pipelines.warehouse import snapshot
from pipelines.warehouse.connection import open_for_reading
from pipelines.warehouse.months import Month

LANDED_CHECK = "audit_of_landed_records"
PUBLISH_CHECK = "audit_before_publication"
RESULTS = dg.AssetKey(["assessment", "results"])
if TYPE_CHECKING:
    import polars as pl

BORDERS: tuple[Border, ...] = get_args(Border)
#: What a run hands over: what was begun after the build, and the draft of the edition.
BEGUN, DRAFT = "begun", "draft"
#: How many failing rows of a rule a check shows.
SAMPLES = 5


class Begun(NamedTuple):
    """What was begun when the build had ended.

    The audit's process was asked for both borders, and for effects where landed records were judged before; a thread
    writes what was built into the draft of the edition, and gives what is new since the edition before.
    """

    landed: Asked
    effects: Asked | None
    published: Asked
    draft: Draft
    restated: "Future[pl.DataFrame]"


_SPECS = [dg.AssetCheckSpec(LANDED_CHECK, asset=["raw", entity]) for entity in load_contracts().entities] + [
    dg.AssetCheckSpec(PUBLISH_CHECK, asset=RESULTS, blocking=True)
]


@dg.multi_asset_check(specs=_SPECS, name="audit")
def audit(
    context: dg.AssetCheckExecutionContext, config: MonthConfig, workspace: WorkspaceResource
) -> Iterator[dg.AssetCheckResult]:
    """Run both audits inside DuckDB and keep their result for the edition."""
    import polars as pl

    home = workspace.workspace()
    month = Month.parse(context.partition_key)
    target = quality_path(home, month)
    target.unlink(missing_ok=True)
    with log.step("audit"):
        begun = ahead.take(context.run.run_id, BEGUN) or begin_after_build(home, month, config.moment(month))
        landed, published = _await(home, begun)
    audit_process.release()
    target.parent.mkdir(parents=True, exist_ok=True)
    pl.concat([landed.to_frame(), published.to_frame()]).write_parquet(target)
    if published.failed_errors:
        begun.draft.discard()
    else:
        ahead.hand_over(context.run.run_id, DRAFT, begun.draft)
    samples = failing_rows(landed)
    for entity in load_contracts().entities:
        yield check_result(landed, dg.AssetKey(["raw", entity]), LANDED_CHECK, entity, samples)
    yield check_result(published, RESULTS, PUBLISH_CHECK, None, failing_ids(published))


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
            home.warehouse, month=month.first_day, work=_work(home, month), expected=home.expected_file
        )
    published = _ask(home, month, as_of, home.warehouse, BORDERS[1], with_effects=False)
    draft = begin_draft(home, month=month, as_of=as_of)
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="draft")
    restated = thread.submit(_write_built, home, draft)
    thread.shutdown(wait=False)
    return Begun(landed, effects, published, draft, restated)


def _write_built(home: Workspace, draft: Draft) -> "pl.DataFrame":
    with open_for_reading(home) as connection:
        return write_built(connection, load_contracts(), draft)


def _work(home: Workspace, month: Month) -> Path:
    return home.logs / "audit" / str(month)


def _ask(home: Workspace, month: Month, as_of: datetime, file: Path, border: Border, *, with_effects: bool) -> Asked:
    return audit_process.ask(
        file,
        border=border,
        month=month.first_day,
        as_of=as_of,
        work=_work(home, month),
        expected=home.expected_file,
        with_effects=with_effects,
    )


def _await(home: Workspace, begun: Begun) -> tuple[AuditResult, AuditResult]:
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


def failing_ids(result: AuditResult) -> dict[str, list[dict[str, str]]]:
    """Rule → a few of its failing rows, by body and id."""
    found: dict[str, list[dict[str, str]]] = {}
    for (rule, body), records in result.examples.items():
        found.setdefault(rule, []).extend({"body": body or "", "record": record} for record in records)
    return {rule: rows[:SAMPLES] for rule, rows in found.items()}


def failing_rows(result: AuditResult) -> dict[str, list[dict[str, str]]]:
    """Rule → a few of its failing rows as the edition keeps them: personal data masked, with file and row."""
    import polars as pl

    failures = pl.read_parquet(result.relations / FAILURES)
    return {
        str(rule): [
            {
                "body": row["subject_id"] or "",
                "record": row["record_id"] or "",
                "value": row["value"] or "",
                "source": f"{row['source_file']}:{row['source_row']}" if row["source_file"] else "",
            }
            for row in own.head(SAMPLES).iter_rows(named=True)
        ]
        for (rule,), own in failures.group_by("expectation_id", maintain_order=True)
    }


def check_result(
    result: AuditResult,
    key: dg.AssetKey,
    name: str,
    entity: str | None,
    samples: Mapping[str, Sequence[Mapping[str, str]]],
) -> dg.AssetCheckResult:
    """The rules of one entity (all where None) as one check, with what fails and a sample of its rows."""
    rows = [row for row in result.rows if row.subject_id is None and (entity is None or row.entity == entity)]
    failing = [row for row in rows if not row.success]
    errors = [row for row in failing if row.severity == "error"]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not errors,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        metadata={
            "expectations": len(rows),
            "failing": {row.expectation_id: row.failing for row in failing},
            "sample": {
                row.expectation_id: list(samples[row.expectation_id])
                for row in failing
                if row.expectation_id in samples
            },
        },
    )
