"""When the assessment runs by itself."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.attempts import ASKED_FOR, has_succeeded, is_running
from pipelines.jobs import monthly_assessment, run_config
from pipelines.partitions import TIMEZONE
from pipelines.settings import Workspace
from pipelines.warehouse.months import Month


def request_for(moment: datetime) -> dg.RunRequest:
    """The run that assesses the month before `moment`, which must know its time zone; one for every hour."""
    local = moment.astimezone(ZoneInfo(TIMEZONE))
    month = str(Month.of(local.date()).plus(-1))
    return dg.RunRequest(
        run_key=f"{month}:{local:%Y-%m-%dT%H}",
        partition_key=month,
        tags={ASKED_FOR: month},
        run_config=run_config(loaded_at=local.replace(tzinfo=None).isoformat(timespec="seconds")),
    )


@dg.schedule(
    job=monthly_assessment,
    cron_schedule="0 6-11 6 * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def on_the_sixth(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """On the 6th at 06:00 the month before is complete: its records are known up to the 5th.

    A run that failed, because the warehouse was busy for instance, is made again every hour until 11:00.
    """
    moment = context.scheduled_execution_time
    request = request_for(moment)
    if has_succeeded(context.instance, request.tags[ASKED_FOR]):
        return dg.SkipReason("本月考核已完成。The month has been assessed.")
    if is_running(context.instance, Workspace.at().prepare(), moment):
        return dg.SkipReason("另一次运行尚未结束，下一小时再试。Another run has not ended; trying again in an hour.")
    return request
