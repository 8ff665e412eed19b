"""`hengfa run`: executes the Dagster job of the schedule in this process, under the warehouse's lock."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations import audit_process
from expectations.suite_model import load_suites
from pipelines import log
from pipelines.editions.catalogue import Edition, newest_revision
from pipelines.editions.freeze import quality_path
from pipelines.errors import AuditStoppedError, HengfaError, UsageError
from pipelines.scheme.read import scheme_in_force
from pipelines.settings import Workspace
from pipelines.warehouse import build_process, snapshot
from pipelines.warehouse.connection import hold_warehouse
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month

if TYPE_CHECKING:
    import dagster as dg

DAGSTER_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
event_log_storage:
  module: pipelines.event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""


@dataclass(frozen=True)
class RunSummary:
    """What a run made: the edition that now stands for the month and the first page of its site.

    `rows` are those of the files that this run loaded: `rows read`, `rows loaded`, `rows quarantined`, `rows filtered`.
    """

    edition: Edition
    site: Path | None
    refused_files: tuple[str, ...]
    rows: dict[str, int]


def prepare_dagster(workspace: Workspace) -> None:
    """Give Dagster its home in the workspace, without telemetry, and this workspace to its assets."""
    workspace.dagster_home.mkdir(parents=True, exist_ok=True)
    settings = workspace.dagster_home / "dagster.yaml"
    if not settings.exists():
        settings.write_text(DAGSTER_SETTINGS, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(workspace.dagster_home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["HENGFA_HOME"] = str(workspace.home)


def run_month(
    workspace: Workspace,
    month: Month,
    *,
    loaded_at: datetime,
    as_of: datetime | None = None,
    inbox: list[Path] | None = None,
    mapping: Path | None = None,
    with_reports: bool = True,
) -> RunSummary:
    """Load, build, audit, freeze and report one month.

    Raises WarehouseBusyError if another process holds the warehouse, AuditStoppedError if the audit stopped
    publication, RefusedError for a setting, declaration, suite or scheme that cannot be used, UsageError for a month
    that has not begun or an `as_of` before it, and whatever error a step raised.
    """
    workspace.prepare()
    workspace.settings()
    for path in [*(inbox or []), *([mapping] if mapping else [])]:
        if not path.exists():
            raise UsageError(f"`{path}` does not exist. Name a file or folder that is there.")
    if as_of is not None and as_of.date() < month.first_day:
        raise UsageError(
            f"--as-of {as_of}: {month} had not begun then. Name a time in the month or after it; "
            f"without --as-of it is {month.default_as_of}."
        )
    # A suite or a scheme that is refused stops the run before a file is read.
    load_suites()
    scheme_in_force(workspace, month, declarations())
    with hold_warehouse(workspace, purpose=f"hengfa run {month}"):
        build_process.start()
        try:
            return _execute(workspace, month, loaded_at, as_of, inbox, mapping, with_reports)
        finally:
            build_process.stop()
            audit_process.stop()
            snapshot.remove(workspace)


def _execute(
    workspace: Workspace,
    month: Month,
    loaded_at: datetime,
    as_of: datetime | None,
    inbox: list[Path] | None,
    mapping: Path | None,
    with_reports: bool,
) -> RunSummary:
    prepare_dagster(workspace)
    import dagster as dg

    from pipelines.assets.landing import ROWS_OF_A_LOAD
    from pipelines.definitions import defs
    from pipelines.jobs import ASSESSMENT, run_config
    from pipelines.partitions import FIRST_MONTH, months

    if not months.has_partition_key(str(month)):
        raise UsageError(f"`{month}` cannot be assessed: months run from {FIRST_MONTH} to the one that is running.")
    job = defs.resolve_job_def(ASSESSMENT)
    # Not sooner: what comes first is waited for, and three processes would share two cores.
    audit_process.start()
    log.progress("start", 1, 1)
    with dg.DagsterInstance.get() as instance:
        try:
            result = job.execute_in_process(
                partition_key=str(month),
                instance=instance,
                run_config=run_config(
                    loaded_at=loaded_at.isoformat(timespec="seconds"),
                    as_of=as_of.isoformat() if as_of else "",
                    inbox=[str(path.resolve()) for path in inbox or []],
                    mapping=str(mapping.resolve()) if mapping else "",
                    home=str(workspace.home),
                ),
                asset_selection=None if with_reports else _without_site(job),
            )
        except Exception as error:
            cause = _own_error(error)
            if cause is not None:
                raise cause from error
            # Dagster raises an error of its own when a blocking check fails; what failed stands in the audit's file.
            stopped = _failed_before_publication(workspace, month)
            if stopped:
                raise AuditStoppedError(
                    f"the audit stopped publication of {month}: {'; '.join(stopped)}. The last good edition stays. "
                    f"Mend what is named and run again; details are in {quality_path(workspace, month).parent}."
                ) from error
            raise
    edition = newest_revision(workspace.editions, month)
    if edition is None:
        raise HengfaError(f"the run of {month} ended without an edition; see {workspace.logs}.")
    told = [event.materialization.metadata for event in result.get_asset_materialization_events()]
    refused = {name for metadata in told for name in _names(metadata.get("refused"))}
    rows = {name: sum(_count(metadata.get(name)) for metadata in told) for name in ROWS_OF_A_LOAD}
    page = workspace.site / "index.html"
    return RunSummary(edition, page if with_reports and page.exists() else None, tuple(sorted(refused)), rows)


def _without_site(job: "dg.JobDefinition") -> "list[dg.AssetKey]":
    return [key for key in job.asset_layer.selected_asset_keys if key.path != ["reports", "site"]]


def _failed_before_publication(workspace: Workspace, month: Month) -> list[str]:
    """Label and count of every error-level failure that the last audit of the month found before publication."""
    import polars as pl

    path = quality_path(workspace, month)
    if not path.exists():
        return []
    failed = pl.read_parquet(path).filter(
        (pl.col("border") == "publish")
        & (pl.col("severity") == "error")
        & ~pl.col("success")
        & pl.col("subject_id").is_null()
    )
    return [f"{zh} / {en}: {count}" for zh, en, count in failed.select("label_zh", "label_en", "failing").iter_rows()]


def _names(value: object) -> list[str]:
    """The file names in a metadata value of Dagster; none without one."""
    held = getattr(value, "value", None)
    return [str(name) for name in held] if isinstance(held, Sequence) else []


def _count(value: object) -> int:
    """The number in a metadata value of Dagster; 0 without one."""
    held = getattr(value, "value", None)
    return held if isinstance(held, int) else 0


def _own_error(error: BaseException | None) -> HengfaError | None:
    """The error of ours that Dagster wrapped, if there is one."""
    seen: set[int] = set()
    # An error raised again while it is handled may name itself as its context.
    while error is not None and id(error) not in seen:
        if isinstance(error, HengfaError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
