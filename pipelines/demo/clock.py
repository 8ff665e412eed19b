"""Days and minutes as whole numbers, so that a million dates are one array.

A day is its number since 1970-01-01, a time the minutes since then (local time). `NONE` stands for no value.
"""

from datetime import date
from typing import Any

import chinese_calendar
import numpy as np
import polars as pl

NONE = -1
MINUTES_A_DAY = 1440
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """The number of `day`."""
    return day.toordinal() - _EPOCH


def to_date(number: int) -> date:
    """The day of a number."""
    return date.fromordinal(int(number) + _EPOCH)


def at(days: Any, minute: Any) -> np.ndarray:
    """The minute `minute` of each day; NONE stays NONE."""
    days = np.asarray(days, dtype=np.int64)
    return np.where(days == NONE, NONE, days * MINUTES_A_DAY + np.asarray(minute, dtype=np.int64))


def times(name: str, minutes: np.ndarray) -> pl.Series:
    """Minutes as a datetime column."""
    return (
        pl.Series(name, np.asarray(minutes, dtype=np.int64) * 60_000_000)
        .cast(pl.Datetime("us"))
        .to_frame()
        .select(pl.when(pl.Series(np.asarray(minutes) != NONE)).then(pl.col(name)).alias(name))
        .to_series()
    )


def dates(name: str, days: np.ndarray) -> pl.Series:
    """Day numbers as a date column."""
    days = np.asarray(days, dtype=np.int32)
    return (
        pl.Series(name, days)
        .cast(pl.Date)
        .to_frame()
        .select(pl.when(pl.Series(days != NONE)).then(pl.col(name)).alias(name))
        .to_series()
    )


def month_of(minutes: np.ndarray) -> np.ndarray:
    """The number year × 12 + month − 1 of each minute."""
    return (np.asarray(minutes) // MINUTES_A_DAY).astype("datetime64[D]").astype("datetime64[M]").astype(
        np.int64
    ) + 1970 * 12


class WorkingDays:
    """The official working days between two days, and steps along them.

    Days outside the calendar's years count as working from Monday to Friday; they only serve to place events that
    lie before the first or after the last export and are never written.
    """

    def __init__(self, first_day: int, last_day: int) -> None:
        """Look up every day from `first_day` to `last_day`."""
        self.first = first_day
        first_year, last_year = min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year
        days = [to_date(n) for n in range(first_day, last_day + 1)]
        self.is_working = np.array(
            [chinese_calendar.is_workday(d) if first_year <= d.year <= last_year else d.weekday() < 5 for d in days],
            dtype=bool,
        )
        self._working = np.flatnonzero(self.is_working)
        # Position of the first working day on or after each day.
        self._position = np.searchsorted(self._working, np.arange(len(days)))

    def step(self, days: np.ndarray, count: Any) -> np.ndarray:
        """The day `count` working days after each day, the day itself not counted.

        With 0 the day itself, or the next working day where it is none.
        """
        index = np.clip(np.asarray(days, dtype=np.int64) - self.first, 0, len(self._position) - 1)
        position = self._position[index]
        on_working = self.is_working[index]
        count = np.asarray(count, dtype=np.int64)
        # From a free day the first step already reaches the next working day.
        position = position + np.where(on_working | (count == 0), count, count - 1)
        return self._working[np.clip(position, 0, len(self._working) - 1)] + self.first
