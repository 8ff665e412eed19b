"""The official working days, and a workspace's corrections of them."""

from datetime import date

import pytest

from pipelines.errors import SettingError
from pipelines.warehouse.calendar import official_days, override_days


@pytest.mark.parametrize(
    ("day", "is_working_day"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked in exchange
        (date(2026, 10, 11), False),  # a Sunday
        (date(2026, 10, 12), True),
    ],
)
def test_the_state_councils_notice_moves_working_days(day, is_working_day):
    assert official_days()[day] is is_working_day


def test_every_day_of_the_known_years_is_there_once_and_no_other():
    days = official_days()
    first, last = min(days), max(days)
    assert (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    assert len(days) == (last - first).days + 1


def test_a_workspace_may_correct_days(tmp_path):
    path = tmp_path / "calendar.csv"
    path.write_text("day,is_working_day\n2027-01-01,否\n2027-01-04,true\n", encoding="utf-8-sig")
    assert override_days(path) == {date(2027, 1, 1): False, date(2027, 1, 4): True}
    assert override_days(tmp_path / "none.csv") == {}


@pytest.mark.parametrize(
    "text", ["date,work\n", "day,is_working_day\n2027-13-01,true\n", "day,is_working_day\n2027-01-01,maybe\n"]
)
def test_an_unreadable_line_is_named(tmp_path, text):
    path = tmp_path / "calendar.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match="calendar.csv"):
        override_days(path)
