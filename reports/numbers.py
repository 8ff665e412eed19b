"""How numbers are printed: half up, in Decimal, and nowhere else (design §6.5)."""

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


def half_up(value: Decimal | float, digits: int) -> str:
    """`value` with `digits` after the point, halves away from zero; thousands grouped by commas."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
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
    return f"{half_up(exact * 100, 2)} %" if unit == "share" else half_up(exact, _digits(unit, exact))


@lru_cache(maxsize=65_536)
def interval(lower: float | None, upper: float | None, unit: str) -> str:
    """An interval as `74.3–79.8 %` or `1.23–3.41`; empty where there is none."""
    if lower is None or upper is None:
        return ""
    if unit == "share":
        return f"{half_up(Decimal(repr(lower)) * 100, 1)}–{half_up(Decimal(repr(upper)) * 100, 1)} %"
    digits = max(1, _digits(unit, upper))
    return f"{half_up(lower, digits)}–{half_up(upper, digits)}"


def change(now: Result | None, before: Result | None, unit: str) -> str:
    """The difference of two values as `signed` prints it; empty if one has no value."""
    first = exact_value(before) if before else None
    second = exact_value(now) if now else None
    if first is None or second is None:
        return ""
    return signed(second - first, unit, of=max(first, second))


def signed(number: Decimal | float | None, unit: str, *, of: Decimal | float) -> str:
    """A difference with its sign, in points of a percentage for shares: `+1.20`, `−0.35`, `±0.00`; empty for none.

    It has as many digits as the larger of the two values it lies between, `of`.
    """
    if number is None:
        return ""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    return _with_sign(exact * (100 if unit == "share" else 1), _digits(unit, of))


def points_difference(number: float) -> str:
    """A difference of points with its sign and one digit: `+1.2`, `−0.4`, `±0.0`."""
    return _with_sign(Decimal(repr(number)), 1)


def _with_sign(size: Decimal, digits: int) -> str:
    text = half_up(size, digits)
    if not any(digit in text for digit in "123456789"):
        return f"±{text}"
    return text.replace("-", "−") if size < 0 else f"+{text}"


def points(number: float | None) -> str:
    """Points of a score with one digit, `37.1`."""
    return NO_VALUE if number is None else half_up(number, 1)


def statistic(number: float | None) -> str:
    """A test statistic with up to three digits after the point, without zeros at the end."""
    if number is None:
        return NO_VALUE
    text = half_up(number, 3)
    return text.rstrip("0").rstrip(".").replace("-", "−")


#: Below this a probability is only said to be smaller.
_LEAST_PROBABILITY = 1e-6


def probability(number: float | None) -> str:
    """A p-value with two digits that count: `0.43`, `0.00012`, `< 0.000001`."""
    if number is None:
        return NO_VALUE
    if number < _LEAST_PROBABILITY:
        return f"< {_LEAST_PROBABILITY:f}"
    digits = max(2, 1 - Decimal(repr(number)).adjusted())
    return half_up(number, digits)
