"""Who goes out and at what hour: teams of two, one place at a time."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo.arguments import DemoArguments
from pipelines.demo.bodies import Bodies, Officers

_DAY_STARTS, _DAY_MINUTES = 8 * 60 + 30, 570


@dataclass
class Outing:
    """Per act: officer numbers (third is -1 in teams of two), minutes of the day at which it starts and ends."""

    first: np.ndarray
    second: np.ndarray
    third: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


def choose_agency(generator: np.random.Generator, bodies: Bodies, subject: np.ndarray) -> np.ndarray:
    """An agency of each act's subject, the first agencies more often."""
    per_subject = np.add.reduceat(bodies.agency_weight, bodies.agency_start)
    share = bodies.agency_weight / per_subject[bodies.agency_subject]
    reached = np.cumsum(share)
    before = subject.astype(np.float64)  # the shares of each subject sum to one
    place = np.searchsorted(reached, before + generator.random(len(subject)), side="right")
    last = bodies.agency_start[subject] + bodies.agency_count[subject] - 1
    return np.clip(place, bodies.agency_start[subject], last)


def members(
    generator: np.random.Generator, arguments: DemoArguments, officers: Officers, agency: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A team of the agency in the month of `day`: its number within the agency and three officers (third may be -1)."""
    month = np.searchsorted(arguments.month_starts, day, side="right") - 1
    start, count = officers.start[agency, month], officers.count[agency, month]
    teams = count // 2
    team = (generator.random(len(agency)) ** 1.6 * teams).astype(np.int64)
    first = officers.eligible[start + 2 * team]
    second = officers.eligible[start + 2 * team + 1]
    odd = (count % 2 == 1) & (team == 0) & (generator.random(len(agency)) < 0.3)
    third = np.where(odd, officers.eligible[start + count - 1], -1)
    return team, first, second, third


def schedule(
    generator: np.random.Generator, arguments: DemoArguments, officers: Officers, agency: np.ndarray, day: np.ndarray,
    longest: np.ndarray,
) -> Outing:  # fmt: skip
    """Give each act a team and an hour so that no team has two acts at once; `longest` is in minutes."""
    team, first, second, third = members(generator, arguments, officers, agency, day)
    group = (day - arguments.first_day) * 1_000_000 + agency * 1000 + team
    order = np.lexsort((generator.random(len(group)), group))
    ordered = group[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(begins, len(ordered)))
    rank, size = np.empty(len(group), dtype=np.int64), np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(ordered)) - np.repeat(begins, sizes)
    size[order] = np.repeat(sizes, sizes)
    slot = _DAY_MINUTES / size
    # An act fills at most four fifths of its slot: the rest is the way to the next place.
    lasts = np.maximum(1, np.minimum(longest, slot * 0.8) * (0.5 + 0.5 * generator.random(len(group))))
    starts = _DAY_STARTS + rank * slot + generator.random(len(group)) * np.maximum(0, slot * 0.98 - lasts)
    starts = starts.astype(np.int64)
    return Outing(first, second, third, starts, starts + np.floor(lasts).astype(np.int64))
