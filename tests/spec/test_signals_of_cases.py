"""化整为零, 罚款卡在限额之下, 月末立案月初撤案, 裁量理由雷同: patterns among cases."""

import math

from scipy.stats import binom

from tests.spec.signal_rows import records, scopes_of, table
from tests.spec.world import World

BODY = {"subjects": "subject_id | kind\nS1 | department"}


def test_three_decisions_in_a_week_each_below_the_limit_and_together_above_it_are_one_split_case():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | matter_id | decision | party_id | party_kind   | decided_at       | fine_amount
            A1      | S1         | M1        | penalty  | P1       | organisation | 2026-10-01       | 2900
            A2      | S1         | M1        | penalty  | P1       | organisation | 2026-10-08 23:00 | 3000
            A3      | S1         | M1        | penalty  | P1       | organisation | 2026-10-15       | 100
            B1      | S1         | M1        | penalty  | P1       | organisation | 2026-10-23       | 2900
            C1      | S1         | M1        | penalty  | P2       | person       | 2026-10-01       | 150
            C2      | S1         | M1        | penalty  | P2       | person       | 2026-10-01       | 150
            D1      | S1         | M1        | penalty  | P3       | person       | 2026-10-01       | 100
            D2      | S1         | M1        | penalty  | P3       | person       | 2026-10-02       | 100
            E1      | S1         | M1        | penalty  | P4       | organisation | 2026-10-01       | 3001
            E2      | S1         | M1        | penalty  | P4       | organisation | 2026-10-02       | 3001
            F1      | S1         | M1        | penalty  | .        | organisation | 2026-10-01       | 2900
            F2      | S1         | M1        | penalty  | .        | organisation | 2026-10-02       | 2900
            G1      | S1         | M1        | penalty  | P5       | organisation | 2026-10-01       | 2900
            G2      | S1         | M2        | penalty  | P5       | organisation | 2026-10-02       | 2900
        """,
    )
    # A: 7 days apart each, 2,900 + 3,000 + 100 = 6,000 > 3,000; B1 comes 8 days later and stands alone.
    # C: 150 + 150 = 300 > 200. D: 100 + 100 = 200 is not above it. E: each above the limit. F: nobody knows who.
    # G: two matters.
    found = {scope: (row["statistic"], row["has_fired"]) for scope, row in scopes_of(world, "split_cases").items()}
    assert found == {"A1": (3, True), "C1": (2, True), "D1": (2, False)}
    assert records(world, "split_cases") == ["A1", "A2", "A3", "C1", "C2"]


def test_a_run_across_a_month_end_belongs_to_the_month_of_its_last_decision():
    world = World(
        "2026-10",
        **BODY,
        cases="""
            case_id | subject_id | matter_id | decision | party_id | party_kind | decided_at | fine_amount
            A1      | S1         | M1        | penalty  | P1       | person     | 2026-09-30 | 200
            A2      | S1         | M1        | penalty  | P1       | person     | 2026-10-01 | 200
        """,
    )
    assert scopes_of(world, "split_cases", "2026-09") == {}
    assert scopes_of(world, "split_cases")["A1"]["has_fired"]


def fines(amounts: list[float], kind: str = "organisation") -> str:
    rows = [(f"K{n:02d}", "S1", "penalty", kind, "2026-10-10", amount) for n, amount in enumerate(amounts)]
    return table("case_id | subject_id | decision | party_kind | decided_at | fine_amount", rows)


def test_fines_just_below_the_limit_of_the_simple_procedure():
    # 14 of 14 within 10 % of 3,000 lie below it: 0.6^14 = 0.00078. Those of exactly 3,000 and those far off do not count.
    world = World("2026-10", **BODY, cases=fines([2990.0] * 13 + [2700.0] + [3000.0] * 9 + [2699.99, 3300.01]))
    found = scopes_of(world, "limit_bunching")["S1:simple_other"]
    assert (found["statistic"], found["units"], found["has_fired"]) == (1.0, 14, True)
    assert math.isclose(found["p_value"], 0.6**14, rel_tol=1e-9)
    assert records(world, "limit_bunching") == sorted([f"K{n:02d}" for n in range(14)] * 2)  # of S1, and of all bodies
    assert scopes_of(world, "limit_bunching")["all:simple_other"]["subject_id"] is None


def test_as_many_fines_above_as_below_a_limit_are_no_sign():
    found = scopes_of(World("2026-10", **BODY, cases=fines([190.0] * 10 + [210.0] * 10, "person")), "limit_bunching")
    assert math.isclose(found["S1:simple_person"]["p_value"], binom.sf(9, 20, 0.6), rel_tol=1e-9)
    assert not found["S1:simple_person"]["has_fired"]


def test_cases_filed_in_the_last_and_withdrawn_in_the_first_days():
    def cases(last):
        return table(
            "case_id | subject_id | decision | filed_at | decided_at",
            [
                ("K1", "S1", "withdrawn", "2026-09-24", "2026-10-07 23:59"),  # the 7th last day, the 7th first
                ("K2", "S1", "withdrawn", "2026-09-30 23:00", "2026-10-01"),
                ("K3", "S1", "withdrawn", "2026-08-31", "2026-09-01"),
                ("K4", "S1", "withdrawn", "2026-02-28", "2026-03-02"),
                ("K5", "S1", "withdrawn", *last),
                ("K6", "S1", "penalty", "2026-09-30", "2026-10-01"),
                ("K7", "S1", "withdrawn", None, "2026-10-01"),
            ],
        )

    # 5 of 5: (7 / 28)^5 = 0.00098.
    world = World("2026-10", **BODY, cases=cases(("2026-05-31", "2026-06-01")))
    found = scopes_of(world, "filed_then_withdrawn")["S1"]
    assert (found["units"], found["has_fired"]) == (5, True)
    assert math.isclose(found["p_value"], 0.25**5, rel_tol=1e-9)
    assert records(world, "filed_then_withdrawn") == ["K1", "K2", "K3", "K4", "K5"]

    # A day earlier, a day later, or two months apart: 4 of 5.
    for last in (("2026-05-24", "2026-06-01"), ("2026-05-31", "2026-06-08"), ("2026-04-30", "2026-06-01")):
        found = scopes_of(World("2026-10", **BODY, cases=cases(last)), "filed_then_withdrawn")["S1"]
        assert (found["statistic"], found["has_fired"]) == (0.8, False)


GROUND = "当事人于{}主动消除违法行为危害后果，积极配合调查，及时整改并取得受害人谅解，综合考量其主观过错、违法情节和社会影响，决定予以从轻处罚"


def grounds(texts: list[str | None]) -> str:
    rows = [(f"K{n:02d}", "S1", "penalty", "2026-10-10", text) for n, text in enumerate(texts)]
    return table("case_id | subject_id | decision | decided_at | discretion_ground", rows)


def test_grounds_that_differ_only_in_a_date_are_copies():
    own = [f"{word}有自己的情况" + "甲乙丙丁戊己庚辛壬癸" * 3 for word in ("一案", "二案", "三案", "四案", "五案")]
    texts = [GROUND.format(f"2026年{month}月") for month in range(1, 6)] + own + ["初次违法"] * 20 + [None]
    world = World("2026-10", **BODY, cases=grounds(texts))
    # Five copies of ten long grounds; set phrases such as 初次违法 are not looked at.
    found = scopes_of(world, "copy_text")["S1"]
    assert (found["statistic"], found["units"], found["has_fired"]) == (5 / 10, 10, True)
    assert records(world, "copy_text") == ["K00", "K01", "K02", "K03", "K04"]

    two_copies = [
        GROUND.format("去年"),
        GROUND.format("去年"),
        *[text + str(n) + "字" * n for n, text in enumerate(own * 2, 1)],
    ]
    assert not scopes_of(World("2026-10", **BODY, cases=grounds(two_copies)), "copy_text")["S1"]["has_fired"]
