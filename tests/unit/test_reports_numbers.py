"""Numbers are printed half up, in Decimal, once."""

from decimal import Decimal

import pytest

from reports import numbers
from reports.edition import Result


def result(numerator: float, denominator: float) -> Result:
    """A result whose value is the ratio, without interval."""
    return Result(numerator, denominator, 0, 0, numerator / denominator, None, None, "ok", None)


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (Decimal("0.125"), 2, "0.13"),  # a half goes up, not to the even digit
        (Decimal("-0.125"), 2, "-0.13"),  # away from zero below it
        (Decimal("2.5"), 0, "3"),
        (Decimal("-0.001"), 2, "0.00"),  # no minus before a zero
        (1234567, 0, "1,234,567"),
        (1e15, 1, "1,000,000,000,000,000.0"),
    ],
)
def test_halves_go_away_from_zero(number: Decimal | float, digits: int, text: str) -> None:
    assert numbers.half_up(number, digits) == text


@pytest.mark.parametrize(
    ("numerator", "denominator", "unit", "text"),
    [
        (682, 884, "share", "77.15 %"),  # 0.771493…, domain §5.1
        (34439, 1862, "per_head", "18.5"),  # 18.4957…, the published figure of 2023
        (52, 137, "per_head", "0.38"),  # below ten one digit more
        (1, 800, "share", "0.13 %"),  # 0.125 % exactly: half up
        (0, 3, "share", "0.00 %"),
        (7, 1, "count", "7"),
        (7, 8, "index", "0.88"),  # 0.875 exactly: half up
    ],
)
def test_a_value_is_printed_by_its_unit(numerator: float, denominator: float, unit: str, text: str) -> None:
    exact = numbers.exact_value(result(numerator, denominator))
    assert exact is not None
    assert numbers.value(exact, unit) == text


def test_a_ratio_is_exact_where_the_stored_double_is_not() -> None:
    # 1.005 is stored as 1.00499999999999989…: half up of the double would give 1.00.
    assert numbers.value(numbers.exact_value(result(201, 200)), "index") == "1.01"


def test_an_index_that_is_no_ratio_keeps_its_stored_value() -> None:
    stored = numbers.exact_value(result(3, 4)._replace(value=0.9183))
    assert stored == Decimal("0.9183")


def test_no_value_is_made_where_none_is_stored() -> None:
    # Status tiny: 2 of 3 has counts but no value.
    assert numbers.exact_value(result(2, 3)._replace(value=None)) is None


def test_amounts_are_whole_where_they_are_whole() -> None:
    assert [numbers.amount(n) for n in (0.0, 12.0, 1234.0, 12.345)] == ["0", "12", "1,234", "12.35"]


def test_intervals() -> None:
    assert numbers.interval(0.743, 0.7979, "share") == "74.3–79.8 %"
    assert numbers.interval(1.234, 3.415, "per_head") == "1.23–3.42"
    assert numbers.interval(None, None, "share") == ""
    # With one digit the interval would begin at 1.0 %, above the value.
    assert numbers.interval(0.0096, 0.0141, "share", 0.0097) == "0.96–1.41 %"
    assert numbers.interval(0.743, 0.7979, "share", 0.77) == "74.3–79.8 %"


def test_a_number_is_printed_on_the_side_of_its_limit_on_which_it_lies() -> None:
    assert numbers.statistic(7.0002, 7.0) == "7.0002"
    assert numbers.statistic(7.0, 7.0) == "7"
    assert numbers.statistic(7.5, 7.0) == "7.5"
    assert numbers.statistic(100.0) == "100"
    assert numbers.probability(0.00996, 0.01) == "0.00996"
    assert numbers.probability(0.000998, 0.001) == "0.000998"
    assert numbers.probability(0.00043, 0.001) == "0.00043"


def test_the_parts_of_a_difference_sum_to_it_as_printed() -> None:
    # 50.01 % − 33.33 % = 16.68 points; a mix of 1.005 is shown as 1.01, so the rate is 15.67.
    found = numbers.difference(0.50009, 1 / 3, "share")
    assert found is not None
    assert (str(found), *found.split(0.01005)) == ("+16.68", "+1.01", "+15.67")


@pytest.mark.parametrize(
    ("now", "before", "unit", "text"),
    [
        (result(33, 100), result(30, 100), "share", "+3.00"),
        (result(30, 100), result(33, 100), "share", "−3.00"),
        (result(30, 100), result(3, 10), "share", "±0.00"),
        (result(20, 1), result(18, 1), "per_head", "+2.0"),
        # 33.333… and 16.666… are shown as 33.33 % and 16.67 %: 16.66 points, where the difference is 16.666….
        (result(1, 3), result(1, 6), "share", "+16.66"),
        (result(102, 10), result(995, 100), "per_head", "+0.25"),  # 10.2 − 9.95
        (result(2, 3)._replace(value=None), result(30, 100), "share", ""),  # too few units now: not comparable
        (result(30, 100), None, "share", ""),  # no such month in the edition
    ],
)
def test_a_change_is_a_difference_of_two_values(now: Result, before: Result | None, unit: str, text: str) -> None:
    assert numbers.change(now, before, unit) == text
