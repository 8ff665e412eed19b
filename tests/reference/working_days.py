"""Working days, straight from the official calendar that `chinese_calendar` carries."""

from datetime import date, timedelta

import chinese_calendar


def nth_working_day_after(day: date, number: int) -> date | None:
    """The `number`-th working day after `day`, which itself is not counted; None beyond the official calendar."""
    try:
        chinese_calendar.is_workday(day)
        while number > 0:
            day += timedelta(days=1)
            number -= chinese_calendar.is_workday(day)
    except NotImplementedError:
        return None
    return day
