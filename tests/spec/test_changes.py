"""变化解释: the difference of a rate between two months, split into mix and rate effects by domain of matter."""

from math import isclose

import pytest

from tests.spec.signal_rows import table
from tests.spec.world import World

LEDGER = {
    "subjects": "subject_id | kind\nS1 | department\nS2 | department",
    "matters": """
        matter_id | valid_from | kind    | domain
        M1        | 2020-01-01 | penalty | 消防
        M2        | 2020-01-01 | penalty | 城管
        M3        | 2020-01-01 | penalty | 环保
    """,
}


def cases(*groups: tuple[str, str, str, int, int], subject: str = "S1") -> list[tuple[str, ...]]:
    """(month, matter, prefix, proactive, all): so many cases of a matter, the first ones from patrols."""
    return [
        (f"{subject}{prefix}{n:02d}", subject, matter, "patrol" if n < hits else "complaint", f"{month}-10")
        for month, matter, prefix, hits, units in groups
        for n in range(units)
    ]


def world_of(rows) -> World:
    return World("2026-10", **LEDGER, cases=table("case_id | subject_id | matter_id | source | filed_at", rows))


def effects(world: World, entity: str = "S1", comparison: str = "previous_month") -> dict[str, tuple[float, float]]:
    """Domain → (mix effect, rate effect) of the proactive discovery rate; they must sum to the difference."""
    rows = world.connection.execute(
        "select domain, mix_effect, rate_effect, difference from assessment.changes where indicator_id = "
        "'proactive_discovery_rate' and variant = 'cases' and entity_id = ? and comparison = ?",
        [entity, comparison],
    ).fetchall()
    if rows:
        assert isclose(sum(mix + rate for _, mix, rate, _ in rows), rows[0][3], abs_tol=1e-12)
    return {domain: (mix, rate) for domain, mix, rate, _ in rows}


def close(found, expected):
    assert found.keys() == expected.keys()
    for domain, pair in expected.items():
        assert found[domain] == pytest.approx(pair, abs=1e-12)


def test_a_change_of_rates_alone_is_all_rate_effect():
    # 消防 2 of 5 → 4 of 5, 城管 1 of 5 → 1 of 5: the rate rises from 3/10 to 5/10.
    world = world_of(cases(("2026-09", "M1", "a", 2, 5), ("2026-09", "M2", "b", 1, 5),
                           ("2026-10", "M1", "c", 4, 5), ("2026-10", "M2", "d", 1, 5)))  # fmt: skip
    # Weights stay 1/2. Rate effect of 消防: (4/5 − 2/5) · 1/2 = 0.2.
    close(effects(world), {"消防": (0, 0.2), "城管": (0, 0)})


def test_a_change_of_weights_alone_is_all_mix_effect():
    # 消防 always 4 in 5, 城管 always 1 in 5; 消防 grows from 5 of 10 to 10 of 15 units: 5/10 → 9/15.
    world = world_of(cases(("2026-09", "M1", "a", 4, 5), ("2026-09", "M2", "b", 1, 5),
                           ("2026-10", "M1", "c", 8, 10), ("2026-10", "M2", "d", 1, 5)))  # fmt: skip
    # The entity's mean rate is (1/2 + 3/5) / 2 = 0.55.
    # 消防: (2/3 − 1/2) · (0.8 − 0.55) = 1/24; 城管: (1/3 − 1/2) · (0.2 − 0.55) = 7/120; in all 1/10.
    close(effects(world), {"消防": (1 / 24, 0), "城管": (7 / 120, 0)})


def test_a_domain_present_in_one_month_only_is_all_mix_effect():
    # September 消防 3 of 6, 城管 2 of 2; October 消防 3 of 6, 环保 0 of 4: 5/8 → 3/10.
    world = world_of(cases(("2026-09", "M1", "a", 3, 6), ("2026-09", "M2", "b", 2, 2),
                           ("2026-10", "M1", "c", 3, 6), ("2026-10", "M3", "d", 0, 4)))  # fmt: skip
    mean = (5 / 8 + 3 / 10) / 2  # 0.4625
    close(
        effects(world),
        {
            "消防": ((6 / 10 - 6 / 8) * (1 / 2 - mean), 0),
            "城管": ((0 - 2 / 8) * (1 - mean), 0),
            "环保": ((4 / 10 - 0) * (0 - mean), 0),
        },
    )


def test_both_at_once_and_groups_as_ratios_of_sums():
    rows = cases(("2026-09", "M1", "a", 4, 5), ("2026-09", "M2", "b", 0, 5),
                 ("2026-10", "M1", "c", 2, 5), ("2026-10", "M2", "d", 9, 15))  # fmt: skip
    rows += cases(("2026-09", "M1", "e", 0, 10), ("2026-10", "M2", "f", 6, 6), subject="S2")
    world = world_of(rows)
    # S1: 4/10 → 11/20. 消防 weight 1/2 → 1/4, rate 4/5 → 2/5; 城管 weight 1/2 → 3/4, rate 0 → 3/5.
    mean = (4 / 10 + 11 / 20) / 2
    close(
        effects(world, "S1"),
        {
            "消防": ((1 / 4 - 1 / 2) * (3 / 5 - mean), (2 / 5 - 4 / 5) * 3 / 8),
            "城管": ((3 / 4 - 1 / 2) * (3 / 10 - mean), (3 / 5 - 0) * 5 / 8),
        },
    )
    # All: 消防 4/15 → 2/5, 城管 0/5 → 15/21; 4/20 → 17/26.
    mean = (4 / 20 + 17 / 26) / 2
    expected = {
        "消防": ((5 / 26 - 15 / 20) * ((4 / 15 + 2 / 5) / 2 - mean), (2 / 5 - 4 / 15) * (5 / 26 + 15 / 20) / 2),
        "城管": ((21 / 26 - 5 / 20) * (15 / 21 / 2 - mean), (15 / 21 - 0) * (21 / 26 + 5 / 20) / 2),
    }
    close(effects(world, "total"), expected)
    close(effects(world, "department:none"), expected)


def test_the_same_month_a_year_before():
    world = world_of(cases(("2025-10", "M1", "a", 5, 5), ("2026-10", "M1", "b", 1, 5)))
    close(effects(world, comparison="year_before"), {"消防": (0, -0.8)})
    assert effects(world) == {}  # September has no value


def test_without_a_value_in_both_months_there_is_nothing_to_explain():
    # 4 cases are too few for a value.
    assert effects(world_of(cases(("2026-09", "M1", "a", 4, 4), ("2026-10", "M1", "b", 1, 5)))) == {}


def test_units_without_a_matter_form_one_stratum():
    # Officers have no matter; S1's participation falls from 5 of 5 to 2 of 5.
    visits = [(f"I{m}{n}", f"2026-{m}-10", f"O{n}") for m, count in (("09", 5), ("10", 2)) for n in range(count)]
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers=table(
            "officer_id | agency_id | frontline | on_post_from | certificate_from",
            [(f"O{n}", "A1", "true", "2020-01-01", "2020-01-01") for n in range(5)],
        ),
        inspections=table(
            "inspection_id | subject_id | mode | result | started_at", [(i, "S1", "patrol", "pass", d) for i, d, _ in visits]
        ),
        participations=table(
            "activity_kind | activity_id | officer_id", [("inspection", i, officer) for i, _, officer in visits]
        ),
    )  # fmt: skip
    rows = world.connection.execute(
        "select domain, mix_effect, rate_effect, difference from assessment.changes where indicator_id = "
        "'participation_rate' and variant = 'all' and level = 'subject' and comparison = 'previous_month'"
    ).fetchall()
    [(domain, mix, rate, difference)] = rows
    assert (domain, mix) == ("none", 0)
    assert isclose(rate, 2 / 5 - 5 / 5) and isclose(difference, rate, abs_tol=1e-12)


def test_acts_per_head_change_by_the_acts_of_each_domain():
    # 5 officers; 消防 cases 5 → 10, 城管 5 → 0: (5 + 5) / 5 → 10 / 5. The divisor has no domain.
    rows = [
        (f"K{month}{matter}{n}", "S1", matter, "penalty", f"2026-{month}-10")
        for month, matter, count in (("09", "M1", 5), ("09", "M2", 5), ("10", "M1", 10))
        for n in range(count)
    ]
    world = World(
        "2026-10",
        **LEDGER,
        agencies="agency_id | subject_id\nA1 | S1",
        officers=table(
            "officer_id | agency_id | frontline | on_post_from | certificate_from",
            [(f"O{n}", "A1", "true", "2020-01-01", "2020-01-01") for n in range(5)],
        ),
        cases=table("case_id | subject_id | matter_id | decision | decided_at", rows),
    )
    found = world.connection.execute(
        "select domain, mix_effect, rate_effect from assessment.changes where indicator_id = 'acts_per_officer' "
        "and variant = 'frontline' and level = 'subject' and comparison = 'previous_month' order by domain"
    ).fetchall()
    assert found == [("none", 0, 0), ("城管", 0, 0 - 5 / 5), ("消防", 0, 10 / 5 - 5 / 5)]
