"""程序: P04 simple procedure, P05 numbers, P07 notice, P08 hearing, P09 review, P23 records, P24 document."""

from tests.spec.rules import BODY, codes, outcomes, row
from tests.spec.world import World


def test_p04_the_simple_procedure_gives_a_warning_or_a_small_fine():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        matters="""
            matter_id | kind    | domain
            M1        | penalty | 市容管理
            ROAD      | penalty | 道路交通安全
        """,
        cases="""
            case_id  | subject_id | matter_id | procedure | decision   | decided_at | party_kind   | penalty_types | fine_amount
            p200     | S1         | M1        | simple    | penalty    | 2026-10-09 | person       | fine          | 200
            p201     | S1         | M1        | simple    | penalty    | 2026-10-09 | person       | fine          | 200.01
            o3000    | S1         | M1        | simple    | penalty    | 2026-10-09 | organisation | fine;warning  | 3000
            o3001    | S1         | M1        | simple    | penalty    | 2026-10-09 | organisation | fine          | 3000.01
            trader   | S1         | M1        | simple    | penalty    | 2026-10-09 | sole_trader  | fine          | 3000
            warning  | S1         | M1        | simple    | penalty    | 2026-10-09 | .            | warning       | .
            taken    | S1         | M1        | simple    | penalty    | 2026-10-09 | person       | fine;confiscate_goods | 50
            road     | S1         | ROAD      | simple    | penalty    | 2026-10-09 | person       | fine          | 2000
            who_200  | S1         | M1        | simple    | penalty    | 2026-10-09 | .            | fine          | 200
            who_201  | S1         | M1        | simple    | penalty    | 2026-10-09 | .            | fine          | 201
            who_3001 | S1         | M1        | simple    | penalty    | 2026-10-09 | .            | fine          | 3001
            unsaid   | S1         | M1        | simple    | penalty    | 2026-10-09 | person       | .             | 100
            how_much | S1         | M1        | simple    | penalty    | 2026-10-09 | person       | fine          | .
            ordinary | S1         | M1        | ordinary  | penalty    | 2026-10-09 | person       | fine          | 90000
            spared   | S1         | M1        | simple    | no_penalty | 2026-10-09 | person       | .             | .
        """,
    )
    assert outcomes(world, "P04") == {
        "p200": "pass",
        "p201": "fail ABOVE_LIMIT",
        "o3000": "pass",
        "o3001": "fail ABOVE_LIMIT",
        "trader": "pass",
        "warning": "pass",
        "taken": "fail TYPE_NOT_SIMPLE",
        "road": "not_applicable EXEMPT",
        "who_200": "pass",  # within the limit of every kind of party
        "who_201": "undecidable NO_PARTY_KIND",
        "who_3001": "fail ABOVE_LIMIT",  # above the limit of every kind of party
        "unsaid": "undecidable NO_PENALTY_TYPES",
        "how_much": "undecidable NO_AMOUNT",
        "ordinary": "not_applicable ORDINARY_PROCEDURE",
        "spared": "not_applicable NO_PENALTY",
    }


def test_p04_the_limit_is_the_one_of_the_day_of_the_decision():
    world = World(
        "2021-07",
        subjects=BODY["subjects"],
        matters=BODY["matters"],
        cases="""
            case_id | subject_id | matter_id | procedure | decision | decided_at       | party_kind | penalty_types | fine_amount
            old     | S1         | M1        | simple    | penalty  | 2021-07-14 23:59 | person     | fine          | 51
            new     | S1         | M1        | simple    | penalty  | 2021-07-15 00:00 | person     | fine          | 51
        """,
    )
    assert outcomes(world, "P04") == {"old": "fail ABOVE_LIMIT", "new": "pass"}
    assert [row(world, "P04", case)["allowed"] for case in ("old", "new")] == [50, 200]


def test_p05_a_number_is_used_for_one_case_of_a_body():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department\nS2 | department",
        cases="""
            case_id | subject_id | procedure | decision   | decided_at | document_no
            own     | S1         | simple    | penalty    | 2026-10-09 | 1号
            again   | S1         | simple    | penalty    | 2026-10-09 | 2号
            earlier | S1         | ordinary  | penalty    | 2020-01-01 | 2号
            other   | S2         | simple    | penalty    | 2026-10-09 | 1号
            without | S1         | simple    | penalty    | 2026-10-09 | .
            ordinary| S1         | ordinary  | penalty    | 2026-10-09 | .
            spared  | S1         | simple    | no_penalty | 2026-10-09 | .
        """,
    )
    assert outcomes(world, "P05") == {
        "own": "pass",
        "again": "fail NUMBER_REUSED",
        "other": "pass",
        "without": "undecidable NO_NUMBER",
        "ordinary": "not_applicable ORDINARY_PROCEDURE",
        "spared": "not_applicable NO_PENALTY",
    }


def test_p07_notice_comes_before_the_decision():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id  | subject_id | decision   | notified_at      | decided_at
            before   | S1         | penalty    | 2026-10-09 09:00 | 2026-10-09 09:01
            same     | S1         | penalty    | 2026-10-09 09:00 | 2026-10-09 09:00
            after    | S1         | penalty    | 2026-10-12 09:00 | 2026-10-09
            day      | S1         | penalty    | 2026-10-08       | 2026-10-09
            midnight | S1         | penalty    | 2026-10-09       | 2026-10-09 09:00
            dates    | S1         | penalty    | 2026-10-09       | 2026-10-09
            none     | S1         | penalty    | .                | 2026-10-09
            spared   | S1         | no_penalty | .                | 2026-10-09
        """,
    )
    assert outcomes(world, "P07") == {
        "before": "pass",
        "same": "fail NOTICE_NOT_BEFORE",
        "after": "fail NOTICE_NOT_BEFORE",
        "day": "pass",
        "midnight": "undecidable NO_CLOCK_TIME",  # a date without a time is its midnight: the order is unknown
        "dates": "undecidable NO_CLOCK_TIME",
        "none": "undecidable NO_NOTICE_DATE",
        "spared": "not_applicable NO_PENALTY",
    }


def test_p08_no_decision_before_the_five_working_days_of_request_are_over():
    # Told on Tue 29 September: 30.9., 8., 9., 10. and 12. October are the five working days.
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | decision | party_kind   | penalty_types | fine_amount | notified_at | hearing_requested_at | hearing_at | decided_at
            sixth   | S1         | penalty  | person       | fine          | 10000       | 2026-09-29  | .          | .          | 2026-10-13
            fifth   | S1         | penalty  | person       | fine          | 10000       | 2026-09-29  | .          | .          | 2026-10-12 23:00
            heard   | S1         | penalty  | person       | fine          | 10000       | 2026-09-29  | 2026-10-09 | 2026-10-11 | 2026-10-12
            unheard | S1         | penalty  | person       | fine          | 10000       | 2026-09-29  | 2026-10-12 | .          | 2026-10-20
            turned  | S1         | penalty  | person       | fine          | 10000       | 2026-09-29  | 2026-10-09 | 2026-10-21 | 2026-10-20
            late    | S1         | penalty  | person       | fine          | 10000       | 2026-09-29  | 2026-10-13 | .          | 2026-10-20
            after   | S1         | penalty  | person       | fine          | 10000       | 2026-10-21  | .          | .          | 2026-10-20
            untold  | S1         | penalty  | person       | fine          | 10000       | .           | .          | .          | 2026-10-20
            closed  | S1         | penalty  | .            | order_close   | .           | 2026-09-29  | .          | .          | 2026-10-12
            small   | S1         | penalty  | person       | fine          | 9999.99     | .           | .          | .          | 2026-10-20
            firm    | S1         | penalty  | organisation | fine          | 99999       | .           | .          | .          | 2026-10-20
            big_firm| S1         | penalty  | organisation | fine          | 100000      | 2026-09-29  | .          | .          | 2026-10-12
            who     | S1         | penalty  | .            | fine          | 50000       | 2026-09-29  | .          | .          | 2026-10-20
            other   | S1         | penalty  | person       | other         | .           | 2026-09-29  | .          | .          | 2026-10-20
            unsaid  | S1         | penalty  | person       | .             | .           | 2026-09-29  | .          | .          | 2026-10-20
            howmuch | S1         | penalty  | person       | fine          | .           | 2026-09-29  | .          | .          | 2026-10-20
            spared  | S1         | no_penalty| person      | .             | .           | .           | .          | .          | 2026-10-20
        """,
    )
    assert codes(world, "P08") == {
        "sixth": "pass",
        "fifth": "DECIDED_TOO_EARLY",
        "heard": "pass",  # the right was used, so the period no longer matters
        "unheard": "HEARING_NOT_HELD",
        "turned": "DECIDED_BEFORE_HEARING",
        "late": "pass",  # asked for on the sixth working day
        "after": "NOTICE_NOT_BEFORE",
        "untold": "NO_NOTICE_DATE",
        "closed": "DECIDED_TOO_EARLY",
        "small": "NO_HEARING_RIGHT",
        "firm": "NO_HEARING_RIGHT",
        "big_firm": "DECIDED_TOO_EARLY",
        "who": "NO_PARTY_KIND",
        "other": "OTHER_TYPE",
        "unsaid": "NO_PENALTY_TYPES",
        "howmuch": "NO_AMOUNT",
        "spared": "NO_PENALTY",
    }
    assert outcomes(world, "P08")["untold"] == "undecidable NO_NOTICE_DATE"
    assert outcomes(world, "P08")["small"] == "not_applicable NO_HEARING_RIGHT"
    assert outcomes(world, "P08")["fifth"] == "fail DECIDED_TOO_EARLY"


def test_p09_a_review_that_is_due_comes_before_the_decision():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id  | subject_id | decision   | review_required | major | hearing_at | reviewed_at      | decided_at
            before   | S1         | penalty    | true            | false | .          | 2026-10-09 09:00 | 2026-10-09 10:00
            same     | S1         | no_penalty | true            | .     | .          | 2026-10-09 10:00 | 2026-10-09 10:00
            after    | S1         | penalty    | true            | .     | .          | 2026-10-09 10:01 | 2026-10-09 10:00
            none     | S1         | penalty    | true            | .     | .          | .                | 2026-10-09
            major    | S1         | penalty    | false           | true  | .          | .                | 2026-10-09
            heard    | S1         | penalty    | false           | false | 2026-10-08 | .                | 2026-10-09
            midnight | S1         | penalty    | true            | .     | .          | 2026-10-09 10:00 | 2026-10-09
            no_due   | S1         | penalty    | false           | false | .          | .                | 2026-10-09
            no_flag  | S1         | penalty    | .               | .     | .          | 2026-10-08       | 2026-10-09
            ended    | S1         | withdrawn  | true            | .     | .          | .                | 2026-10-09
        """,
    )
    assert outcomes(world, "P09") == {
        "before": "pass",
        "same": "pass",
        "after": "fail REVIEWED_AFTER",
        "none": "fail NOT_REVIEWED",  # the file itself says that a review was due
        "major": "fail NOT_REVIEWED",
        "heard": "fail NOT_REVIEWED",
        "midnight": "undecidable NO_CLOCK_TIME",
        "no_due": "not_applicable NO_REVIEW_DUE",
        "no_flag": "undecidable NO_REVIEW_FLAG",
        "ended": "not_applicable NO_DECISION",
    }


def test_p23_every_stage_of_an_ordinary_case_has_a_record():
    five = ("start", "evidence", "review", "decision", "service")
    stages = {
        "whole": five,
        "executed": (*five, "execution"),
        "unrecorded_end": five,
        "no_review": ("start", "evidence", "decision", "service", "execution", "start"),
        "only_last": ("execution",),
    }
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id        | subject_id | procedure | decision  | decided_at | executed_at
            whole          | S1         | ordinary  | penalty   | 2026-10-09 | .
            executed       | S1         | ordinary  | penalty   | 2026-10-09 | 2026-10-12
            unrecorded_end | S1         | ordinary  | penalty   | 2026-10-09 | 2026-10-12
            no_review      | S1         | ordinary  | penalty   | 2026-10-09 | .
            only_last      | S1         | ordinary  | penalty   | 2026-10-09 | .
            nothing        | S1         | ordinary  | penalty   | 2026-10-09 | .
            simple         | S1         | simple    | penalty   | 2026-10-09 | .
            ended          | S1         | ordinary  | withdrawn | 2026-10-09 | .
        """,
        recordings="recording_id | activity_kind | activity_id | stage\n"
        + "\n".join(
            f"{case}{n} | case | {case} | {stage}" for case, all_of in stages.items() for n, stage in enumerate(all_of)
        )
        + "\nelsewhere | inspection | nothing | start",
    )
    assert outcomes(world, "P23") == {
        "whole": "pass",
        "executed": "pass",
        "unrecorded_end": "fail STAGE_MISSING",
        "no_review": "fail STAGE_MISSING",
        "only_last": "fail STAGE_MISSING",  # records were supplied, and none of the five stages needed
        "nothing": "undecidable NO_RECORDING",
        "simple": "not_applicable SIMPLE_PROCEDURE",
        "ended": "not_applicable NO_DECISION",
    }
    assert (row(world, "P23", "unrecorded_end")["observed"], row(world, "P23", "unrecorded_end")["allowed"]) == (5, 6)


def test_p24_the_decision_document_is_complete():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | decision   | decided_at
            whole   | S1         | penalty    | 2026-10-09
            spot    | S1         | penalty    | 2026-10-09
            spared  | S1         | no_penalty | 2026-10-09
            lacking | S1         | penalty    | 2026-10-09
            one_bad | S1         | penalty    | 2026-10-09
            unsaid  | S1         | penalty    | 2026-10-09
            none    | S1         | penalty    | 2026-10-09
            open    | S1         | .          | .
        """,
        documents="""
            document_id | activity_kind | activity_id | kind                 | complete
            D1          | case          | whole       | 行政处罚决定书       | true
            D2          | case          | whole       | 行政处罚事先告知书   | false
            D3          | case          | spot        | 当场行政处罚决定书   | true
            D4          | case          | spared      | 不予行政处罚决定书   | true
            D5          | case          | lacking     | 行政处罚决定书       | false
            D6          | case          | one_bad     | 行政处罚决定书       | true
            D7          | case          | one_bad     | 行政处罚决定书       | false
            D8          | case          | unsaid      | 行政处罚决定书       | .
            D9          | case          | none        | 行政强制措施决定书   | true
        """,
    )
    assert outcomes(world, "P24") == {
        "whole": "pass",
        "spot": "pass",
        "spared": "pass",
        "lacking": "fail INCOMPLETE",
        "one_bad": "fail INCOMPLETE",
        "unsaid": "undecidable NOT_CHECKED",
        "none": "undecidable NO_DOCUMENT",
    }
