"""What starts a run when files arrive."""

import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.attempts import ASKED_FOR, is_running, next_attempt
from pipelines.ingest.discover import walk
from pipelines.ingest.inbox import why_beside
from pipelines.jobs import monthly_assessment, run_config
from pipelines.partitions import TIMEZONE
from pipelines.settings import Workspace
from pipelines.warehouse.months import Month


def inbox_state(inbox: Path) -> str:
    """A short hash of the names, sizes and times of the files in the inbox; empty without files.

    A refused file that has not changed since its reasons were written beside it is no reason for another run.
    """
    files = sorted(path for path, is_regular in walk(inbox) if is_regular and not _is_answered(path))
    if not files:
        return ""
    lines = [f"{path.relative_to(inbox)}\0{path.stat().st_size}\0{path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _is_answered(path: Path) -> bool:
    why, state = why_beside(path), path.stat()
    # A copy may carry the time of an older content; the time of its coming into the folder it cannot carry.
    return why.exists() and why.stat().st_mtime_ns >= max(state.st_mtime_ns, state.st_ctime_ns)


@dg.sensor(job=monthly_assessment, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Assess the last complete month again when the inbox has changed and then stood still.

    A state is acted on when it was seen twice in a row, so that a half-written file waits. Files that are still there
    after the run, because it failed or passed them over, are asked for again: never while a run is queued or running,
    and at most once an hour.
    """
    workspace = Workspace.at().prepare()
    state = inbox_state(workspace.inbox)
    seen = context.cursor
    context.update_cursor(state)
    if not state:
        return dg.SkipReason("收件箱没有新文件。The inbox holds nothing new.")
    if state != seen:
        return dg.SkipReason("收件箱正在变化，等待文件写完。The inbox is changing; waiting for it to stand still.")
    now = datetime.now(ZoneInfo(TIMEZONE))
    if is_running(context.instance, workspace, now):
        return dg.SkipReason("另一次运行尚未结束。Another run has not ended.")
    month = str(Month.of(now.date()).plus(-1))
    asked_for = f"{month}:{state}"
    attempt = next_attempt(context.instance, asked_for, now)
    if attempt is None:
        return dg.SkipReason(
            "这些文件一小时内已运行过，稍后再试。These files were run for within the hour; trying again later."
        )
    return dg.RunRequest(
        run_key=f"{asked_for}:{attempt}",
        partition_key=month,
        tags={ASKED_FOR: asked_for},
        run_config=run_config(loaded_at=now.replace(tzinfo=None).isoformat(timespec="seconds")),
    )
