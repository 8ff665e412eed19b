"""Figures that real bodies have published, recomputed by the project's SQL from records that give their counts.

The sources are TEDA 2024 (F1, F3), 胡家园街 2025 (F2), Binhai 2023 (F4), Beijing's culture-market corps 2021 (F5, F6)
and Binhai 2022 (F7, F13), a street's own report (F11); see docs/method.md. F8, F9, F10, F12 and F14 are sums of fines
and counts of which the catalogue has no indicator.
"""

import pytest

from pipelines.cli.output import rounded
from tests.spec.world import World

YEAR_END = "2024-12"


def table(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows])


def performance_world(listed: int, used: int, *, duty_only: bool) -> World:
    """A body with `listed` penalty matters, `used` of which have a decided case in the year."""
    return World(
        YEAR_END,
        subjects="subject_id | kind\nTEDA | zone",
        matters=table("matter_id | kind", [f"M{n} | penalty" for n in range(listed)]),
        powers=table(
            "subject_id | matter_id | duty_listed",
            [f"TEDA | M{n} | {'true' if duty_only else '.'}" for n in range(listed)],
        ),
        cases=table(
            "case_id | subject_id | matter_id | source | procedure | decided_at | decision",
            [f"C{n} | TEDA | M{n} | patrol | simple | 2024-{n % 12 + 1:02d}-15 | penalty" for n in range(used)],
        ),
    )


def test_f1_performance_rate_of_a_full_power_list_is_77_15_per_cent():
    world = performance_world(listed=884, used=682, duty_only=False)
    result = world.result("performance_rate", "all", "TEDA", period_kind="ytd")
    assert (result["numerator"], result["denominator"]) == (682, 884)
    assert result["value"] == 682 / 884
    assert rounded(result["value"], unit="share") == "77.15 %"
    # domain §5.1: 682 of 884 has the Wilson interval 74.3–79.8 %.
    assert (round(result["lower"], 3), round(result["upper"], 3)) == (0.743, 0.798)


def test_f2_performance_rate_of_a_duty_list_is_92_06_per_cent():
    world = performance_world(listed=63, used=58, duty_only=True)
    result = world.result("performance_rate", "duty", "TEDA", period_kind="ytd")
    assert result["value"] == 58 / 63
    assert rounded(result["value"], unit="share") == "92.06 %"
    assert (round(result["lower"], 3), round(result["upper"], 3)) == (0.827, 0.966)


def test_f3_participation_of_288_officers_is_92_01_per_cent():
    took_part, officers = 265, 288
    world = World(
        YEAR_END,
        subjects="subject_id | kind\nTEDA | zone",
        agencies="agency_id | subject_id\nA1 | TEDA",
        officers=table(
            "officer_id | on_post_from | agency_id | certificate_from",
            [f"O{n} | 2020-01-01 | A1 | 2020-01-01" for n in range(officers)],
        ),
        inspections="inspection_id | subject_id | mode | started_at\nI1 | TEDA | patrol | 2024-06-03",
        participations=table(
            "activity_kind | activity_id | officer_id", [f"inspection | I1 | O{n}" for n in range(took_part)]
        ),
    )
    result = world.result("participation_rate", "all", "TEDA", period_kind="ytd")
    assert result["value"] == 265 / 288
    assert rounded(result["value"], unit="share") == "92.01 %"
    assert (round(result["lower"], 3), round(result["upper"], 3)) == (0.883, 0.946)


def test_f4_acts_per_front_line_officer_are_18_5():
    """24,639 inspections, 7,386 penalties, 803 on-site corrections, 1,611 educated and corrected; 1,862 front-line.

    An on-site correction is an inspection that ordered to rectify, education a decision not to penalise; the 18,254
    patrols do not count, nor do the certified officers who are not front-line.
    """
    inspections, penalties, corrected, educated, front_line, certified = 24_639, 7_386, 803, 1_611, 1_862, 2_841
    world = World(
        "2023-12",
        subjects="subject_id | kind\nBH | zone",
        agencies="agency_id | subject_id\nA1 | BH",
        matters="matter_id | kind\nM1 | penalty",
        officers=table(
            "officer_id | on_post_from | agency_id | frontline",
            [f"O{n} | 2020-01-01 | A1 | {'true' if n < front_line else 'false'}" for n in range(certified)],
        ),
        inspections=table(
            "inspection_id | subject_id | mode | object_id | result | started_at",
            [f"I{n} | BH | planned | X | pass | 2023-05-04" for n in range(inspections)]
            + [f"R{n} | BH | planned | X | rectify | 2023-05-04" for n in range(corrected)]
            + [f"P{n} | BH | patrol | . | pass | 2023-05-04" for n in range(18_254)],
        ),
        cases=table(
            "case_id | subject_id | matter_id | decision | decided_at",
            [f"C{n} | BH | M1 | penalty | 2023-06-05" for n in range(penalties)]
            + [f"E{n} | BH | M1 | no_penalty | 2023-06-05" for n in range(educated)],
        ),
    )
    result = world.result("acts_per_officer", "frontline", "BH", period_kind="ytd")
    assert result["numerator"] == 24_639 + 7_386 + 803 + 1_611 == 34_439
    assert result["denominator"] == 1_862
    assert result["value"] == pytest.approx(18.496, abs=0.0005)
    # Published with one decimal as 18.5.
    assert rounded(result["value"], unit="per_head") == "18.50"


OFFICERS = table(
    "officer_id | on_post_from | agency_id | frontline", [f"O{n} | 2020-01-01 | A1 | true" for n in range(100)]
)


def test_f5_inspections_per_officer_are_233_51():
    """23,351 inspections by 100 officers on post."""
    world = World(
        "2021-12",
        subjects="subject_id | kind\nCM | department",
        agencies="agency_id | subject_id\nA1 | CM",
        officers=OFFICERS,
        inspections=table(
            "inspection_id | subject_id | mode | object_id | result | started_at",
            [f"I{n} | CM | planned | X{n % 997} | pass | 2021-{n % 12 + 1:02d}-15" for n in range(23_351)],
        ),
    )
    result = world.result("inspections_per_officer", "all", "CM", period_kind="ytd")
    assert (result["numerator"], result["denominator"]) == (23_351, 100)
    assert rounded(result["value"], unit="per_head") == "233.51"


def test_f6_cases_per_officer_are_13_68_only_if_withdrawn_ones_count():
    """450 penalties, 876 withdrawn, 11, 24 and 7 others make 1,368 cases that 100 officers closed.

    The published figure counts every closed case. The project counts decided cases alone, and shows the 876 withdrawn
    ones as the withdrawal rate: 876 / 1,368 = 64.04 %.
    """
    ends = {"penalty": 450, "withdrawn": 876, "no_penalty": 11 + 24, "transferred": 7}
    world = World(
        "2021-12",
        subjects="subject_id | kind\nCM | department",
        agencies="agency_id | subject_id\nA1 | CM",
        officers=OFFICERS,
        cases=table(
            "case_id | subject_id | decision | decided_at",
            [f"{decision}{n} | CM | {decision} | 2021-06-15" for decision, count in ends.items() for n in range(count)],
        ),
    )
    per_officer = world.result("cases_per_officer", "all", "CM", period_kind="ytd")
    withdrawal = world.result("withdrawal_rate", "default", "CM", period_kind="ytd")
    assert sum(ends.values()) == withdrawal["denominator"] == 1_368
    assert rounded(withdrawal["denominator"] / per_officer["denominator"], unit="per_head") == "13.68"
    assert rounded(withdrawal["value"], unit="share") == "64.04 %"
    assert rounded(per_officer["value"], unit="per_head") == "4.85"  # (450 + 35) / 100 decided ones


def test_f7_reconsiderations_that_corrected_a_decision_are_10_88_per_cent():
    """12 revoked, 23 found unlawful and 6 ordered to act, of 377 concluded."""
    outcomes = {"revoked": 12, "unlawful": 23, "ordered": 6, "ended": 119, "upheld": 377 - 12 - 23 - 6 - 119}
    world = World(
        "2022-12",
        subjects="subject_id | kind\nBH | zone",
        cases="case_id | subject_id\nK1 | BH",
        disputes=table(
            "dispute_id | case_id | kind | concluded_on | outcome",
            [
                f"{outcome}{n} | K1 | reconsideration | 2022-{n % 12 + 1:02d}-10 | {outcome}"
                for outcome, count in outcomes.items()
                for n in range(count)
            ],
        ),
    )
    for variant in ("all", "reconsideration"):
        result = world.result("reversal_rate", variant, "BH", period_kind="ytd")
        assert (result["numerator"], result["denominator"]) == (41, 377)
        assert rounded(result["value"], unit="share") == "10.88 %"
    assert world.result("reversal_rate", "litigation", "BH", period_kind="ytd")["status"] == "none"


def test_f11_cases_of_both_procedures_are_42_together():
    """40 by simple and 2 by ordinary procedure: 42 cases, whichever way they were handled."""
    procedures = {"simple": 40, "ordinary": 2}
    world = World(
        "2024-12",
        subjects="subject_id | kind\nST | street",
        agencies="agency_id | subject_id\nA1 | ST",
        officers="officer_id | on_post_from | agency_id | frontline\nO1 | 2020-01-01 | A1 | true",
        cases=table(
            "case_id | subject_id | procedure | decision | decided_at",
            [
                f"{procedure}{n} | ST | {procedure} | penalty | 2024-{n % 12 + 1:02d}-15"
                for procedure, count in procedures.items()
                for n in range(count)
            ],
        ),
    )
    result = world.result("cases_per_officer", "all", "ST", period_kind="ytd")
    # One officer is too few for a value; the count is there.
    assert (result["numerator"], result["denominator"], result["status"]) == (40 + 2, 1, "tiny")


def test_f13_planned_tasks_of_four_bodies_are_21_151_together():
    """11,526 + 5,672 + 417 + 3,536 tasks; of all bodies the plans of each are summed."""
    tasks = {"B1": 11_526, "B2": 5_672, "B3": 417, "B4": 3_536}
    world = World(
        "2022-12",
        subjects=table("subject_id | kind", [f"{body} | department" for body in tasks]),
        inspection_plans=table(
            "plan_id | subject_id | due_on",
            [f"{body}-{n} | {body} | 2022-{n % 12 + 1:02d}-28" for body, count in tasks.items() for n in range(count)],
        ),
    )
    for body, count in tasks.items():
        assert world.result("plan_completion_rate", "default", body, period_kind="ytd")["denominator"] == count
    total = world.result("plan_completion_rate", "default", "total", level="total", period_kind="ytd")
    assert (total["numerator"], total["denominator"]) == (0, 21_151)
