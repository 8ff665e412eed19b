"""处罚内容: P12 not fined twice, P14 ground, P15 band, P16 types, P18 rule in force."""

from tests.spec.rules import BODY, codes, outcomes, row
from tests.spec.world import World


def test_p12_the_later_fine_for_the_same_act_fails():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department\nS2 | street_town",
        cases="""
            case_id  | subject_id | matter_id | party_id | violation_on | decision   | decided_at       | penalty_types | fine_amount | violated_articles | revoked_at
            first    | S1         | M1        | A        | 2026-09-01   | penalty    | 2026-10-09 09:00 | fine          | 100         | .                 | .
            again    | S2         | M1        | A        | 2026-09-01   | penalty    | 2026-10-10 09:00 | fine          | 100         | .                 | .
            b_old    | S1         | M1        | B        | 2024-09-01   | penalty    | 2024-10-09       | fine          | 100         | .                 | .
            b_new    | S1         | M1        | B        | 2024-09-01   | penalty    | 2026-10-09       | fine          | 100         | .                 | .
            c_day    | S1         | M1        | C        | 2026-09-01   | penalty    | 2026-10-09       | fine          | 100         | .                 | .
            c_next   | S1         | M1        | C        | 2026-09-02   | penalty    | 2026-10-10       | fine          | 100         | .                 | .
            d_one    | S1         | M1        | D        | 2026-09-01   | penalty    | 2026-10-09       | fine          | 100         | X;Y               | .
            d_two    | S2         | M2        | D        | 2026-09-01   | penalty    | 2026-10-10       | fine          | 100         | X;Y               | .
            d_three  | S2         | M3        | D        | 2026-09-01   | penalty    | 2026-10-11       | fine          | 100         | Z                 | .
            e_gone   | S1         | M1        | E        | 2026-09-01   | penalty    | 2026-10-09       | fine          | 100         | .                 | 2026-10-10
            e_redone | S1         | M1        | E        | 2026-09-01   | penalty    | 2026-10-12       | fine          | 100         | .                 | .
            f_warned | S1         | M1        | F        | 2026-09-01   | penalty    | 2026-10-09       | warning       | .           | .                 | .
            f_fined  | S1         | M1        | F        | 2026-09-01   | penalty    | 2026-10-12       | fine          | 100         | .                 | .
            nobody   | S1         | M1        | .        | 2026-09-01   | penalty    | 2026-10-12       | fine          | 100         | .                 | .
            dateless | S1         | M1        | A        | .            | penalty    | 2026-10-12       | fine          | 100         | .                 | .
            unsaid   | S1         | M1        | A        | 2026-09-01   | penalty    | 2026-10-12       | .             | .           | .                 | .
            spared   | S1         | M1        | A        | 2026-09-01   | no_penalty | 2026-10-12       | .             | .           | .                 | .
            tie_1    | S1         | M1        | G        | 2026-09-01   | penalty    | 2026-10-09       | fine          | 100         | .                 | .
            tie_2    | S1         | M1        | G        | 2026-09-01   | penalty    | 2026-10-09       | fine          | 100         | .                 | .
            mine     | S1         | M1        | H        | 2026-09-01   | penalty    | 2026-10-09       | fine          | 100         | .                 | .
            yours    | S2         | M1        | H        | 2026-09-01   | penalty    | 2026-10-09 09:00 | fine          | 100         | .                 | .
            early    | S1         | M1        | I        | 2026-09-01   | penalty    | 2026-10-09 09:00 | fine          | 100         | .                 | .
            late     | S2         | M1        | I        | 2026-09-01   | penalty    | 2026-10-09 09:01 | fine          | 100         | .                 | .
        """,
    )
    assert codes(world, "P12") == {
        "first": "pass",
        "again": "FINED_BEFORE",  # by another body
        "b_new": "FINED_BEFORE",  # the first fine is older than the reported months
        "c_day": "pass",
        "c_next": "pass",  # another day is another act
        "d_one": "pass",
        "d_two": "FINED_BEFORE",  # another matter, the same articles violated
        "d_three": "pass",
        "e_gone": "pass",
        "e_redone": "pass",  # the earlier decision no longer stands
        "f_warned": "NO_FINE",
        "f_fined": "pass",
        "nobody": "NO_PARTY",
        "dateless": "NO_VIOLATION_DATE",
        "unsaid": "NO_PENALTY_TYPES",
        "spared": "NO_PENALTY",
        "tie_1": "pass",
        "tie_2": "FINED_BEFORE",  # of one body's two of a day one fails, and always the same one
        "mine": "NO_CLOCK_TIME",  # one of the two came later, and without a time of day nobody knows whose
        "yours": "NO_CLOCK_TIME",
        "early": "pass",
        "late": "FINED_BEFORE",
    }
    assert outcomes(world, "P12")["again"] == "fail FINED_BEFORE"
    assert outcomes(world, "P12")["nobody"] == "undecidable NO_PARTY"


def test_p14_leniency_states_its_ground():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id   | subject_id | decision   | decided_at | discretion | discretion_ground
            lighter   | S1         | penalty    | 2026-10-09 | lighter    | 主动消除
            mitigated | S1         | penalty    | 2026-10-09 | mitigated  | .
            plain     | S1         | penalty    | 2026-10-09 | none       | .
            heavier   | S1         | penalty    | 2026-10-09 | heavier    | .
            unsaid    | S1         | penalty    | 2026-10-09 | .          | 主动消除
            spared    | S1         | no_penalty | 2026-10-09 | .          | 初次违法
            no_reason | S1         | no_penalty | 2026-10-09 | .          | .
            ended     | S1         | withdrawn  | 2026-10-09 | .          | .
        """,
    )
    assert outcomes(world, "P14") == {
        "lighter": "pass",
        "mitigated": "fail NO_GROUND",
        "plain": "not_applicable NOT_LENIENT",
        "heavier": "not_applicable NOT_LENIENT",
        "unsaid": "undecidable NO_DISCRETION",
        "spared": "pass",
        "no_reason": "undecidable NO_PENALTY_WITHOUT_GROUND",
        "ended": "not_applicable NO_DECISION",
    }


def test_p15_the_band_is_that_of_the_day_of_the_violation():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        matters="""
            matter_id | kind    | valid_from | valid_to   | fine_min | fine_max
            M1        | penalty | 2020-01-01 | 2026-06-30 | 100      | 1000
            M1        | penalty | 2026-07-01 | .          | 200      | 2000
            FREE      | penalty | 2020-01-01 | .          | .        | 500
            OPEN      | penalty | 2020-01-01 | .          | 100      | .
            NONE      | penalty | 2020-01-01 | .          | .        | .
            YOUNG     | penalty | 2026-10-01 | .          | 100      | 200
        """,
        cases="""
            case_id  | subject_id | matter_id | decision | filed_at   | decided_at | violation_on | penalty_types | fine_amount | discretion | discretion_ground
            low      | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-06-30   | fine          | 100         | none       | .
            high     | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-06-30   | fine          | 1000        | none       | .
            above    | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-06-30   | fine          | 1000.01     | heavier    | 从重
            new_1500 | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 1500        | none       | .
            new_150  | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 150         | lighter    | 从轻
            eased    | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 150         | mitigated  | 初次违法
            eased_no | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 150         | mitigated  | .
            unsaid   | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 150         | .          | .
            by_file  | S1         | M1        | penalty  | 2026-06-30 | 2026-10-09 | .            | fine          | 1500        | none       | .
            free     | S1         | FREE      | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 1           | none       | .
            open     | S1         | OPEN      | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 100         | none       | .
            no_band  | S1         | NONE      | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 100         | none       | .
            too_soon | S1         | YOUNG     | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | 100         | none       | .
            howmuch  | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | fine          | .           | none       | .
            what     | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | .             | .           | none       | .
            warned   | S1         | M1        | penalty  | 2026-09-01 | 2026-10-09 | 2026-07-01   | warning       | .           | none       | .
            spared   | S1         | M1        | no_penalty| 2026-09-01| 2026-10-09 | 2026-07-01   | .             | .           | .          | .
        """,
    )
    assert codes(world, "P15") == {
        "low": "pass",  # both ends belong to the band
        "high": "pass",
        "above": "ABOVE_BAND",
        "new_1500": "pass",
        "new_150": "BELOW_BAND",
        "eased": "pass",
        "eased_no": "MITIGATED_WITHOUT_GROUND",
        "unsaid": "NO_DISCRETION",
        "by_file": "ABOVE_BAND",  # without the day of the violation, the day of filing
        "free": "pass",  # no lower limit
        "open": "NO_UPPER_LIMIT",
        "no_band": "NO_BAND",
        "too_soon": "NO_MATTER_VERSION",
        "howmuch": "NO_AMOUNT",
        "what": "NO_PENALTY_TYPES",
        "warned": "NO_FINE",
        "spared": "NO_PENALTY",
    }
    by_result = {case: text.split()[0] for case, text in outcomes(world, "P15").items()}
    assert {case for case, result in by_result.items() if result == "fail"} == {
        "above",
        "new_150",
        "eased_no",
        "by_file",
    }
    assert {case for case, result in by_result.items() if result == "not_applicable"} == {"warned", "spared"}
    assert row(world, "P15", "new_150")["allowed"] == 200
    assert row(world, "P15", "above")["allowed"] == 1000


def test_p16_the_type_belongs_to_the_item_and_the_level_of_the_law_may_set_it():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        laws="""
            law_id | level
            LAW    | law
            RULE   | department_rule
            LOCAL  | local_regulation
        """,
        articles="""
            article_id | law_id | valid_from
            A-LAW      | LAW    | 2020-01-01
            A-RULE     | RULE   | 2020-01-01
            A-LOCAL    | LOCAL  | 2020-01-01
        """,
        matters="""
            matter_id | kind    | penalty_types               | penalty_articles
            M1        | penalty | warning;fine;order_suspend  | A-RULE
            M2        | penalty | detention;fine              | A-LOCAL
            M3        | penalty | .                           | A-LAW
            M4        | penalty | fine                        | .
        """,
        cases="""
            case_id  | subject_id | matter_id | decision | decided_at | violation_on | penalty_types      | penalty_articles
            fine     | S1         | M1        | penalty  | 2026-10-09 | 2026-10-01   | fine;warning       | A-RULE
            by_rule  | S1         | M1        | penalty  | 2026-10-09 | 2026-10-01   | fine;order_suspend | A-RULE
            by_item  | S1         | M1        | penalty  | 2026-10-09 | 2026-10-01   | order_suspend      | .
            by_law   | S1         | M1        | penalty  | 2026-10-09 | 2026-10-01   | fine;order_suspend | A-RULE;A-LAW
            outside  | S1         | M1        | penalty  | 2026-10-09 | 2026-10-01   | revoke_licence     | A-LAW
            freedom  | S1         | M2        | penalty  | 2026-10-09 | 2026-10-01   | detention          | A-LOCAL
            no_item  | S1         | M3        | penalty  | 2026-10-09 | 2026-10-01   | fine               | A-LAW
            no_law   | S1         | M4        | penalty  | 2026-10-09 | 2026-10-01   | fine               | .
            lost     | S1         | M4        | penalty  | 2026-10-09 | 2026-10-01   | fine               | A-404
            unsaid   | S1         | M1        | penalty  | 2026-10-09 | 2026-10-01   | .                  | A-LAW
            nowhere  | S1         | M404      | penalty  | 2026-10-09 | 2026-10-01   | fine               | A-LAW
            spared   | S1         | M1        | no_penalty| 2026-10-09 | 2026-10-01  | .                  | .
        """,
    )
    assert outcomes(world, "P16") == {
        "fine": "pass",
        "by_rule": "fail TYPE_ABOVE_LEVEL",
        "by_item": "fail TYPE_ABOVE_LEVEL",
        "by_law": "pass",
        "outside": "fail TYPE_NOT_IN_ITEM",
        "freedom": "fail TYPE_ABOVE_LEVEL",
        "no_item": "undecidable NO_ITEM_TYPES",
        "no_law": "undecidable NO_LEVEL",
        "lost": "undecidable NO_LEVEL",
        "unsaid": "undecidable NO_PENALTY_TYPES",
        "nowhere": "undecidable NO_MATTER_VERSION",
        "spared": "not_applicable NO_PENALTY",
    }
    # Heaviest type given (8, revocation) and heaviest of the item (10, suspension of business).
    assert (row(world, "P16", "outside")["observed"], row(world, "P16", "outside")["allowed"]) == (8, 10)


def test_p18_the_rule_of_the_day_of_the_act_or_the_lighter_later_one():
    world = World(
        "2026-10",
        subjects=BODY["subjects"],
        laws="law_id | level\nL | law",
        articles="""
            article_id | law_id | valid_from | valid_to
            OLD        | L      | 2020-01-01 | 2026-06-30
            NEW        | L      | 2026-07-01 | .
            FUTURE     | L      | 2026-11-01 | .
        """,
        matters="""
            matter_id | kind    | valid_from | valid_to   | fine_min | fine_max
            LIGHTER   | penalty | 2020-01-01 | 2026-06-30 | 200      | 2000
            LIGHTER   | penalty | 2026-07-01 | .          | 100      | 2000
            HEAVIER   | penalty | 2020-01-01 | 2026-06-30 | 100      | 1000
            HEAVIER   | penalty | 2026-07-01 | .          | 200      | 2000
            NO_BAND   | penalty | 2020-01-01 | .          | .        | .
            YOUNG     | penalty | 2026-07-01 | .          | .        | .
        """,
        cases="""
            case_id  | subject_id | matter_id | decision | decided_at | violation_on | violated_articles | penalty_articles
            last_day | S1         | HEAVIER   | penalty  | 2026-10-09 | 2026-06-30   | OLD               | OLD
            first_day| S1         | HEAVIER   | penalty  | 2026-10-09 | 2026-07-01   | NEW               | NEW
            expired  | S1         | HEAVIER   | penalty  | 2026-10-09 | 2026-07-01   | NEW               | OLD
            lighter  | S1         | LIGHTER   | penalty  | 2026-10-09 | 2026-06-30   | OLD               | NEW
            heavier  | S1         | HEAVIER   | penalty  | 2026-10-09 | 2026-06-30   | .                 | NEW
            unknown  | S1         | NO_BAND   | penalty  | 2026-10-09 | 2026-06-30   | NEW               | .
            future   | S1         | LIGHTER   | penalty  | 2026-10-09 | 2026-07-01   | FUTURE            | .
            lost     | S1         | LIGHTER   | penalty  | 2026-10-09 | 2026-07-01   | NEW;GONE          | .
            silent   | S1         | LIGHTER   | penalty  | 2026-10-09 | 2026-07-01   | .                 | .
            changed  | S1         | LIGHTER   | penalty  | 2026-10-09 | 2026-06-30   | .                 | .
            too_soon | S1         | YOUNG     | penalty  | 2026-10-09 | 2026-06-30   | .                 | .
            nowhere  | S1         | M404      | penalty  | 2026-10-09 | 2026-06-30   | .                 | .
            dateless | S1         | LIGHTER   | penalty  | 2026-10-09 | .            | NEW               | .
            spared   | S1         | LIGHTER   | no_penalty| 2026-10-09 | 2026-06-30  | OLD               | .
        """,
    )
    assert outcomes(world, "P18") == {
        "last_day": "pass",
        "first_day": "pass",
        "expired": "fail RULE_EXPIRED",
        "lighter": "pass",  # the later band lies nowhere above the earlier one
        "heavier": "fail LATER_RULE_HEAVIER",
        "unknown": "undecidable LIGHTER_UNKNOWN",
        "future": "fail RULE_NOT_YET_IN_FORCE",
        "lost": "undecidable ARTICLE_UNKNOWN",
        "silent": "pass",  # nothing cited, and one version held from the act to the decision
        "changed": "undecidable NO_ARTICLES_CITED",
        "too_soon": "fail NO_RULE_IN_FORCE",
        "nowhere": "undecidable NO_MATTER_VERSION",
        "dateless": "undecidable NO_VIOLATION_DATE",
        "spared": "not_applicable NO_PENALTY",
    }
