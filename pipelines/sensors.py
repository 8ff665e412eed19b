"""What starts a run when files arrive."""

import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

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
    why = why_beside(path)
    return why.exists() and why.stat().st_mtime_ns >= path.stat().st_mtime_ns


@dg.sensor(job=monthly_assessment, minimum_interval_seconds=60)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Assess the last complete month again when the inbox has changed and then stood still.

    A state is acted on when it was seen twice in a row, so that a half-written file waits.
    """
    state = inbox_state(Workspace.at().prepare().inbox)
    seen, _, done = (context.cursor or "|").partition("|")
    if state in ("", done):
        return dg.SkipReason("收件箱没有新文件。The inbox holds nothing new.")
    if state != seen:
        context.update_cursor(f"{state}|{done}")
        return dg.SkipReason("收件箱正在变化，等待文件写完。The inbox is changing; waiting for it to stand still.")
    now = datetime.now(ZoneInfo(TIMEZONE))
    month = str(Month.of(now.date()).plus(-1))
    request = dg.RunRequest(
        run_key=f"{month}:{state}",
        partition_key=month,
        run_config=run_config(loaded_at=now.replace(tzinfo=None).isoformat(timespec="seconds")),
    )
    return dg.SensorResult(run_requests=[request], cursor=f"{state}|{state}")
