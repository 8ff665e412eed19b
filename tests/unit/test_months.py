"""Months, and the time up to which a month's records are known."""

from datetime import date, datetime

import pytest

from pipelines.errors import UsageError
from pipelines.warehouse.months import Month, parse_as_of


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026", "2026-1", "26-10", "", "2026-10-01", "0000-01", "十月"])
def test_what_is_not_a_month_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="for example 2026-10"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("month", "as_of"),
    [("2026-10", "2026-11-05T23:59:59"), ("2026-12", "2027-01-05T23:59:59"), ("2024-02", "2024-03-05T23:59:59")],
)
def test_a_month_is_known_at_the_end_of_the_fifth_day_after_it(month, as_of):
    assert Month.parse(month).default_as_of == datetime.fromisoformat(as_of)


@pytest.mark.parametrize(
    ("month", "months", "expected"),
    [("2026-10", 0, "2026-10"), ("2026-12", 1, "2027-01"), ("2026-01", -1, "2025-12"), ("2026-10", -12, "2025-10")],
)
def test_months_are_counted_over_the_turn_of_the_year(month, months, expected):
    assert str(Month.parse(month).plus(months)) == expected


def test_a_month_sorts_and_knows_its_first_day():
    assert Month.parse("2025-12") < Month.parse("2026-01")
    assert Month.parse("2026-10").first_day == date(2026, 10, 1) == Month.of(date(2026, 10, 31)).first_day


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2026-11-05", datetime(2026, 11, 5, 23, 59, 59)), ("2026-11-05T08:30:00", datetime(2026, 11, 5, 8, 30))],
)
def test_a_day_means_its_end(text, moment):
    assert parse_as_of(text) == moment


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "2026-11-05T08:00:00+08:00"])
def test_an_unreadable_time_is_refused(text):
    with pytest.raises(UsageError, match=r"2026|zone"):
        parse_as_of(text)
