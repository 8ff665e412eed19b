"""行政强制: C02 the 24 hours, C03 papers on the spot, C04 and C05 seizures, C06 freezes."""

from tests.spec.rules import BODY, outcomes, row
from tests.spec.world import World


def test_c02_an_urgent_measure_is_approved_within_24_hours_by_the_clock():
    world = World(
        "2026-10",  # known up to 2026-11-05 23:59:59
        **BODY,
        coercions="""
            coercion_id | subject_id | urgent | imposed_at          | approved_at
            hour24      | S1         | true   | 2026-10-09 10:00:00 | 2026-10-10 10:00:00
            second_more | S1         | true   | 2026-10-09 10:00:00 | 2026-10-10 10:00:01
            before      | S1         | true   | 2026-10-09 10:00:00 | 2026-10-09 09:00:00
            over_night  | S1         | true   | 2026-10-31 23:00:00 | 2026-11-01 22:59:59
            date_only   | S1         | true   | 2026-10-09 10:00:00 | 2026-10-10
            same_date   | S1         | true   | 2026-10-09 10:00:00 | 2026-10-09
            both_dates  | S1         | true   | 2026-10-09          | 2026-10-10
            two_days    | S1         | true   | 2026-10-09          | 2026-10-11
            three_days  | S1         | true   | 2026-10-09          | 2026-10-12
            never       | S1         | true   | 2026-10-09 10:00:00 | .
            waiting     | S1         | true   | 2026-10-31 10:00:00 | .
            planned     | S1         | false  | 2026-10-09 10:00:00 | .
            unsaid      | S1         | .      | 2026-10-09 10:00:00 | 2026-10-09 11:00:00
        """,
    )
    assert outcomes(world, "C02") == {
        "hour24": "pass",
        "second_more": "fail LATE",
        "before": "pass",
        "over_night": "pass",
        "date_only": "undecidable NO_CLOCK_TIME",  # on the 10th, before or after ten o'clock
        "same_date": "pass",  # the 9th ends 14 hours after: in time at any hour
        "both_dates": "undecidable NO_CLOCK_TIME",
        "two_days": "fail LATE",  # from the last second of the 9th to the first of the 11th: more than 24 hours
        "three_days": "fail LATE",
        "never": "fail NOT_APPROVED",
        "waiting": "fail NOT_APPROVED",
        "planned": "not_applicable NOT_URGENT",
        "unsaid": "undecidable URGENCY_UNKNOWN",
    }
    assert row(world, "C02", "hour24")["observed"] == 24


def test_c02_is_not_due_before_the_24_hours_are_over():
    world = World(
        "2026-10",
        as_of="2026-10-10 09:59:59",
        **BODY,
        coercions="coercion_id | subject_id | urgent | imposed_at\nQ1 | S1 | true | 2026-10-09 10:00:00",
    )
    assert outcomes(world, "C02") == {"Q1": "not_applicable NOT_DUE"}


def test_c03_decision_and_list_are_issued_on_the_day():
    world = World(
        "2026-10",
        **BODY,
        coercions="""
            coercion_id | subject_id | measure | imposed_at
            both        | S1         | seize   | 2026-10-09 10:00
            list_late   | S1         | seal    | 2026-10-09 10:00
            no_list     | S1         | seize   | 2026-10-09 10:00
            late_alone  | S1         | seize   | 2026-10-09 10:00
            nothing     | S1         | seize   | 2026-10-09 10:00
            frozen      | S1         | freeze  | 2026-10-09 10:00
        """,
        documents="""
            document_id | activity_kind | activity_id | kind                     | issued_at
            D1          | coercion      | both        | 行政强制措施决定书       | 2026-10-09 10:05
            D2          | coercion      | both        | 查封扣押清单             | 2026-10-09 23:59
            D3          | coercion      | both        | 解除行政强制措施决定书   | 2026-10-20
            D4          | coercion      | list_late   | 行政强制措施决定书       | 2026-10-09 10:05
            D5          | coercion      | list_late   | 查封扣押清单             | 2026-10-10 00:00
            D6          | coercion      | no_list     | 行政强制措施决定书       | 2026-10-09 10:05
            D7          | coercion      | late_alone  | 查封扣押清单             | 2026-10-12
            D8          | case          | nothing     | 查封扣押清单             | 2026-10-09
        """,
    )
    assert outcomes(world, "C03") == {
        "both": "pass",
        "list_late": "fail NOT_ON_THE_SPOT",
        "no_list": "undecidable NO_DOCUMENT",
        "late_alone": "fail NOT_ON_THE_SPOT",
        "nothing": "undecidable NO_DOCUMENT",
        "frozen": "not_applicable OTHER_MEASURE",
    }


def test_c04_and_c05_a_seizure_lasts_30_days_and_60_if_extended_in_time():
    world = World(
        "2026-10",  # known up to 2026-11-05
        **BODY,
        cases="""
            case_id | subject_id | matter_id | decision | filed_at   | decided_at
            IN_TIME | S1         | M1        | penalty  | 2026-08-01 | 2026-08-31
            LATE    | S1         | M1        | penalty  | 2026-08-01 | 2026-09-01
            GIVEN_UP| S1         | M1        | withdrawn| 2026-08-01 | 2026-08-20
        """,
        coercions="""
            coercion_id | subject_id | measure | case_id | imposed_at       | extended_at | released_at
            day30       | S1         | seize   | .       | 2026-08-01 09:00 | .           | 2026-08-31 23:00
            day31       | S1         | seal    | .       | 2026-08-01 09:00 | .           | 2026-09-01 00:00
            ext_60      | S1         | seize   | .       | 2026-08-01 09:00 | 2026-08-31  | 2026-09-30
            ext_61      | S1         | seize   | .       | 2026-08-01 09:00 | 2026-08-31  | 2026-10-01
            ext_late    | S1         | seize   | .       | 2026-08-01 09:00 | 2026-09-01  | 2026-09-20
            held        | S1         | seize   | .       | 2026-10-05 09:00 | .           | .
            running     | S1         | seize   | .       | 2026-10-06 09:00 | .           | .
            decided     | S1         | seize   | IN_TIME | 2026-08-01 09:00 | .           | .
            dec_late    | S1         | seize   | LATE    | 2026-08-01 09:00 | .           | .
            given_up    | S1         | seize   | GIVEN_UP| 2026-08-01 09:00 | .           | .
            both        | S1         | seize   | IN_TIME | 2026-08-01 09:00 | .           | 2026-09-10
            back        | S1         | seize   | .       | 2026-08-01 09:00 | .           | 2026-07-31
            frozen      | S1         | freeze  | .       | 2026-08-01 09:00 | .           | 2026-08-02
        """,
    )
    assert outcomes(world, "C04") == {
        "day30": "pass",
        "day31": "fail LATE",
        "ext_60": "pass",
        "ext_61": "fail LATE",
        "ext_late": "fail LATE",  # the first limit had run out when it was extended
        "held": "fail STILL_HELD",  # day 31 is 5 November
        "running": "not_applicable NOT_DUE",
        "decided": "not_applicable CASE_DECIDED",
        "dec_late": "fail STILL_HELD",
        "given_up": "fail STILL_HELD",
        "both": "fail LATE",
        "back": "undecidable DATES_REVERSED",
        "frozen": "not_applicable OTHER_MEASURE",
    }
    assert outcomes(world, "C05") == {
        "day30": "pass",
        "day31": "fail LATE",
        "ext_60": "pass",
        "ext_61": "fail LATE",
        "ext_late": "fail LATE",
        "held": "fail OPEN_PAST_LIMIT",
        "running": "not_applicable NOT_DUE",
        "decided": "pass",
        "dec_late": "fail LATE",
        "given_up": "fail OPEN_PAST_LIMIT",
        "both": "pass",  # decided in time, though given back late: C04
        "back": "undecidable DATES_REVERSED",
        "frozen": "not_applicable OTHER_MEASURE",
    }


def test_c06_a_freeze_is_decided_on_paper_within_3_working_days_and_ends_in_time():
    # Frozen on Wed 30 September: 8, 9 and 10 October are the three working days.
    world = World(
        "2026-10",
        as_of="2026-11-05",
        **BODY,
        coercions="""
            coercion_id | subject_id | measure | imposed_at       | extended_at | released_at
            third       | S1         | freeze  | 2026-09-30 10:00 | .           | 2026-10-30
            fourth      | S1         | freeze  | 2026-09-30 10:00 | .           | 2026-10-30
            too_long    | S1         | freeze  | 2026-09-30 10:00 | .           | 2026-10-31
            extended    | S1         | freeze  | 2026-09-30 10:00 | 2026-10-30  | 2026-10-31
            frozen_on   | S1         | freeze  | 2026-09-30 10:00 | .           | .
            running     | S1         | freeze  | 2026-10-20 10:00 | .           | .
            no_paper    | S1         | freeze  | 2026-10-20 10:00 | .           | 2026-10-28
            seized      | S1         | seize   | 2026-09-30 10:00 | .           | .
        """,
        documents="""
            document_id | activity_kind | activity_id | kind                   | issued_at
            D1          | coercion      | third       | 行政强制措施决定书     | 2026-10-10 18:00
            D2          | coercion      | fourth      | 行政强制措施决定书     | 2026-10-12
            D3          | coercion      | too_long    | 行政强制措施决定书     | 2026-10-08
            D4          | coercion      | extended    | 行政强制措施决定书     | 2026-10-08
            D5          | coercion      | running     | 行政强制措施决定书     | 2026-10-20
            D6          | coercion      | no_paper    | 解除行政强制措施决定书 | 2026-10-20
        """,
    )
    assert outcomes(world, "C06") == {
        "third": "pass",
        "fourth": "fail DECISION_LATE",
        "too_long": "fail LATE",
        "extended": "pass",
        "frozen_on": "fail STILL_FROZEN",
        "running": "not_applicable NOT_DUE",
        "no_paper": "undecidable NO_DOCUMENT",
        "seized": "not_applicable OTHER_MEASURE",
    }
