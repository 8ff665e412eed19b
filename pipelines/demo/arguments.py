"""What a demo is asked for, checked, and the sizes that follow from it."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import chinese_calendar
import numpy as np

from pipelines.demo.clock import MINUTES_A_DAY, day_number
from pipelines.errors import UsageError

#: Binhai by mid-2019, as its bureau reported: what one full scale stands for, over 34 months.
REFERENCE_MONTHS = 34
RECORDS = 531_955
CASES = 8_740
INSPECTIONS = 122_614
LEADS = 46_208
COERCIONS = 1_163
OFFICERS = 2_500
AGENCIES = 252
SUBJECTS = 110
FEWEST_OFFICERS = 600

#: An export of month M is taken at the end of this day of the following month.
EXPORT_DAY = 5

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def _month_number(text: str, option: str) -> int:
    if not isinstance(text, str) or _MONTH.fullmatch(text) is None:
        raise UsageError(f"{option}: `{text}` is not a month. Write it as 2026-10.")
    number = int(text[:4]) * 12 + int(text[5:]) - 1
    days = sorted(chinese_calendar.holidays)
    first, last = days[0].year, days[-1].year
    if not first <= int(text[:4]) <= last:
        raise UsageError(
            f"{option}: {text} lies outside {first}-{last}, the years of the official holiday calendar. "
            "Choose a month within them."
        )
    return number


@dataclass(frozen=True)
class DemoArguments:
    """Checked arguments; UsageError says which one cannot be used."""

    seed: int
    scale: float
    first_month: str
    last_month: str
    defect_rate: float

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if not 0 < self.scale <= 100:
            raise UsageError(
                f"--scale: {self.scale} must lie above 0 and not above 100. 1.0 is a district, 0.01 a test."
            )
        if not 0 <= self.defect_rate <= 0.2:
            raise UsageError(f"--defects: {self.defect_rate} must lie between 0 and 0.2, a share of the records.")
        if self.seed < 0:
            raise UsageError(f"--seed: {self.seed} must not be negative.")
        first = _month_number(self.first_month, "--from")
        if first > _month_number(self.last_month, "--to"):
            raise UsageError(f"--from {self.first_month} lies after --to {self.last_month}. Exchange them.")

    @cached_property
    def month_numbers(self) -> np.ndarray:
        """The number year × 12 + month − 1 of every month asked for."""
        first, last = _month_number(self.first_month, "--from"), _month_number(self.last_month, "--to")
        return np.arange(first, last + 1)

    @cached_property
    def months(self) -> tuple[str, ...]:
        """`2024-01` and so on."""
        return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in self.month_numbers.tolist())

    @cached_property
    def month_starts(self) -> np.ndarray:
        """Day number of the first day of each month, and of the month after the last."""
        numbers = [*self.month_numbers.tolist(), int(self.month_numbers[-1]) + 1]
        return np.array([day_number(date(n // 12, n % 12 + 1, 1)) for n in numbers], dtype=np.int64)

    @property
    def first_day(self) -> int:
        """Day number of the first day."""
        return int(self.month_starts[0])

    @property
    def last_day(self) -> int:
        """Day number of the last day."""
        return int(self.month_starts[-1]) - 1

    @property
    def cutoff(self) -> int:
        """The minute after which nothing more was exported."""
        return (self.last_day + EXPORT_DAY + 1) * MINUTES_A_DAY - 1

    def scaled(self, reference: int) -> int:
        """`reference`, a count over 34 months at scale 1, at this scale and number of months; at least 1."""
        return max(1, round(reference * self.scale * len(self.months) / REFERENCE_MONTHS))

    @property
    def officers(self) -> int:
        """How many officers; the number of months does not matter."""
        return max(FEWEST_OFFICERS, round(OFFICERS * self.scale))

    def generator(self, part: str) -> np.random.Generator:
        """The random stream of one part: a change in one part leaves the others as they were."""
        return np.random.default_rng([self.seed, *part.encode()])


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return calendar.monthrange(year, month)[1]
