"""The partitions of the assessment: calendar months, named as editions are."""

import dagster as dg

#: The first month that can be assessed; old public records are used to try the project.
FIRST_MONTH = "2000-01"

TIMEZONE = "Asia/Shanghai"

# The offset adds the month that is still running, so that a preview of it can be made.
months = dg.MonthlyPartitionsDefinition(start_date=FIRST_MONTH, fmt="%Y-%m", timezone=TIMEZONE, end_offset=1)
