"""Points, pillars, totals, gates, grades: the arithmetic of a scheme (docs/judgement.md works an example).

The limits of a pillar and of a total come from those of its parts by MOVER (Zou and Donner 2008): the
distance to the limit is the square root of the summed squares of what each part, moved alone to its own
limit, changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, NamedTuple

from pipelines.scheme.model import Band, Gate, Grade, Pillar, Scheme, Weighed


class Points(NamedTuple):
    """Points with the limits that the interval of the value gives them."""

    at: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Scored:
    """One indicator of one body: its result row, its points, or the reason why it has none."""

    entry: Weighed
    pillar_id: str
    row: Mapping[str, Any] | None
    points: Points | None
    reason: str | None


@dataclass(frozen=True)
class Gated:
    """One gate of one body: the factor, 1 with a reason where it could not be judged."""

    gate: Gate
    row: Mapping[str, Any] | None
    factor: Points
    reason: str | None


@dataclass(frozen=True)
class Total:
    """A body's assessment. `state` is `assessed`, `not_assessed` or `no_return`; only the first has a total."""

    subject_id: str
    state: str
    weight_present: float
    indicators: tuple[Scored, ...]
    pillars: Mapping[str, Points | None]
    gates: tuple[Gated, ...]
    total: Points | None = None
    grade: str | None = None
    grade_lower: str | None = None
    grade_upper: str | None = None
    reason: str | None = None


def points_of(band: Band, value: float) -> float:
    """0 to 100: 100 within the band, in a straight line to 0 at its outer edges, never beyond.

    Points are kept to nine decimals, so that 0.42 in a band from 0.1 to 0.5 earns 80 and not a hair less.
    """
    if band.low is not None and band.floor is not None and value < band.low:
        return round(max(0.0, 100 * (value - band.floor) / (band.low - band.floor)), 9)
    if band.high is not None and band.ceiling is not None and value > band.high:
        return round(max(0.0, 100 * (band.ceiling - value) / (band.ceiling - band.high)), 9)
    return 100.0


def points_with_limits(band: Band, value: float, lower: float | None, upper: float | None) -> Points:
    """The points of a value, and the fewest and most that any value of its interval would earn."""
    at = points_of(band, value)
    if lower is None or upper is None:
        return Points(at, at, at)
    ends = points_of(band, lower), points_of(band, upper)
    crosses = (band.low is None or upper >= band.low) and (band.high is None or lower <= band.high)
    return Points(at, min(*ends, at), 100.0 if crosses else max(*ends, at))


def why_not_scored(row: Mapping[str, Any] | None, minimum_n: int) -> str | None:
    """The reason why a result earns no points; None if it does.

    NO_RESULT, NO_UNITS, TOO_FEW (below the minimum n), UNDECIDABLE (a value with two bounds only).
    """
    if row is None:
        return "NO_RESULT"
    if row["status"] == "none":
        return "NO_UNITS"
    if row["status"] == "bounds":
        return "UNDECIDABLE"
    if row["value"] is None or row["denominator"] < minimum_n:
        return "TOO_FEW"
    return None


def pillar_points(parts: Sequence[tuple[float, Points]]) -> Points | None:
    """The weighted mean of (weight, points); None without any part."""
    weight = sum(one for one, _ in parts)
    if not parts:
        return None
    at = sum(w * p.at for w, p in parts) / weight
    down = sqrt(sum((w / weight * (p.at - p.lower)) ** 2 for w, p in parts))
    up = sqrt(sum((w / weight * (p.upper - p.at)) ** 2 for w, p in parts))
    return Points(at, max(0.0, at - down), min(100.0, at + up))


def total_points(pillars: Sequence[tuple[float, Points]], factor: Points, floor: float) -> Points | None:
    """The weighted geometric mean of the pillars, none below `floor`, times the gates' factor."""
    if not pillars:
        return None

    def mean(values: Sequence[float]) -> float:
        weight = sum(one for one, _ in pillars)
        pairs = zip(pillars, values, strict=True)
        return exp(sum(w / weight * log(max(value, floor)) for (w, _), value in pairs))

    middle = [points.at for _, points in pillars]
    product = mean(middle)
    at = factor.at * product

    def moved(number: int, end: float) -> float:
        return factor.at * mean([*middle[:number], end, *middle[number + 1 :]])

    down = sqrt(
        sum((at - moved(i, p.lower)) ** 2 for i, (_, p) in enumerate(pillars)) + (at - factor.lower * product) ** 2
    )
    up = sqrt(
        sum((moved(i, p.upper) - at) ** 2 for i, (_, p) in enumerate(pillars)) + (factor.upper * product - at) ** 2
    )
    return Points(at, max(0.0, at - down), min(100.0, at + up))


def grade_of(grades: Sequence[Grade], points: float) -> str:
    """The id of the best grade that `points` reach."""
    return next(grade.id for grade in grades if round(points, 9) >= grade.at_least)


def gate_factor(gate: Gate, row: Mapping[str, Any] | None, default_minimum: int) -> Gated:
    """1 where the value reaches `low`, `least` at `floor` and below, a line between; 1 if not judged."""
    reason = why_not_scored(row, gate.minimum_n or default_minimum)
    if reason is not None or row is None:
        return Gated(gate, row, Points(1.0, 1.0, 1.0), reason)
    band = Band(floor=gate.floor, low=gate.low)
    found = points_with_limits(band, row["value"], row["lower"], row["upper"])
    return Gated(gate, row, Points(*(gate.least + (1 - gate.least) * p / 100 for p in found)), None)


def score_body(
    subject_id: str, scheme: Scheme, results: Mapping[tuple[str, str, str], Mapping[str, Any]], *, sent_nothing: bool
) -> Total:
    """Assess one body by an effective scheme; `results` is keyed by (indicator, variant, period_kind)."""
    scored = []
    for pillar in scheme.pillars:
        for entry in pillar.indicators:
            row = results.get((entry.indicator, entry.variant or "", entry.period or scheme.period))
            reason = why_not_scored(row, entry.minimum_n or scheme.minimum_n)
            points = (
                points_with_limits(entry.band, row["value"], row["lower"], row["upper"])
                if reason is None and row is not None
                else None
            )
            scored.append(Scored(entry, pillar.id, row, points, reason))

    def row_of(gate: Gate) -> Mapping[str, Any] | None:
        return results.get((gate.indicator, gate.variant or "", gate.period or scheme.period))

    gates = tuple(gate_factor(gate, row_of(gate), scheme.minimum_n) for gate in scheme.gates)
    pillars = {pillar.id: _pillar(pillar, scored) for pillar in scheme.pillars}
    weights = {pillar.id: pillar.weight for pillar in scheme.pillars}
    present = sum(weights[one.pillar_id] * one.entry.weight for one in scored if one.points is not None)
    body = Total(subject_id, "assessed", present, tuple(scored), pillars, gates)
    if sent_nothing:
        return _without_total(body, "no_return", "NOTHING_SENT")
    # A hair of rounding must not keep out a body that has exactly the share asked for.
    if present < scheme.minimum_weight - 1e-9:
        return _without_total(body, "not_assessed", "TOO_LITTLE_WEIGHT")
    factor = _product([gate.factor for gate in gates])
    judged = [(weights[name], points) for name, points in pillars.items() if points is not None]
    total = total_points(judged, factor, scheme.pillar_floor)
    if total is None:
        return _without_total(body, "not_assessed", "TOO_LITTLE_WEIGHT")
    grades = [grade_of(scheme.grades, points) for points in total]
    return Total(subject_id, "assessed", present, tuple(scored), pillars, gates, total, grades[0], grades[1], grades[2])


def _pillar(pillar: Pillar, scored: Sequence[Scored]) -> Points | None:
    return pillar_points(
        [(s.entry.weight, s.points) for s in scored if s.pillar_id == pillar.id and s.points is not None]
    )


def _without_total(body: Total, state: str, reason: str) -> Total:
    return Total(body.subject_id, state, body.weight_present, body.indicators, body.pillars, body.gates, reason=reason)


def _product(factors: Sequence[Points]) -> Points:
    at = lower = upper = 1.0
    for factor in factors:
        at, lower, upper = at * factor.at, lower * factor.lower, upper * factor.upper
    return Points(at, lower, upper)
