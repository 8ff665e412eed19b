"""人员与权限: P03 two officers, P17 power of penalty, C01 approval and officers, C07 power of coercion."""

from tests.spec.rules import BODY, outcomes, row
from tests.spec.world import World

LEDGER = """
    officer_id | agency_id | on_post_from | certificate_from | certificate_to
    O1         | A1        | 2020-01-01   | 2020-01-01       | .
    O2         | A1        | 2020-01-01   | 2026-10-09       | 2026-10-12
    O2         | A1        | 2026-12-01   | 2026-12-01       | .
    O3         | A1        | 2020-01-01   | 2020-01-01       | .
"""


def test_p03_two_certificates_valid_on_the_day_of_the_case():
    world = World(
        "2026-10",
        **BODY,
        agencies="agency_id | subject_id\nA1 | S1",
        officers=LEDGER,
        cases="""
            case_id  | subject_id | filed_at         | decided_at | decision
            first    | S1         | 2026-10-09 00:00 | 2026-10-20 | penalty
            last     | S1         | 2026-10-12 23:59 | 2026-10-20 | penalty
            before   | S1         | 2026-10-08 23:59 | 2026-10-20 | penalty
            after    | S1         | 2026-10-13 00:00 | 2026-10-20 | penalty
            unfiled  | S1         | .                | 2026-10-10 | penalty
            third    | S1         | 2026-10-13       | .          | .
            alone    | S1         | 2026-10-09       | 2026-10-20 | penalty
            twice    | S1         | 2026-10-09       | 2026-10-20 | penalty
            stranger | S1         | 2026-10-09       | 2026-10-20 | penalty
            nobody   | S1         | 2026-10-09       | 2026-10-20 | penalty
        """,
        participations="""
            activity_kind | activity_id | officer_id
            case          | first       | O1
            case          | first       | O2
            case          | last        | O1
            case          | last        | O2
            case          | before      | O1
            case          | before      | O2
            case          | after       | O1
            case          | after       | O2
            case          | unfiled     | O1
            case          | unfiled     | O2
            case          | third       | O1
            case          | third       | O2
            case          | third       | O3
            case          | alone       | O1
            case          | twice       | O1
            case          | twice       | O1
            case          | stranger    | O1
            case          | stranger    | O404
            inspection    | nobody      | O1
            coercion      | nobody      | O3
        """,
    )
    assert outcomes(world, "P03") == {
        "first": "pass",  # the first and the last day of a certificate are in force
        "last": "pass",
        "before": "fail CERTIFICATE_NOT_VALID",
        "after": "fail CERTIFICATE_NOT_VALID",
        "unfiled": "pass",  # without filing, the day of the decision
        "third": "pass",
        "alone": "fail TOO_FEW_OFFICERS",
        "twice": "fail TOO_FEW_OFFICERS",  # one officer recorded twice
        "stranger": "undecidable OFFICER_UNKNOWN",
        "nobody": "undecidable NO_OFFICER_RECORDED",  # the others took part in acts of another kind
    }
    assert row(world, "P03", "after")["observed"] == 1


def test_p17_the_power_is_on_the_list_and_in_force_on_the_day_of_the_decision():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | street_town\nS2 | department",
        matters=BODY["matters"],
        powers="""
            subject_id | matter_id | valid_from | valid_to   | origin
            S1         | M1        | 2020-01-01 | 2026-03-31 | devolved
            S1         | M1        | 2026-10-09 | 2026-10-12 | devolved
        """,
        cases="""
            case_id   | subject_id | matter_id | decision  | decided_at       | penalty_types
            first     | S1         | M1        | penalty   | 2026-10-09       | fine
            last      | S1         | M1        | penalty   | 2026-10-12 23:59 | fine
            gap       | S1         | M1        | penalty   | 2026-10-08       | fine
            recalled  | S1         | M1        | no_penalty| 2026-10-13       | .
            unlisted  | S1         | M2        | penalty   | 2026-10-09       | fine
            detained  | S1         | M1        | penalty   | 2026-10-09       | detention
            unlearned | S2         | M1        | penalty   | 2026-10-09       | fine
            given_up  | S1         | M2        | withdrawn | 2026-10-09       | .
        """,
    )
    assert outcomes(world, "P17") == {
        "first": "pass",
        "last": "pass",
        "gap": "fail POWER_NOT_IN_FORCE",
        "recalled": "fail POWER_NOT_IN_FORCE",
        "unlisted": "fail NOT_ON_LIST",
        "detained": "fail DETENTION",
        "unlearned": "undecidable NO_POWER_LIST",
        "given_up": "not_applicable NO_DECISION",
    }


def test_c01_approval_before_and_two_officers():
    pairs = ("before", "same", "after", "urgent", "no_time", "no_clock", "no_urgency", "early_no_urgency")
    world = World(
        "2026-10",
        **BODY,
        agencies="agency_id | subject_id\nA1 | S1",
        officers=LEDGER,
        coercions="""
            coercion_id      | subject_id | measure | urgent | approved_at      | imposed_at
            before           | S1         | seize   | false  | 2026-10-08 09:00 | 2026-10-09 10:00
            same             | S1         | seize   | false  | 2026-10-09 10:00 | 2026-10-09 10:00
            after            | S1         | seize   | false  | 2026-10-09 10:01 | 2026-10-09 10:00
            urgent           | S1         | seize   | true   | 2026-10-09 20:00 | 2026-10-09 10:00
            no_time          | S1         | seize   | false  | .                | 2026-10-09 10:00
            no_clock         | S1         | seize   | false  | 2026-10-09       | 2026-10-09 10:00
            no_urgency       | S1         | seize   | .      | 2026-10-09 20:00 | 2026-10-09 10:00
            early_no_urgency | S1         | seize   | .      | 2026-10-08 20:00 | 2026-10-09 10:00
            alone            | S1         | seize   | true   | 2026-10-08       | 2026-10-09 10:00
            expired          | S1         | seize   | true   | 2026-10-08       | 2026-10-13 10:00
            stranger         | S1         | seize   | true   | 2026-10-08       | 2026-10-13 10:00
            nobody           | S1         | seize   | false  | 2026-10-08       | 2026-10-13 10:00
            nobody_after     | S1         | seize   | false  | 2026-10-14       | 2026-10-13 10:00
        """,
        participations="activity_kind | activity_id | officer_id\n"
        + "\n".join(f"coercion | {one} | {officer}" for one in pairs for officer in ("O1", "O3"))
        + """
            coercion | alone    | O1
            coercion | expired  | O1
            coercion | expired  | O2
            coercion | stranger | O1
            coercion | stranger | O404
        """,
    )
    assert outcomes(world, "C01") == {
        "before": "pass",
        "same": "pass",
        "after": "fail APPROVED_AFTER",
        "urgent": "pass",  # afterwards is lawful here; C02 looks at the 24 hours
        "no_time": "undecidable NO_APPROVAL_DATE",
        "no_clock": "undecidable NO_CLOCK_TIME",  # approved that day, before or after ten o'clock
        "no_urgency": "undecidable URGENCY_UNKNOWN",
        "early_no_urgency": "pass",
        "alone": "fail TOO_FEW_OFFICERS",
        "expired": "fail CERTIFICATE_NOT_VALID",
        "stranger": "undecidable OFFICER_UNKNOWN",
        "nobody": "undecidable NO_OFFICER_RECORDED",
        "nobody_after": "fail APPROVED_AFTER",  # a breach that is certain outweighs what is missing
    }


def test_c07_coercion_is_on_the_list_in_force_and_never_entrusted():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | street_town\nS2 | department",
        matters="""
            matter_id | kind
            P1        | penalty
            Q1        | coercion
            Q2        | coercion
            Q3        | coercion
        """,
        powers="""
            subject_id | matter_id | valid_from | valid_to   | origin
            S1         | Q1        | 2020-01-01 | 2026-10-12 | statutory
            S1         | Q2        | 2020-01-01 | .          | entrusted
            S1         | P1        | 2020-01-01 | .          | devolved
        """,
        cases="case_id | subject_id | matter_id | filed_at\nK1 | S1 | P1 | 2026-10-01",
        coercions="""
            coercion_id | subject_id | matter_id | case_id | measure | imposed_at
            last        | S1         | Q1        | .       | seal    | 2026-10-12 23:00
            ended       | S1         | Q1        | .       | seal    | 2026-10-13
            entrusted   | S1         | Q2        | .       | seal    | 2026-10-12
            unlisted    | S1         | Q3        | .       | seal    | 2026-10-12
            tied        | S1         | Q3        | K1      | seal    | 2026-10-12
            nameless    | S1         | .         | .       | seal    | 2026-10-12
            no_list     | S2         | Q1        | .       | seal    | 2026-10-12
        """,
    )
    assert outcomes(world, "C07") == {
        "last": "pass",
        "ended": "fail POWER_NOT_IN_FORCE",
        "entrusted": "fail ENTRUSTED",
        "unlisted": "fail NOT_ON_LIST",
        "tied": "undecidable CONCENTRATED_POWER",
        "nameless": "undecidable NO_MATTER",
        "no_list": "undecidable NO_POWER_LIST",
    }
