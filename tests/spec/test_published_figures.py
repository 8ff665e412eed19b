"""Figures that real bodies have published, recomputed by the project's SQL from records that give their counts.

The sources are TEDA 2024 (F1, F3), 胡家园街 2025 (F2) and Binhai 2023 (F4); see docs/method.md.
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
