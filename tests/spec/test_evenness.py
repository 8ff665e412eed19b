"""履职均衡度: Pielou's J = H / ln S over the matters of the list that have an act."""

from math import log

import pytest

from tests.spec.world import World

MATTERS = 6


def world_with(acts: dict[str, list[int]], *, months: tuple[str, ...] = ("2026-10",)) -> World:
    """Acts of each subject on the matters M0, M1, …, spread over the months in turn."""
    return World(
        "2026-10",
        subjects="\n".join(["subject_id | kind", *(f"{subject} | department" for subject in acts)]),
        matters="\n".join(["matter_id | kind", *(f"M{n} | penalty" for n in range(MATTERS))]),
        powers="\n".join(["subject_id | matter_id", *(f"{s} | M{n}" for s in acts for n in range(MATTERS))]),
        cases="\n".join(
            ["case_id | subject_id | matter_id | decision | decided_at"]
            + [
                f"{subject}-{matter}-{n} | {subject} | M{matter} | penalty | {months[n % len(months)]}-05"
                for subject, counts in acts.items()
                for matter, count in enumerate(counts)
                for n in range(count)
            ]
        ),
    )


def pielou(*acts: int) -> float:
    shares = [count / sum(acts) for count in acts]
    return -sum(share * log(share) for share in shares) / log(len(acts))


def test_equal_acts_are_one_and_one_busy_matter_is_near_nought():
    world = world_with({"S1": [4, 4, 4, 4, 4], "S2": [96, 1, 1, 1, 1]})
    assert world.result("evenness", "default", "S1")["value"] == pytest.approx(1, abs=1e-9)
    uneven = world.result("evenness", "default", "S2")
    assert uneven["value"] == pytest.approx(pielou(96, 1, 1, 1, 1), abs=1e-9)
    # H = 0.96 ln(1/0.96) + 4 × 0.01 ln 100 = 0.0392 + 0.1842 = 0.2234; J = 0.2234 / ln 5 = 0.139
    assert round(uneven["value"], 3) == 0.139
    # The numerator is the acts, the denominator S; the sixth matter has no act and is left out. No interval.
    assert (uneven["numerator"], uneven["denominator"], uneven["excluded"]) == (100, 5, 1)
    assert (uneven["lower"], uneven["upper"], uneven["status"]) == (None, None, "small")


def test_over_a_period_the_acts_of_a_matter_are_added_up():
    world = world_with({"S1": [4, 2, 2, 2, 2]}, months=("2026-09", "2026-10"))
    assert world.counts("evenness", "default", "S1") == (6, 5, 1, 0)
    quarter = world.result("evenness", "default", "S1", period_kind="quarter")
    assert (quarter["numerator"], quarter["denominator"]) == (12, 5)
    assert quarter["value"] == pytest.approx(pielou(4, 2, 2, 2, 2), abs=1e-9)


def test_a_group_is_one_body_with_the_acts_of_all():
    world = world_with({"S1": [9, 1, 1, 1, 1], "S2": [1, 9, 9, 9, 9]})
    total = world.result("evenness", "default")
    assert (total["numerator"], total["denominator"]) == (13 + 37, 5)  # five matters, not ten
    assert total["value"] == pytest.approx(pielou(10, 10, 10, 10, 10), abs=1e-9)
    assert world.result("evenness", "default", "department:none", level="peer_group")["value"] == total["value"]


@pytest.mark.parametrize(("acts", "status"), [([], "none"), ([7], "tiny"), ([3, 3], "tiny"), ([1, 1, 1, 1], "tiny")])
def test_few_matters_have_counts_and_no_value(acts, status):
    result = world_with({"S1": acts}).result("evenness", "default", "S1")
    assert (result["value"], result["status"]) == (None, status)
    assert (result["numerator"], result["denominator"]) == (sum(acts), len(acts))


def test_acts_on_matters_outside_the_list_do_not_count():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        matters="matter_id | kind\nM1 | penalty\nM2 | penalty\nM3 | inspection",
        powers="subject_id | matter_id\nS1 | M1\nS1 | M3\nS1 | M9",
        cases="""
            case_id | subject_id | matter_id | decision  | decided_at
            K1      | S1         | M1        | penalty   | 2026-10-05
            K2      | S1         | M2        | penalty   | 2026-10-05
            K3      | S1         | M1        | withdrawn | 2026-10-05
            K4      | S1         | M3        | penalty   | 2026-10-05
        """,
    )
    assert world.evidence("evenness", "default") == [
        ("S1", "M1", "hit", None),
        ("S1", "M3", "excluded", "NO_ACT"),  # an inspection matter is used by inspecting
        ("S1", "M9", "undecidable", "UNKNOWN_MATTER"),
    ]
    assert world.counts("evenness", "default", "S1") == (1, 1, 1, 1)
