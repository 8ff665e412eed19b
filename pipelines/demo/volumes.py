"""How much happens where and when: unlike bodies, seasons, working days, silent months."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo.arguments import EXPORT_DAY, DemoArguments
from pipelines.demo.bodies import Bodies
from pipelines.demo.clock import MINUTES_A_DAY, NONE, WorkingDays, at, month_of, to_date
from pipelines.demo.signal_plan import SignalPlan
from pipelines.demo.vocabulary import IDLE_STREETS

#: What a month of the year is like, January first: quiet at the New Year holidays, busy before summer and year's end.
_SEASON = {
    "patrol": (0.85, 0.7, 1.0, 1.1, 1.15, 1.1, 1.05, 1.05, 1.1, 0.95, 1.0, 0.95),
    "inspection": (0.8, 0.6, 1.0, 1.1, 1.15, 1.2, 1.0, 0.95, 1.15, 0.9, 1.15, 1.1),
    "lead": (0.8, 0.75, 0.95, 1.05, 1.15, 1.2, 1.25, 1.2, 1.05, 0.95, 0.85, 0.8),
    "case": (0.75, 0.55, 0.95, 1.0, 1.1, 1.15, 1.05, 1.0, 1.1, 0.95, 1.2, 1.2),
    "coercion": (0.8, 0.6, 1.0, 1.1, 1.2, 1.1, 1.1, 1.0, 1.1, 0.9, 1.1, 1.0),
}
#: Share of an ordinary working day that happens on a free day.
_FREE_DAY = {"patrol": 0.35, "inspection": 0.06, "lead": 0.7, "case": 0.0, "coercion": 0.15}
#: Mean activity by kind of body: street-towns patrol, departments and zones inspect.
_KIND = {
    "patrol": {"street_town": 9.0, "zone": 1.0, "department": 1.2},
    "inspection": {"street_town": 1.0, "zone": 1.0, "department": 1.7},
    "lead": {"street_town": 5.0, "zone": 0.6, "department": 1.4},
    "case": {"street_town": 1.3, "zone": 0.8, "department": 1.3},
    "coercion": {"street_town": 1.0, "zone": 0.5, "department": 1.5},
}


@dataclass
class Volumes:
    """The chance of an act by subject and day, and the months in which a body sent nothing.

    `silent[s, m]` holds the planted silence and the empty months of nearly idle street-towns.
    """

    arguments: DemoArguments
    bodies: Bodies
    working: WorkingDays
    silent: np.ndarray

    def draw(self, kind: str, count: int, *, only: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """`count` subjects and days, in order of day; `only` masks the subjects that can."""
        generator = self.arguments.generator(f"volume {kind}")
        subjects, months = self.silent.shape
        spread = 1.1 if kind in ("case", "coercion") else 0.8
        by_kind = np.array([_KIND[kind][k] for k in self.bodies.kind.tolist()])
        base = by_kind * generator.lognormal(0.0, spread, subjects)
        for s, factor in IDLE_STREETS.items():
            base[s] *= factor
        if only is not None:
            base *= only
        season = np.array([_SEASON[kind][n % 12] for n in self.arguments.month_numbers.tolist()])
        trend = 1.0 + 0.006 * np.arange(months)
        noise = generator.lognormal(0.0, 0.25, (subjects, months))
        monthly = base[:, None] * season * trend * noise * ~self.silent
        first, days = self.arguments.first_day, self.arguments.last_day - self.arguments.first_day + 1
        on_duty = self.working.is_working[first - self.working.first :][:days]
        weekday = np.array([to_date(first + d).weekday() for d in range(days)])
        daily = np.where(on_duty, 1.0 + 0.05 * (weekday == 1) - 0.08 * (weekday == 4), _FREE_DAY[kind])
        month_of_day = np.searchsorted(self.arguments.month_starts, np.arange(first, first + days), side="right") - 1
        chance = np.cumsum((monthly[:, month_of_day] * daily).T.ravel())
        drawn = np.sort(generator.random(count)) * chance[-1]
        cell = np.minimum(np.searchsorted(chance, drawn, side="right"), len(chance) - 1)
        return cell % subjects, cell // subjects + first

    def awake(self, subject: np.ndarray, minute: np.ndarray) -> np.ndarray:
        """The minute at which a body enters what it would have entered at `minute`: not in a month it sends nothing.

        An entry that would reach the export of a silent month waits for the first export that is sent.
        """
        first = int(self.arguments.month_numbers[0])
        months = self.silent.shape[1]
        month = month_of(minute - EXPORT_DAY * MINUTES_A_DAY) - first
        inside = (minute != NONE) & (month >= 0) & (month < months)
        following = np.full(self.silent.shape, months, dtype=np.int64)
        for m in range(months - 1, -1, -1):
            later = following[:, m + 1] if m + 1 < months else months
            following[:, m] = np.where(self.silent[:, m], later, m)
        index = np.clip(month, 0, months - 1)
        waits = inside & self.silent[subject, index]
        sent = at(self.arguments.month_starts[following[subject, index]] + EXPORT_DAY, 540 + minute % 400)
        return np.where(waits, sent, minute)


def make_volumes(arguments: DemoArguments, bodies: Bodies, working: WorkingDays, plan: SignalPlan) -> Volumes:
    """Silent months: the planted stretch, and a few months of nearly idle street-towns."""
    generator = arguments.generator("silence")
    months = len(arguments.months)
    silent = np.zeros((len(bodies.kind), months), dtype=bool)
    for s in IDLE_STREETS:
        silent[s] = generator.random(months) < 0.12
        silent[s, plan.quota_months] = False
        silent[s, -1] = False
    silent[plan.silent_subject, plan.silent_months] = True
    return Volumes(arguments, bodies, working, silent)
