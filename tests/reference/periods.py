"""Months and the periods that end with a month. A month is the date of its first day."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

OPEN_END = date.max


def last_day(month: date) -> date:
    """The last day of a month."""
    return date(month.year, month.month, monthrange(month.year, month.month)[1])


def before(month: date, months: int) -> date:
    """The month `months` months earlier (later if negative)."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def thirteen_months(month: date) -> list[date]:
    """The month and the twelve before it, oldest first."""
    return [before(month, back) for back in range(12, -1, -1)]


def months_of(period_kind: str, month: date) -> list[date]:
    """The months of the period of a kind that ends with `month`, oldest first.

    A quarter is the three months that end with `month`, whichever month that is.
    """
    length = {"month": 1, "quarter": 3, "ytd": month.month, "r12": 12}[period_kind]
    return [before(month, back) for back in range(length - 1, -1, -1)]


def share_a_day(*spans: tuple[date, date | None]) -> bool:
    """Whether spans of first and last day (None: open) have a day in common; one that ends before it begins has none."""
    return max(first for first, _ in spans) <= min(last or OPEN_END for _, last in spans)


def is_over(day: date, as_of: datetime) -> bool:
    """Whether the day is over at a time; its last second, 23:59:59, is its end."""
    return (as_of + timedelta(seconds=1)).date() > day


def default_as_of(month: date) -> datetime:
    """The end of the fifth day after the month."""
    return datetime.combine(before(month, -1).replace(day=5), time(23, 59, 59))
