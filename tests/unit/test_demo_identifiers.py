"""Check digits of unified social credit codes (GB 32100-2015), and working-day steps."""

from datetime import date

import numpy as np

from pipelines.demo.clock import NONE, WorkingDays, at, day_number, month_of, times, to_date
from pipelines.demo.identifiers import credit_codes, is_credit_code, pick, wrong_check
from pipelines.demo.lateness import entered


def test_check_character_by_hand() -> None:
    """91350100M000100Y43, the example of the standard: Σ wᵢ·cᵢ is worked out below.

    character  9  1  3  5  0  1  0  0  M  0  0  0  1  0  0  Y  4
    value      9  1  3  5  0  1  0  0 21  0  0  0  1  0  0 30  4
    weight     1  3  9 27 19 26 16 17 20 29 25 13  8 24 10 30 28
    product    9  3 27 135 0 26  0  0 420 0  0  0  8  0  0 900 112   sum 1640
    1640 mod 31 = 28, 31 − 28 = 3
    """
    assert 9 + 3 + 27 + 135 + 26 + 420 + 8 + 900 + 112 == 1640
    assert is_credit_code("91350100M000100Y43")
    assert not is_credit_code("91350100M000100Y44")
    assert not is_credit_code("91350100M000100Y4")
    assert not is_credit_code("91350100I000100Y43")  # I is not in the alphabet


def test_codes_are_distinct_and_right_and_a_slip_is_wrong() -> None:
    codes = credit_codes(np.random.default_rng(1), "91", 500, "120116")
    assert len(set(codes)) == 500
    assert all(is_credit_code(c) and c.startswith("91120116") for c in codes)
    assert not any(is_credit_code(wrong_check(c)) for c in codes)


def test_steps_of_working_days_around_the_national_holiday_of_2026() -> None:
    """Thursday 1 to Wednesday 7 October 2026 are free; Saturday the 10th is made up for."""
    days = WorkingDays(day_number(date(2026, 9, 1)), day_number(date(2026, 11, 30)))

    def step(day: date, count: int) -> date:
        return to_date(int(days.step(np.array([day_number(day)]), count)[0]))

    assert step(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert step(date(2026, 10, 3), 0) == date(2026, 10, 8)
    assert step(date(2026, 10, 3), 1) == date(2026, 10, 8)
    assert step(date(2026, 10, 9), 1) == date(2026, 10, 10)
    assert step(date(2026, 10, 10), 1) == date(2026, 10, 12)
    assert step(date(2026, 10, 8), 0) == date(2026, 10, 8)


def test_no_value_stays_no_value() -> None:
    minutes = at(np.array([NONE, day_number(date(2026, 1, 5))]), 543)
    assert minutes[0] == NONE
    assert times("t", minutes).to_list()[0] is None
    assert str(times("t", minutes).to_list()[1]) == "2026-01-05 09:03:00"
    assert month_of(minutes)[1] == 2026 * 12
    assert pick(["a", "b"], np.array([1, NONE, 0])).to_list() == ["b", None, "a"]


def test_entry_is_after_the_act_and_before_the_last_export() -> None:
    acted = np.repeat(np.array([1_000_000, 1_099_000, 1_099_990]), 400)
    entry = entered(np.random.default_rng(2), acted, 1_100_000)
    assert (entry >= acted).all()
    assert (entry <= 1_100_000).all()
    # What happens after the last export is entered after it.
    later = entered(np.random.default_rng(2), np.array([1_100_001]), 1_100_000)
    assert later[0] > 1_100_000
