"""Months and the time up to which a month's records are known."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pipelines.errors import UsageError

#: The day of the next month at whose end a month's records are taken as known (indicators.md).
DAYS_UNTIL_KNOWN = 5

#: How many months a period has; the year so far (`ytd`) has those since January.
_MONTHS_OF = {"month": 1, "quarter": 3, "r12": 12}


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; `str()` is `2026-10`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written `2026-10`; UsageError for anything else."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
        if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1:
            raise UsageError(f"`{text}` is not a month. Write the year and the month, for example 2026-10.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        """The month as editions and periods name it."""
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.number, 1)

    def plus(self, months: int) -> "Month":
        """The month `months` later."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    def first_of(self, period_kind: str) -> "Month":
        """The first month of the period (month, quarter, ytd, r12) that ends with this one."""
        return self.plus(1 - (self.number if period_kind == "ytd" else _MONTHS_OF[period_kind]))

    @property
    def default_as_of(self) -> datetime:
        """The last second of the 5th day after the month."""
        return datetime.combine(self.plus(1).first_day + timedelta(days=DAYS_UNTIL_KNOWN - 1), time(23, 59, 59))


def parse_as_of(text: str) -> datetime:
    """A time written `2026-11-05` (the end of that day) or `2026-11-05T12:00:00`; UsageError for anything else."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            return datetime.combine(date.fromisoformat(text.strip()), time(23, 59, 59))
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"`{text}` is not a date or time. Write 2026-11-05 or 2026-11-05T12:00:00.") from error
    if moment.tzinfo is not None:
        raise UsageError(f"`{text}` names a time zone. Times are Asia/Shanghai local: leave the zone out.")
    return moment
