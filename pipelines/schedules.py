"""When the assessment runs by itself."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.jobs import monthly_assessment, run_config
from pipelines.partitions import TIMEZONE
from pipelines.warehouse.months import Month


def request_for(moment: datetime) -> dg.RunRequest:
    """The run that assesses the month before `moment`, which must know its time zone."""
    local = moment.astimezone(ZoneInfo(TIMEZONE))
    month = str(Month.of(local.date()).plus(-1))
    return dg.RunRequest(
        run_key=month,
        partition_key=month,
        run_config=run_config(loaded_at=local.replace(tzinfo=None).isoformat(timespec="seconds")),
    )


@dg.schedule(job=monthly_assessment, cron_schedule="0 6 6 * *", execution_timezone=TIMEZONE)
def on_the_sixth(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """On the 6th at 06:00 the month before is complete: its records are known up to the 5th."""
    return request_for(context.scheduled_execution_time)
