"""Where marks stand: interval plots in percent of their axis, trend lines in the units of a drawing.

Templates do no arithmetic, so all of it is here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.edition import Result

#: Statuses whose value is drawn as a point; tiny and none never are.
DRAWN = ("ok", "small", "bounds")

#: Where an axis of shares may end.
_SHARE_AXES = (0.05, 0.1, 0.25, 0.5, 1.0)


def nice_ceiling(largest: float) -> float:
    """The smallest of 1, 2, 2.5, 5 × a power of ten that is not below `largest`; 1 for nothing."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= largest * (1 - 1e-9))


def axis_top(results: Sequence[Result | None], unit: str) -> float:
    """The upper end of an axis that starts at 0, with room for every drawn value.

    Shares end at 5, 10, 25, 50 or 100 percent, others at a round number; a page always prints the end.
    Intervals of few units can be far wider than any value; they may leave the drawing, and are
    then marked as going on.
    """
    drawn = [r for r in results if r is not None and r.status in DRAWN and r.value is not None]
    values = [r.value or 0.0 for r in drawn] + [r.upper for r in drawn if r.status == "ok" and r.upper is not None]
    largest = max(values, default=0.0)
    if unit == "share":
        return next((step for step in _SHARE_AXES if values and largest <= step), 1.0)
    return nice_ceiling(largest)


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Mark:
    """An interval plot's marks in percent of the axis, as text; None where nothing may be drawn."""

    at: str | None
    low: str | None
    high: str | None
    goes_on: bool


NO_MARK = Mark(None, None, None, False)


def mark(result: Result | None, top: float) -> Mark:
    """The marks of a result on an axis from 0 to `top`."""
    if result is None or result.status not in DRAWN or result.value is None:
        return NO_MARK

    def percent(value: float) -> str:
        return _number(min(max(value / top, 0.0), 1.0) * 100)

    goes_on = result.upper is not None and result.upper > top * (1 + 1e-9)
    return Mark(
        percent(result.value),
        None if result.lower is None else percent(result.lower),
        None if result.upper is None else percent(result.upper),
        goes_on,
    )


#: Statuses drawn as a hollow point: few units, or a value between two bounds.
HOLLOW = ("small", "bounds")


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend line in a drawing of `width` × `height`, as path data.

    `points` are the months with a value as strokes without length, `hollow` those of them of few units;
    `gaps` are where months without a value stand.
    """

    width: int
    height: int
    line: str
    band: str
    points: str
    hollow: str
    base: str
    gaps: tuple[str, ...]


def trend(results: Sequence[Result | None], top: float, width: int, height: int, pad: int = 5) -> Trend:
    """The line through the months' values, broken where a month has none, and the band of intervals."""
    step = (width - 2 * pad) / max(len(results) - 1, 1)

    def y_of(value: float) -> str:
        return _number(height - pad - min(max(value / top, 0.0), 1.0) * (height - 2 * pad))

    points, hollow, gaps = [], [], []
    runs: list[list[tuple[str, Result]]] = [[]]
    for index, result in enumerate(results):
        x = _number(pad + index * step)
        if result is None or result.status not in DRAWN or result.value is None:
            gaps.append(x)
            runs.append([])
        else:
            point = f"M{x} {y_of(result.value)}h0"
            points.append(point)
            if result.status in HOLLOW:
                hollow.append(point)
            runs[-1].append((x, result))
    line = "".join(
        "M" + "L".join(f"{x} {y_of(result.value or 0.0)}" for x, result in run) for run in runs if len(run) > 1
    )
    bands = []
    for run in runs:
        known = [(x, r.lower, r.upper) for x, r in run if r.lower is not None and r.upper is not None]
        if len(known) > 1:
            upper = [f"{x} {y_of(high)}" for x, _, high in known]
            lower = [f"{x} {y_of(low)}" for x, low, _ in reversed(known)]
            bands.append("M" + "L".join(upper + lower) + "Z")
    return Trend(
        width, height, line, "".join(bands), "".join(points), "".join(hollow), _number(height - pad), tuple(gaps)
    )


@dataclass(frozen=True, slots=True)
class Chart:
    """A trend with its axes: ticks are (y, text), months (x, text, anchor); the trend begins at (left, top)."""

    width: int
    height: int
    left: int
    top: int
    text_at: int
    ticks: tuple[tuple[str, str], ...]
    months: tuple[tuple[str, str, str], ...]
    trend: Trend


#: Size of a chart, and the room of its axes.
_CHART_WIDTH, _CHART_HEIGHT, _LEFT, _TOP, _FOOT, _PAD = 300, 124, 42, 6, 20, 5


def chart(results: Sequence[Result | None], months: Sequence[str], unit: str) -> Chart:
    """The trend of the months' values on an axis from 0, with three ticks and the first, middle and last month."""
    top = axis_top(results, unit)
    width, height = _CHART_WIDTH - _LEFT, _CHART_HEIGHT - _TOP - _FOOT
    drawn = trend(results, top, width, height, _PAD)
    ticks = []
    for part in (0.0, 0.5, 1.0):
        y = _TOP + height - _PAD - part * (height - 2 * _PAD)
        ticks.append((_number(y), f"{part * top * 100:g} %" if unit == "share" else f"{part * top:g}"))
    middle = len(months) // 2
    step = (width - 2 * _PAD) / max(len(months) - 1, 1)
    named = [(0, "start"), (middle, "middle"), (len(months) - 1, "end")]
    places = tuple((_number(_LEFT + _PAD + place * step), months[place], anchor) for place, anchor in named)
    return Chart(_CHART_WIDTH, _CHART_HEIGHT, _LEFT, _TOP, _LEFT - 6, tuple(ticks), places, drawn)
