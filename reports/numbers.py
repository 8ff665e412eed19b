"""How numbers are printed: half up, in Decimal, and nowhere else (design §6.5)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from reports.edition import Result

#: Shown in place of a value that may not be shown.
NO_VALUE = "—"

#: Statuses of results whose units are too few for a value: pages show their counts only.
HIDDEN = ("tiny", "none")

#: Digits after the point by an indicator's unit; a share is counted in percent.
_DIGITS = {"share": 2, "per_head": 1, "count": 0, "index": 2}

#: Below this, acts per head are printed with one more digit, or most months would read alike.
_FEW_PER_HEAD = 10

#: No number is printed with more digits after the point.
_MOST_DIGITS = 12

#: The last digit by how many there are after the point.
_LAST_DIGIT = [Decimal(1).scaleb(-digits) for digits in range(_MOST_DIGITS + 1)]


def half_up(value: Decimal | float, digits: int) -> str:
    """`value` with `digits` after the point, halves away from zero; thousands grouped by commas."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    rounded = exact.quantize(_LAST_DIGIT[digits], rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


def _digits(unit: str, size: Decimal | float) -> int:
    return _DIGITS[unit] + (unit == "per_head" and abs(Decimal(size)) < _FEW_PER_HEAD)


@lru_cache(maxsize=65_536)
def amount(value: float) -> str:
    """A numerator or denominator: whole where it is whole, else two digits."""
    return half_up(value, 0 if float(value).is_integer() else 2)


@lru_cache(maxsize=65_536)
def exact_value(result: Result) -> Decimal | None:
    """The value, from numerator and denominator where it is their ratio, so that halves are exact."""
    if result.value is None:
        return None
    stored = Decimal(repr(result.value))
    if result.denominator:
        ratio = Decimal(repr(result.numerator)) / Decimal(repr(result.denominator))
        if abs(ratio - stored) < Decimal("1e-9"):
            return ratio
    return stored


@lru_cache(maxsize=65_536)
def value(number: Decimal | float, unit: str) -> str:
    """A share as `77.15 %`, acts per head as `18.5` (`0.42` below ten), a count as `7`, an index as `0.87`."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    digits = _digits(unit, exact)
    return f"{half_up(exact * 100, digits)} %" if unit == "share" else half_up(exact, digits)


@lru_cache(maxsize=65_536)
def interval(lower: float | None, upper: float | None, unit: str, of: Decimal | float | None = None) -> str:
    """An interval as `74.3–79.8 %` or `1.23–3.41`; empty where there is none.

    It has one digit more where the value `of` it would else be printed outside of it.
    """
    if lower is None or upper is None:
        return ""
    scale = 100 if unit == "share" else 1
    ends = [Decimal(repr(end)) * scale for end in (lower, upper)]
    digits = 1 if unit == "share" else max(1, _digits(unit, upper))
    if of is not None:
        low, high = (_rounded(end, digits) for end in ends)
        digits += not low <= _rounded(_exact(of) * scale, _digits(unit, of)) <= high
    return f"{half_up(ends[0], digits)}–{half_up(ends[1], digits)}{' %' if unit == 'share' else ''}"


def _exact(number: Decimal | float) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def _rounded(number: Decimal, digits: int) -> Decimal:
    return number.quantize(_LAST_DIGIT[digits], rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Difference:
    """The difference of two values as printed, in points of a percentage for shares, and the digits it has."""

    size: Decimal
    digits: int
    #: What values are multiplied by to be printed.
    scale: int

    def __str__(self) -> str:
        return _with_sign(self.size, self.digits)

    def split(self, part: Decimal | float) -> tuple[str, str]:
        """A part of it, given in the scale of the values, and what is left of it: both sum to it as printed."""
        first = _rounded(_exact(part) * self.scale, self.digits)
        return _with_sign(first, self.digits), _with_sign(self.size - first, self.digits)


def difference(now: Decimal | float | None, before: Decimal | float | None, unit: str) -> Difference | None:
    """Of two values, as a reader takes the one printed from the other; None if one is missing.

    The digits are those of the finer of the two: 10.2 − 9.95 = 0.25.
    """
    if now is None or before is None:
        return None
    scale = 100 if unit == "share" else 1
    sizes = [_exact(one) * scale for one in (now, before)]
    digits = [_digits(unit, one) for one in (now, before)]
    shown = [_rounded(size, places) for size, places in zip(sizes, digits, strict=True)]
    return Difference(shown[0] - shown[1], max(digits), scale)


def change(now: Result | None, before: Result | None, unit: str) -> str:
    """The difference of two values as they are printed: `+1.20`, `−0.35`, `±0.00`; empty if one has no value."""
    found = difference(exact_value(now) if now else None, exact_value(before) if before else None, unit)
    return "" if found is None else str(found)


def signed(number: Decimal | float, unit: str, *, digits: int) -> str:
    """A part of a difference with its sign, in points of a percentage for shares."""
    return _with_sign(_exact(number) * (100 if unit == "share" else 1), digits)


def points_difference(now: float, before: float) -> str:
    """The difference of points as they are printed: `+1.2`, `−0.4`, `±0.0`."""
    return _with_sign(_rounded(_exact(now), 1) - _rounded(_exact(before), 1), 1)


def _with_sign(size: Decimal, digits: int) -> str:
    text = half_up(size, digits)
    if not any(digit in text for digit in "123456789"):
        return f"±{text}"
    return text.replace("-", "−") if size < 0 else f"+{text}"


def points(number: float | None) -> str:
    """Points of a score with one digit, `37.1`."""
    return NO_VALUE if number is None else half_up(number, 1)


def _apart(number: Decimal, limit: float | None, digits: int) -> int:
    """So many digits that `number` is printed on the side of its limit on which it lies."""
    if limit is not None:
        bound = _exact(limit)
        shown = Decimal(statistic(limit).replace("−", "-").replace(",", ""))
        while digits < _MOST_DIGITS and (number - bound).compare(0) != (_rounded(number, digits) - shown).compare(0):
            digits += 1
    return digits


def statistic(number: float | None, limit: float | None = None) -> str:
    """A test statistic with up to three digits after the point, without zeros at the end.

    It has more where it would else be printed as the `limit` that it misses or exceeds.
    """
    if number is None:
        return NO_VALUE
    text = half_up(number, _apart(_exact(number), limit, 3))
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


#: Below this a probability is only said to be smaller.
_LEAST_PROBABILITY = 1e-6


def probability(number: float | None, limit: float | None = None) -> str:
    """A p-value with two digits that count: `0.43`, `0.00012`, `< 0.000001`; more to tell it from its `limit`."""
    if number is None:
        return NO_VALUE
    if number < _LEAST_PROBABILITY:
        return f"< {_LEAST_PROBABILITY:f}"
    exact = _exact(number)
    return half_up(number, _apart(exact, limit, max(2, 1 - exact.adjusted())))
