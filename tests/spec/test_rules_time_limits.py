"""法定期限: P01 decision, P02 service, P06 filing, P11 limitation, P19 publication, P20 payment, P29 leads.

September and October 2026: 25–27 September and 1–7 October are holidays, 10 October (a Saturday) is worked.

Tue 29.9. decided
Wed 30.9. | 1.–7. holiday | Thu 8. | Fri 9. | Sat 10. | (Sun) | Mon 12. | Tue 13. | Wed 14. | Thu 15.
    1                         2        3        4                   5         6         7         8
"""

from datetime import date, datetime

from tests.spec.rules import BODY, outcomes, row
from tests.spec.world import World


def test_p01_the_limit_counts_calendar_days_and_its_last_day_is_in_time():
    world = World(
        "2026-10",  # known up to 2026-11-05
        subjects=BODY["subjects"],
        matters="""
            matter_id | kind    | valid_from | valid_to   | decision_days
            M1        | penalty | 2020-01-01 | 2026-06-30 | .
            M1        | penalty | 2026-07-01 | .          | 30
            M9        | penalty | 2026-09-01 | .          | .
            M8        | penalty | 2020-01-01 | .          | .
            M8        | penalty | 2026-05-01 | 2026-05-31 | 30
        """,
        cases="""
            case_id | subject_id | matter_id | procedure | filed_at   | decided_at          | decision
            day90   | S1         | M1        | ordinary  | 2026-06-30 | 2026-09-28 23:59:59 | penalty
            day91   | S1         | M1        | ordinary  | 2026-06-30 | 2026-09-29          | penalty
            new30   | S1         | M1        | ordinary  | 2026-07-01 | 2026-07-31          | no_penalty
            new31   | S1         | M1        | ordinary  | 2026-07-01 | 2026-08-01          | no_penalty
            open127 | S1         | M1        | ordinary  | 2026-07-01 | .                   | .
            open30  | S1         | M1        | ordinary  | 2026-10-06 | .                   | .
            open31  | S1         | M1        | ordinary  | 2026-10-05 | .                   | .
            given_up| S1         | M1        | ordinary  | 2026-07-01 | 2026-10-20          | withdrawn
            simple  | S1         | M1        | simple    | .          | 2026-10-20          | penalty
            unfiled | S1         | M1        | ordinary  | .          | 2026-10-20          | penalty
            too_old | S1         | M9        | ordinary  | 2026-08-31 | 2026-10-20          | penalty
            back    | S1         | M1        | ordinary  | 2026-10-21 | 2026-10-20          | penalty
            repealed| S1         | M8        | ordinary  | 2026-10-01 | 2026-10-20          | penalty
        """,
    )
    # 30.6. + 90 days = 28.9.; the matter's limit is the one in force on the day of filing.
    assert (
        outcomes(world, "P01")
        == {
            "day90": "pass",
            "day91": "fail LATE",
            "new30": "pass",
            "new31": "fail LATE",
            "open127": "fail OVERDUE_OPEN",
            "open30": "not_applicable NOT_DUE",  # day 30 is 5 November, the last day this edition knows
            "open31": "fail OVERDUE_OPEN",
            "given_up": "not_applicable WITHDRAWN",
            "simple": "not_applicable SIMPLE_PROCEDURE",
            "unfiled": "undecidable NO_FILING_DATE",
            "too_old": "undecidable NO_MATTER_VERSION",
            "back": "undecidable DATES_REVERSED",
            "repealed": "undecidable NO_MATTER_VERSION",  # the newest version ended in May; the open one before it stays ended
        }
    )
    late = row(world, "P01", "day91")
    assert (late["from_at"], late["to_at"]) == (datetime(2026, 6, 30), datetime(2026, 9, 29))
    assert (late["observed"], late["allowed"], late["month"]) == (91, 90, date(2026, 9, 1))


def test_p02_service_within_7_working_days_across_the_national_holiday():
    world = World(
        "2026-10",
        as_of="2026-10-14 23:59:59",
        **BODY,
        cases="""
            case_id | subject_id | decided_at       | decision   | served_at
            same    | S1         | 2026-09-29 09:00 | penalty    | 2026-09-29 09:05
            day7    | S1         | 2026-09-29 09:00 | penalty    | 2026-10-14 23:59
            before  | S1         | 2026-09-29 09:00 | penalty    | 2026-09-28
            due     | S1         | 2026-09-29 09:00 | no_penalty | .
            overdue | S1         | 2026-09-28 09:00 | no_penalty | .
            on_sat  | S1         | 2026-09-28 09:00 | penalty    | 2026-10-12
            day8    | S1         | 2026-09-28 09:00 | penalty    | 2026-10-14
            ended   | S1         | 2026-09-28 09:00 | withdrawn  | .
        """,
    )
    assert outcomes(world, "P02") == {
        "same": "pass",
        "day7": "pass",  # 15 calendar days later, the seventh working day
        "before": "undecidable DATES_REVERSED",
        "due": "not_applicable NOT_DUE",  # 14 October itself is still in time
        "overdue": "fail NOT_SERVED",  # decided a working day earlier: due on the 13th
        "on_sat": "pass",
        "day8": "fail LATE",
        "ended": "not_applicable NO_DECISION",
    }
    assert (row(world, "P02", "day8")["observed"], row(world, "P02", "day8")["allowed"]) == (8, 7)


def test_p02_and_p19_beyond_the_official_calendar_are_undecidable_never_guessed():
    world = World(
        "2026-12",
        **BODY,
        cases="""
            case_id | subject_id | decided_at | decision | served_at  | published_at
            K1      | S1         | 2026-12-30 | penalty  | 2027-01-04 | 2027-01-04
        """,
    )
    assert outcomes(world, "P02") == {"K1": "undecidable NO_CALENDAR"}
    assert outcomes(world, "P19") == {"K1": "undecidable NO_CALENDAR"}


def test_p06_filing_counts_from_the_lead_and_only_where_a_limit_is_declared():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        matters="""
            matter_id | kind    | workflow
            MARKET    | penalty | market_regulation
            OTHER     | penalty | general
        """,
        leads="lead_id | subject_id | received_at\nL1 | S1 | 2026-09-15 16:00",
        cases="""
            case_id  | subject_id | matter_id | procedure | lead_id | discovered_on | filed_at   | decided_at | decision
            lead_15  | S1         | MARKET    | ordinary  | L1      | 2026-08-01    | 2026-10-12 | .          | .
            lead_16  | S1         | MARKET    | ordinary  | L1      | 2026-08-01    | 2026-10-13 | .          | .
            found    | S1         | MARKET    | ordinary  | .       | 2026-10-08    | 2026-10-09 | .          | .
            unknown  | S1         | MARKET    | ordinary  | L404    | .             | 2026-10-09 | .          | .
            back     | S1         | MARKET    | ordinary  | .       | 2026-10-10    | 2026-10-09 | .          | .
            unfiled  | S1         | MARKET    | ordinary  | L1      | .             | .          | 2026-10-12 | penalty
            simple   | S1         | MARKET    | simple    | L1      | .             | 2026-10-12 | 2026-10-12 | penalty
            no_limit | S1         | OTHER     | ordinary  | L1      | .             | 2026-10-30 | .          | .
        """,
    )
    # 15.9. + 15 working days: 16–24 (8, the Sunday of the 20th is worked) 28–30 (3) 8–10 (3) 12 (1) = 12 October.
    assert outcomes(world, "P06") == {
        "lead_15": "pass",
        "lead_16": "fail LATE",
        "found": "pass",
        "unknown": "undecidable NO_CLUE_DATE",
        "back": "undecidable DATES_REVERSED",
        "unfiled": "undecidable NO_FILING_DATE",
        "simple": "not_applicable SIMPLE_PROCEDURE",
        "no_limit": "not_applicable NO_LIMIT",
    }


def test_p11_two_years_from_the_end_of_the_violation_across_a_leap_day():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        matters="""
            matter_id | kind    | workflow
            M1        | penalty | general
            FOOD      | penalty | market_regulation
        """,
        cases="""
            case_id  | subject_id | matter_id | decision   | decided_at | violation_on | discovered_on
            leap     | S1         | M1        | penalty    | 2026-10-09 | 2024-02-29   | 2026-02-28
            leap_1   | S1         | M1        | penalty    | 2026-10-09 | 2024-02-29   | 2026-03-01
            plain    | S1         | M1        | penalty    | 2026-10-09 | 2023-03-01   | 2025-03-01
            plain_1  | S1         | M1        | penalty    | 2026-10-09 | 2023-03-01   | 2025-03-02
            lasting  | S1         | M1        | penalty    | 2026-10-09 | 2026-10-01   | 2026-09-01
            harm     | S1         | FOOD      | penalty    | 2026-10-09 | 2021-10-08   | 2026-10-08
            harm_1   | S1         | FOOD      | penalty    | 2026-10-09 | 2021-10-08   | 2026-10-09
            let_off  | S1         | M1        | no_penalty | 2026-10-09 | 2020-01-01   | 2026-10-08
            no_end   | S1         | M1        | penalty    | 2026-10-09 | .            | 2026-10-08
            no_found | S1         | M1        | penalty    | 2026-10-09 | 2026-10-08   | .
        """,
    )
    assert outcomes(world, "P11") == {
        "leap": "pass",  # 29.2.2024 + 2 years = 28.2.2026
        "leap_1": "fail TOO_OLD",
        "plain": "pass",
        "plain_1": "fail TOO_OLD",
        "lasting": "pass",  # found while it went on
        "harm": "undecidable HARM_NOT_RECORDED",  # five years may apply; whether harm was done is in no field
        "harm_1": "fail TOO_OLD",
        "let_off": "not_applicable NO_PENALTY",
        "no_end": "undecidable NO_VIOLATION_DATE",
        "no_found": "undecidable NO_DISCOVERY_DATE",
    }


def test_p19_publication_within_7_working_days_and_20_in_market_regulation():
    world = World(
        "2026-10",
        as_of="2026-10-15",
        subjects=BODY["subjects"],
        matters="""
            matter_id | kind    | workflow
            M1        | penalty | general
            MARKET    | penalty | market_regulation
        """,
        cases="""
            case_id | subject_id | matter_id | decision   | decided_at       | published_at     | revoked_at
            day7    | S1         | M1        | penalty    | 2026-09-29 09:00 | 2026-10-14 23:00 | .
            day8    | S1         | M1        | penalty    | 2026-09-28 09:00 | 2026-10-14       | .
            market  | S1         | MARKET    | penalty    | 2026-09-28 09:00 | 2026-10-14       | .
            missing | S1         | M1        | penalty    | 2026-09-29 09:00 | .                | .
            waiting | S1         | M1        | penalty    | 2026-09-30 09:00 | .                | .
            revoked | S1         | M1        | penalty    | 2026-09-28 09:00 | .                | 2026-10-14
            spared  | S1         | M1        | no_penalty | 2026-09-28 09:00 | .                | .
            early   | S1         | M1        | penalty    | 2026-09-29 09:00 | 2026-09-28       | .
            nowhere | S1         | M404      | penalty    | 2026-09-29 09:00 | 2026-10-14       | .
        """,
    )
    assert outcomes(world, "P19") == {
        "day7": "pass",
        "day8": "fail LATE",
        "market": "pass",
        "missing": "fail NOT_PUBLISHED",  # due on the 14th, known up to the 15th
        "waiting": "not_applicable NOT_DUE",  # due on the 15th
        "revoked": "not_applicable REVOKED",
        "spared": "not_applicable NO_PENALTY",
        "early": "undecidable DATES_REVERSED",
        "nowhere": "pass",  # a matter outside the ledger: the general limit
    }


def test_p20_payment_within_15_calendar_days_after_receipt():
    world = World(
        "2026-10",  # known up to 2026-11-05
        **BODY,
        cases="""
            case_id | subject_id | decision | decided_at | penalty_types      | fine_amount | served_at  | executed_at
            day15   | S1         | penalty  | 2026-09-20 | fine               | 500         | 2026-09-22 | 2026-10-07
            day16   | S1         | penalty  | 2026-09-20 | fine               | 500         | 2026-09-22 | 2026-10-08
            mixed   | S1         | penalty  | 2026-09-20 | fine;order_suspend | 500         | 2026-09-22 | 2026-10-08
            unpaid  | S1         | penalty  | 2026-09-20 | fine;warning       | 500         | 2026-10-20 | .
            untyped | S1         | penalty  | 2026-09-20 | .                  | 500         | 2026-09-22 | 2026-10-08
            waiting | S1         | penalty  | 2026-09-20 | fine               | 500         | 2026-10-21 | .
            warned  | S1         | penalty  | 2026-09-20 | warning            | .           | 2026-09-22 | .
            unsaid  | S1         | penalty  | 2026-09-20 | .                  | .           | 2026-09-22 | .
            unserved| S1         | penalty  | 2026-09-20 | fine               | 500         | .          | 2026-10-08
            back    | S1         | penalty  | 2026-09-20 | fine               | 500         | 2026-09-22 | 2026-09-21
            spared  | S1         | no_penalty| 2026-09-20 | .                 | .           | 2026-09-22 | .
        """,
    )
    assert outcomes(world, "P20") == {
        "day15": "pass",
        "day16": "fail LATE",
        "mixed": "undecidable MIXED_EXECUTION",
        "unpaid": "fail NOT_PAID",  # 20.10. + 15 = 4.11., known up to 5.11.
        "untyped": "undecidable NO_PENALTY_TYPES",  # late, unless another penalty was carried out after the payment
        "waiting": "not_applicable NOT_DUE",
        "warned": "not_applicable NO_FINE",
        "unsaid": "undecidable NO_PENALTY_TYPES",
        "unserved": "undecidable NO_SERVICE_DATE",
        "back": "undecidable DATES_REVERSED",
        "spared": "not_applicable NO_PENALTY",
    }


def test_p29_a_lead_is_visited_or_closed_within_15_calendar_days():
    world = World(
        "2026-10",  # known up to 2026-11-05
        **BODY,
        leads="""
            lead_id | subject_id | received_at      | first_visit_at   | closed_at  | disposition
            visited | S1         | 2026-10-01 23:00 | 2026-10-16 23:59 | .          | pending
            late    | S1         | 2026-10-01 23:00 | 2026-10-17 00:00 | 2026-10-18 | handled
            closed  | S1         | 2026-10-01       | .                | 2026-10-05 | handled
            nobody  | S1         | 2026-10-20       | .                | .          | pending
            waiting | S1         | 2026-10-21       | .                | .          | .
            dateless| S1         | 2026-10-01       | .                | .          | handled
            double  | S1         | 2026-10-01       | .                | .          | duplicate
            back    | S1         | 2026-10-05       | 2026-10-04       | .          | pending
        """,
    )
    assert outcomes(world, "P29") == {
        "visited": "pass",
        "late": "fail LATE",
        "closed": "pass",
        "nobody": "fail NO_ACTION",
        "waiting": "not_applicable NOT_DUE",
        "dateless": "undecidable NO_ACTION_DATE",
        "double": "not_applicable NOT_TAKEN_ON",
        "back": "undecidable DATES_REVERSED",
    }


def test_only_the_thirteen_reported_months_are_judged():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | decision | filed_at   | decided_at
            first   | S1         | penalty  | 2025-01-01 | 2025-10-01
            before  | S1         | penalty  | 2025-01-01 | 2025-09-30 23:59:59
            last    | S1         | penalty  | 2026-10-01 | 2026-10-31 23:59:59
            after   | S1         | penalty  | 2026-10-01 | 2026-11-01
            dateless| S1         | .        | .          | .
            ghost   | S404       | penalty  | 2026-10-01 | 2026-10-02
        """,
    )
    months = world.connection.execute(
        "select distinct record_id, month from rules.rule_results order by record_id"
    ).fetchall()
    assert months == [("first", date(2025, 10, 1)), ("last", date(2026, 10, 1))]
