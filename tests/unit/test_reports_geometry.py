"""Where marks stand: small samples and missing values cannot be misread."""

import pytest

from reports.charts.geometry import NO_MARK, axis_top, mark, nice_ceiling, trend
from reports.charts.trend import trend_specification
from reports.edition import Result


def result(value: float | None, status: str = "ok", lower: float | None = None, upper: float | None = None) -> Result:
    return Result(1.0, 2.0, 0, 0, value, lower, upper, status, None)


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (0.3, 0.5), (1, 1), (1.01, 2), (2.2, 2.5), (18.5, 20), (51, 100), (2.5, 2.5)]
)
def test_an_axis_ends_at_a_round_number(largest: float, top: float) -> None:
    assert nice_ceiling(largest) == pytest.approx(top)


def test_an_interval_plot_is_in_percent_of_its_axis() -> None:
    drawn = mark(result(0.5, lower=0.25, upper=0.755), 1.0)
    assert (drawn.at, drawn.low, drawn.high, drawn.goes_on) == ("50", "25", "75.5", False)


@pytest.mark.parametrize("status", ["tiny", "none"])
def test_no_point_is_drawn_without_enough_units(status: str) -> None:
    assert mark(result(None, status), 1.0) == NO_MARK
    # Even if an edition held a value, its status forbids the point.
    assert mark(result(0.5, status), 1.0) == NO_MARK


def test_an_interval_beyond_the_axis_is_cut_and_marked() -> None:
    drawn = mark(result(1.0, "small", 0.2, 9.0), 2.0)
    assert (drawn.at, drawn.high, drawn.goes_on) == ("50", "100", True)


@pytest.mark.parametrize(
    ("values", "top"), [([0.02], 0.05), ([0.02, 0.051], 0.1), ([0.3], 0.5), ([0.2, 0.77], 1.0), ([1.0], 1.0), ([], 1.0)]
)
def test_an_axis_of_shares_ends_at_a_familiar_percentage(values: list[float], top: float) -> None:
    assert axis_top([result(value) for value in values], "share") == top


def test_an_axis_of_shares_has_room_for_intervals_of_enough_units() -> None:
    assert axis_top([result(0.04, upper=0.08), result(0.04, "small", 0.0, 0.9)], "share") == 0.1


def test_wide_intervals_of_few_units_do_not_flatten_the_axis() -> None:
    #            value 1.5 of enough units     value 1.0, interval to 40, of few
    assert axis_top([result(1.5, upper=1.9), result(1.0, "small", 0.1, 40.0), None], "per_head") == 2.0


def test_a_trend_breaks_where_a_month_has_no_value() -> None:
    values = [result(0.5), result(0.6), result(None, "tiny"), result(0.4), result(0.5)]
    drawn = trend(values, 1.0, 100, 60)
    assert drawn.line.count("M") == 2  # two stretches of two months
    assert [point.y is None for point in drawn.points] == [False, False, True, False, False]
    assert drawn.gaps == (drawn.points[2].x,)
    assert drawn.band == ""  # no interval, no band


def test_a_single_month_is_a_point_and_no_line() -> None:
    drawn = trend([None, result(0.5), None], 1.0, 100, 60)
    assert drawn.line == ""
    assert sum(point.y is not None for point in drawn.points) == 1


def test_a_chart_specification_is_the_same_for_the_same_results() -> None:
    months = ["2026-08", "2026-09", "2026-10"]
    values = [result(0.5, lower=0.4, upper=0.6), None, result(0.6, "small", 0.2, 0.9)]
    first, second = (trend_specification(months, values, "share") for _ in range(2))
    assert first == second
    # Two stretches, so that no line is drawn across the month without a value.
    assert [row["run"] for row in first["data"]["values"] if row["value"] is not None] == [0, 1]  # type: ignore[index]
