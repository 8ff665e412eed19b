"""Where marks stand: small samples and missing values cannot be misread."""

import pytest

from reports.charts.geometry import NO_MARK, axis_top, chart, mark, nice_ceiling, trend
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
    assert drawn.points.count("M") == 4
    assert drawn.gaps == ("50",)  # the third of five months
    assert drawn.band == ""  # no interval, no band


def test_a_single_month_is_a_point_and_no_line() -> None:
    drawn = trend([None, result(0.5), None], 1.0, 100, 60)
    assert drawn.line == ""
    assert drawn.points.count("M") == 1


def test_a_month_of_few_units_is_a_hollow_point() -> None:
    drawn = trend([result(0.5), result(1.0, "small"), result(0.25, "bounds")], 1.0, 110, 60)
    assert drawn.points == "M5 30h0M55 5h0M105 42.5h0"
    assert drawn.hollow == "M55 5h0M105 42.5h0"


def test_a_chart_names_both_ends_of_its_axes_and_their_middles() -> None:
    months = ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
    drawn = chart([None, result(0.2), result(0.3), result(0.4), result(0.45)], months, "share")
    assert [text for _, text in drawn.ticks] == ["0 %", "25 %", "50 %"]
    assert [(text, anchor) for _, text, anchor in drawn.months] == [
        ("2026-06", "start"), ("2026-08", "middle"), ("2026-10", "end")
    ]  # fmt: skip
    heights = [float(y) for y, _ in drawn.ticks]
    assert heights == sorted(heights, reverse=True)  # 0 is at the foot
    assert [text for _, text in chart([result(18.5)], ["2026-10"], "per_head").ticks] == ["0", "10", "20"]
