"""When a run that the schedule or the sensor wants may be asked for, and asked for again.

A request names what it is for in the tag `ASKED_FOR`, and each attempt has a run key of its own: Dagster starts a key
only once, whatever became of its run.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.jobs import ASSESSMENT
from pipelines.settings import Workspace
from pipelines.warehouse.connection import is_held

ASKED_FOR = "hengfa/asked_for"
#: The same thing is asked for at most once in this time, and so long a run that has not begun is waited for.
PAUSE = timedelta(hours=1)

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def is_running(instance: dg.DagsterInstance, workspace: Workspace, now: datetime) -> bool:
    """Whether the warehouse is held, or an assessment has been queued or started in the last hour and not ended.

    A run that was killed stays `STARTED` in Dagster's history for ever, but holds nothing: after an hour the lock alone
    tells.
    """
    unfinished = dg.RunsFilter(job_name=ASSESSMENT, statuses=_UNFINISHED, created_after=now.astimezone(UTC) - PAUSE)
    return is_held(workspace) or bool(instance.get_run_records(unfinished, limit=1))


def next_attempt(instance: dg.DagsterInstance, asked_for: str, now: datetime) -> int | None:
    """The number of the attempt that may be made now, 1 for the first; None while the last is less than an hour old."""
    records = instance.get_run_records(dg.RunsFilter(job_name=ASSESSMENT, tags={ASKED_FOR: asked_for}))
    created = [record.create_timestamp.replace(tzinfo=UTC) for record in records]
    if created and max(created) > now.astimezone(UTC) - PAUSE:
        return None
    return len(records) + 1


def has_succeeded(instance: dg.DagsterInstance, asked_for: str) -> bool:
    """Whether a run that was asked for this has ended well."""
    done = dg.RunsFilter(job_name=ASSESSMENT, tags={ASKED_FOR: asked_for}, statuses=[dg.DagsterRunStatus.SUCCESS])
    return bool(instance.get_run_records(done, limit=1))
