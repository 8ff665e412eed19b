"""Where a rule cannot tell because of its dates, the indicator over the same dates cannot either.

A date without a time of day stands for its whole day: it is judged only where every time of that day gives the same
answer. Two days that contradict each other are no answer at all.
"""

from tests.spec.rules import BODY, outcomes
from tests.spec.world import World


def test_a_review_on_the_day_of_a_decision_without_a_time_is_in_time_but_for_one_that_has_a_time():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | matter_id | decision | review_required | reviewed_at      | decided_at
            bare    | S1         | M1        | penalty  | true            | 2026-10-15       | 2026-10-15
            bare_in | S1         | M1        | penalty  | true            | 2026-10-15       | 2026-10-15 09:00
            bare_by | S1         | M1        | penalty  | true            | 2026-10-15 09:00 | 2026-10-15
            before  | S1         | M1        | penalty  | true            | 2026-10-15 08:59 | 2026-10-15 09:00
            at_once | S1         | M1        | penalty  | true            | 2026-10-15 09:00 | 2026-10-15 09:00
            after   | S1         | M1        | penalty  | true            | 2026-10-15 09:01 | 2026-10-15 09:00
            day_bef | S1         | M1        | penalty  | true            | 2026-10-14       | 2026-10-15
            day_aft | S1         | M1        | penalty  | true            | 2026-10-16       | 2026-10-15
            never   | S1         | M1        | penalty  | true            | .                | 2026-10-15
        """,
    )
    assert outcomes(world, "P09") == {
        "bare": "pass",
        "bare_in": "pass",
        "bare_by": "undecidable NO_CLOCK_TIME",
        "before": "pass",
        "at_once": "pass",
        "after": "fail REVIEWED_AFTER",
        "day_bef": "pass",
        "day_aft": "fail REVIEWED_AFTER",
        "never": "fail NOT_REVIEWED",
    }
    rate = {unit: (state, reason) for _, unit, state, reason in world.evidence("legal_review_rate", "default")}
    meaning = {"pass": ("hit", None), "fail": ("miss", None), "undecidable": ("undecidable", "NO_CLOCK_TIME")}
    assert rate == {case: meaning[text.split()[0]] for case, text in outcomes(world, "P09").items()}
    # bare, bare_in, before, at_once and day_bef of the eight that can be told; bare_by is undecidable.
    assert world.counts("legal_review_rate", "default", "S1") == (5, 8, 0, 1)


def test_p08_a_hearing_on_the_day_of_the_decision_needs_a_time_of_day():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | matter_id | decision | party_kind | penalty_types | fine_amount | notified_at | hearing_requested_at | hearing_at       | decided_at
            bare    | S1         | M1        | penalty  | person     | fine          | 20000       | 2026-09-10  | 2026-09-11           | 2026-10-15       | 2026-10-15
            bare_by | S1         | M1        | penalty  | person     | fine          | 20000       | 2026-09-10  | 2026-09-11           | 2026-10-15 09:00 | 2026-10-15
            before  | S1         | M1        | penalty  | person     | fine          | 20000       | 2026-09-10  | 2026-09-11           | 2026-10-15 09:00 | 2026-10-15 09:01
            after   | S1         | M1        | penalty  | person     | fine          | 20000       | 2026-09-10  | 2026-09-11           | 2026-10-15 09:00 | 2026-10-15 08:59
            day_bef | S1         | M1        | penalty  | person     | fine          | 20000       | 2026-09-10  | 2026-09-11           | 2026-10-14       | 2026-10-15
            day_aft | S1         | M1        | penalty  | person     | fine          | 20000       | 2026-09-10  | 2026-09-11           | 2026-10-16       | 2026-10-15
        """,
    )
    assert outcomes(world, "P08") == {
        "bare": "undecidable NO_CLOCK_TIME",
        "bare_by": "undecidable NO_CLOCK_TIME",
        "before": "pass",
        "after": "fail DECIDED_BEFORE_HEARING",
        "day_bef": "pass",
        "day_aft": "fail DECIDED_BEFORE_HEARING",
    }


def test_days_that_contradict_each_other_are_a_hit_nowhere():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | matter_id | procedure | decision | filed_at         | decided_at       | served_at  | published_at
            turned  | S1         | M1        | ordinary  | penalty  | 2026-10-20       | 2026-10-10       | 2026-10-09 | 2026-10-09
            one_day | S1         | M1        | ordinary  | penalty  | 2026-10-10 10:00 | 2026-10-10 09:00 | 2026-10-10 | 2026-10-10
        """,
        leads="""
            lead_id | subject_id | source  | received_at      | closed_at
            turned  | S1         | hotline | 2026-10-10       | 2026-09-01
            one_day | S1         | hotline | 2026-10-10 10:00 | 2026-10-10
        """,
    )
    for rule, indicator in (
        ("P01", "decision_on_time_rate"),
        ("P02", "service_on_time_rate"),
        ("P19", "publication_on_time_rate"),
        ("P29", "lead_on_time_rate"),
    ):
        assert outcomes(world, rule) == {"turned": "undecidable DATES_REVERSED", "one_day": "pass"}, rule
        assert world.evidence(indicator, "default") == [
            ("S1", "one_day", "hit", None),
            ("S1", "turned", "undecidable", "DATES_REVERSED"),
        ], indicator


def test_an_answer_a_rectification_and_an_entry_before_what_they_follow_are_undecidable():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department\nS2 | department",
        assistance_requests="""
            request_id | from_subject_id | to_subject_id | requested_at | replied_at
            Q1         | S2              | S1            | 2026-10-12   | 2026-10-11
            Q2         | S2              | S1            | 2026-10-12   | 2026-10-12
        """,
        supervisions="""
            supervision_id | subject_id | done_at    | problems | rectify_due_on | rectified_on
            V1             | S1         | 2026-10-12 | 1        | 2026-10-30     | 2026-10-11
            V2             | S1         | 2026-10-12 | 1        | 2026-10-30     | 2026-10-12
        """,
        inspections="""
            inspection_id | subject_id | mode    | result | started_at       | submitted_at
            N1            | S1         | planned | pass   | 2026-10-12 08:00 | 2026-10-11 23:59
            N2            | S1         | planned | pass   | 2026-10-12 08:00 | 2026-10-12
        """,
    )
    for indicator, unit in (("assistance_rate", "Q"), ("rectification_rate", "V"), ("entry_on_time_rate", "N")):
        assert world.evidence(indicator, "default") == [
            ("S1", f"{unit}1", "undecidable", "DATES_REVERSED"),
            ("S1", f"{unit}2", "hit", None),
        ], indicator


def test_a_version_that_a_newer_one_ended_gives_a_band_neither_to_rule_nor_rate_nor_law_application():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        # The open version of 2010 was ended by that of 2024, which has ended itself: no version is in force in 2026.
        matters="""
            matter_id | kind    | domain   | valid_from | valid_to   | fine_min | fine_max
            M1        | penalty | 城市管理 | 2010-01-01 | .          | 100      | 200
            M1        | penalty | 城市管理 | 2024-01-01 | 2025-12-31 | 1000     | 2000
        """,
        cases="""
            case_id | subject_id | matter_id | procedure | violation_on | filed_at   | decided_at | decision | penalty_types | fine_amount
            dead    | S1         | M1        | ordinary  | 2026-09-01   | 2026-09-02 | 2026-10-15 | penalty  | fine          | 150
            ruled   | S1         | M1        | ordinary  | 2025-12-31   | 2026-09-02 | 2026-10-15 | penalty  | fine          | 1500
        """,
    )
    assert outcomes(world, "P15") == {"dead": "undecidable NO_MATTER_VERSION", "ruled": "pass"}
    bands = world.connection.execute("select case_id, fine_min, fine_max from marts.fct_decisions order by case_id")
    assert bands.fetchall() == [("dead", None, None), ("ruled", 1000, 2000)]
    rate = {unit: state for _, unit, state, _ in world.evidence("discretion_rate", "default")}
    assert rate == {"dead": "undecidable", "ruled": "hit"}
    # The matter was in force in two of the twelve months, so one without uses would not be called unused.
    in_force = world.connection.execute(
        "select is_in_force_throughout from reporting.law_application "
        "where unit_kind = 'matter' and scope_kind = 'total' and period_kind = 'r12'"
    )
    assert in_force.fetchall() == [(False,)]


def test_a_case_decided_before_the_seizure_ends_it_in_no_rule():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        coercions="""
            coercion_id | subject_id | measure | imposed_at | case_id
            turned      | S1         | seize   | 2026-10-01 | earlier
            decided     | S1         | seize   | 2026-10-01 | later
        """,
        cases="""
            case_id | subject_id | decision | decided_at
            earlier | S1         | penalty  | 2026-09-30
            later   | S1         | penalty  | 2026-10-31
        """,
    )
    assert outcomes(world, "C04") == {
        "decided": "not_applicable CASE_DECIDED",  # on the 30th day
        "turned": "undecidable DATES_REVERSED",
    }
    assert outcomes(world, "C05") == {"decided": "pass", "turned": "undecidable DATES_REVERSED"}
