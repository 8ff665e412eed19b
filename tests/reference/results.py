"""From evidence to results: units rolled up over periods, summed over bodies, with interval and status."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from math import log, sqrt
from typing import NamedTuple

from scipy.stats import chi2

from tests.reference.evidence import Evidence
from tests.reference.exports import Row
from tests.reference.indicators import VARIANTS
from tests.reference.periods import last_day, months_of, share_a_day, thirteen_months

Z = 1.959963984540054
PER_HEAD = ("acts_per_officer", "inspections_per_officer", "cases_per_officer")
COUNTS = ("dormant_demanded",)
INDICES = ("evenness",)
#: The kinds of period an indicator is reported for, where it is not every kind.
PERIOD_KINDS = {"dormant_demanded": ("r12",)}
#: A unit that several months of a period see differently is the first of these.
PRECEDENCE = ("hit", "miss", "undecidable", "excluded")


class Result(NamedTuple):
    """One number. `period` is the last month of the period, as `2026-10`."""

    indicator_id: str
    variant: str
    level: str
    entity_id: str
    period_kind: str
    period: str
    numerator: float
    denominator: float
    excluded: int
    undecidable: int
    value: float | None
    lower: float | None
    upper: float | None
    status: str
    reason: str | None


class Count(NamedTuple):
    """What units add up to."""

    numerator: float = 0
    denominator: float = 0
    excluded: int = 0
    undecidable: int = 0
    #: Of an index, its value; the numerator is then the acts and the denominator the matters that have some.
    index: float | None = None

    def plus(self, other: "Count") -> "Count":
        """The sum of both."""
        return Count(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.excluded + other.excluded,
            self.undecidable + other.undecidable,
        )


def wilson(hits: float, units: float) -> tuple[float, float]:
    """The 95 % Wilson interval of a share (domain §5.1)."""
    share = hits / units
    middle = share + Z * Z / (2 * units)
    half = Z * sqrt(share * (1 - share) / units + Z * Z / (4 * units * units))
    width = 1 + Z * Z / units
    return (middle - half) / width, (middle + half) / width


def poisson(acts: float, heads: float) -> tuple[float, float]:
    """The exact 95 % Poisson interval of a count per head."""
    lower = 0.0 if acts == 0 else float(chi2.ppf(0.025, 2 * acts)) / 2
    return lower / heads, float(chi2.ppf(0.975, 2 * acts + 2)) / 2 / heads


def judged(indicator_id: str, count: Count) -> tuple[float | None, float | None, float | None, str, str | None]:
    """Value, lower, upper, status and reason of a count."""
    units = count.denominator
    if units == 0:
        return None, None, None, "none", "NO_UNITS"
    if indicator_id in COUNTS:
        # A count of few is as exact as one of many: it has neither an interval nor a small number of units.
        least, most = count.numerator, count.numerator + count.undecidable
        if count.undecidable / (units + count.undecidable) > 0.05:
            return count.numerator, least, most, "bounds", None
        return count.numerator, None, None, "ok", None
    if units < 5:
        return None, None, None, "tiny", None
    if indicator_id in INDICES:
        return count.index, None, None, "small" if units < 20 else "ok", None
    value = count.numerator / units
    possible = units + count.undecidable
    if count.undecidable / possible > 0.05:
        return value, count.numerator / possible, (count.numerator + count.undecidable) / possible, "bounds", None
    interval = poisson if indicator_id in PER_HEAD else wilson
    return value, *interval(count.numerator, units), "small" if units < 20 else "ok", None


def rolled_up(rows: Iterable[Evidence]) -> Count:
    """The count of the units in these rows, all of one body and indicator; each unit once."""
    units: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for row in rows:
        units[row.subject_id, row.unit_kind, row.unit_id].append(row)
    numerator: float = 0
    denominator: float = 0
    excluded = undecidable = 0
    for seen in units.values():
        states = {row.state for row in seen}
        state = next(state for state in PRECEDENCE if state in states)
        excluded += state == "excluded"
        undecidable += state == "undecidable"
        numerator += max(row.numerator for row in seen)
        denominator += max(row.denominator for row in seen)
    return Count(numerator, denominator, excluded, undecidable)


def pielou(rows: Iterable[Evidence]) -> Count:
    """Acts, matters with at least one, and the evenness J = H / ln S of the acts over these matters.

    Acts of several bodies on one matter are acts on one matter; what is left out is counted body by body.
    """
    given = list(rows)
    acts: dict[str, float] = defaultdict(float)
    for row in given:
        if row.numerator:
            acts[row.unit_id] += row.numerator
    whole = sum(acts.values())
    entropy = -sum(number / whole * log(number / whole) for number in acts.values())
    counted = rolled_up(given)
    return Count(
        whole, len(acts), counted.excluded, counted.undecidable, entropy / log(len(acts)) if len(acts) > 1 else None
    )


def peer_group(subject: Row) -> str:
    """Kind and field, `none` where the field is empty."""
    return f"{subject['kind']}:{subject['field'] or 'none'}"


def in_force(subject: Row, months: list[date]) -> bool:
    """Whether the subject is in force on at least one day of the months."""
    return share_a_day((subject["valid_from"], subject["valid_to"]), (months[0], last_day(months[-1])))


def _counts(
    rows: list[Evidence], subjects: list[Row], months: list[date], is_index: bool
) -> Iterator[tuple[str, str, Count]]:
    """Level, entity and count of every body in one period, for one indicator and variant."""
    counted = pielou if is_index else rolled_up
    of_group: dict[str, list[Evidence]] = defaultdict(list)
    of_subject: dict[str, list[Evidence]] = defaultdict(list)
    of_agency: dict[str, list[Evidence]] = defaultdict(list)
    for row in rows:
        of_subject[row.subject_id].append(row)
        if row.agency_id is not None:
            of_agency[row.agency_id].append(row)
    groups: dict[str, Count] = {}
    total = Count()
    for subject in subjects:
        subject_id = subject["subject_id"]
        # A body that is no longer in force, yet has evidence, is shown: results are sums over evidence.
        if not in_force(subject, months) and subject_id not in of_subject:
            continue
        count = counted(of_subject[subject_id])
        group = peer_group(subject)
        of_group[group] += of_subject[subject_id]
        groups[group] = groups.get(group, Count()).plus(count)
        total = total.plus(count)
        yield "subject", subject_id, count
    for group, count in groups.items():
        yield "peer_group", group, pielou(of_group[group]) if is_index else count
    yield "total", "total", pielou(row for each in of_group.values() for row in each) if is_index else total
    for agency_id, of_it in of_agency.items():
        yield "agency", agency_id, counted(of_it)


def results(evidence: Iterable[Evidence], subjects: list[Row], month: date) -> list[Result]:
    """All results of an edition of `month`: thirteen months, and the quarter, year to date and twelve months."""
    by_month: dict[tuple[str, str, date], list[Evidence]] = defaultdict(list)
    for row in evidence:
        by_month[row.indicator_id, row.variant, row.month].append(row)
    periods = [("month", each) for each in thirteen_months(month)]
    periods += [(kind, month) for kind in ("quarter", "ytd", "r12")]
    found = []
    for indicator_id, variants in VARIANTS.items():
        for variant in variants:
            for kind, last in periods:
                if kind not in PERIOD_KINDS.get(indicator_id, (kind,)):
                    continue
                months = months_of(kind, last)
                rows = [row for each in months for row in by_month[indicator_id, variant, each]]
                for level, entity, count in _counts(rows, subjects, months, indicator_id in INDICES):
                    value, lower, upper, status, reason = judged(indicator_id, count)
                    found.append(
                        Result(
                            indicator_id, variant, level, entity, kind, f"{last:%Y-%m}",
                            count.numerator, count.denominator, count.excluded, count.undecidable,
                            value, lower, upper, status, reason,
                        )
                    )  # fmt: skip
    return found
