"""处罚数量过于整齐: are monthly penalties too even to have come about by themselves?"""

import numpy as np
from scipy.stats import binom, chi2

from tests.spec.signal_rows import records, scopes_of, table
from tests.spec.world import World

MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
BODIES = [f"S{number:02d}" for number in range(23)]


def street_towns(bodies: list[str], matters: list[str]) -> dict[str, str]:
    return {
        "subjects": table("subject_id | kind", [(body, "street_town") for body in bodies]),
        "matters": table(
            "matter_id | valid_from | kind | fine_min | fine_max", [(m, "2020-01-01", "penalty", 500, 5000) for m in matters]
        ),
        "powers": table(
            "subject_id | matter_id | valid_from", [(body, m, "2020-01-01") for body in bodies for m in matters]
        ),
    }  # fmt: skip


def penalties(counts: dict[tuple[str, str, str], int], fine) -> str:
    """`counts` maps (matter, body, month) to a number of penalties; `fine` gives the fine of the n-th."""
    rows = []
    for (matter, body, month), count in counts.items():
        for _ in range(count):
            number = len(rows)
            rows.append((f"K{number:06d}", body, matter, "penalty", f"{month}-{1 + number % 28:02d}", fine(number)))
    return table("case_id | subject_id | matter_id | decision | decided_at | fine_amount", rows)


def test_23_bodies_with_2_or_3_penalties_a_month_fined_2000_to_2500_fire_below_one_in_a_million():
    # The case of the Ministry of Justice of 2025-10-13 (domain §5.4). Bodies and months alternate between 2 and 3.
    counts = {("M1", body, month): 2 + (b + m) % 2 for b, body in enumerate(BODIES) for m, month in enumerate(MONTHS)}
    world = World("2026-10", **street_towns(BODIES, ["M1"]), cases=penalties(counts, lambda n: 2000 + 50 * (n % 11)))
    found = scopes_of(world, "quota_uniformity")["matter:M1:street_town"]
    # 23 × 6 = 138 counts, 69 of each kind: T = 69 · 2 + 69 · 3 = 345, Σx² = 69 · 4 + 69 · 9 = 897;
    # (n − 1) D = n Σx² / T − T = 138 · 897 / 345 − 345 = 13.8, D = 13.8 / 137 = 0.1007.
    assert found["units"] == 345
    assert np.isclose(found["statistic"], 13.8 / 137, rtol=1e-12)
    assert np.isclose(found["p_value"], chi2.cdf(13.8, 137), rtol=1e-9)
    assert found["p_value"] < 1e-6
    assert found["has_fired"]
    assert len(records(world, "quota_uniformity")) == 345

    bunched = scopes_of(world, "uniform_fines")["M1:street_town"]
    assert (bunched["statistic"], bunched["units"], bunched["has_fired"]) == (1.0, 345, True)


def test_one_month_of_it_alone_would_be_below_one_in_a_million_too():
    counts = {("M1", body, "2026-10"): 2 + b % 2 for b, body in enumerate(BODIES)}
    # 12 · 2 + 11 · 3 = 57, Σx² = 12 · 4 + 11 · 9 = 147; 23 · 147 / 57 − 57 = 2.316 on 22 degrees of freedom.
    assert chi2.cdf(23 * 147 / 57 - 57, 22) < 1e-6
    # But the window has six months, and five empty ones make the counts anything but even.
    world = World("2026-10", **street_towns(BODIES, ["M1"]), cases=penalties(counts, lambda n: 2000))
    assert scopes_of(world, "quota_uniformity") == {}  # mean 57 / 138 < 0.5: too little to judge


def test_a_body_that_holds_the_power_and_never_uses_it_counts_as_zero():
    active = BODIES[:5]
    counts = {("M1", body, month): 2 for body in active for month in MONTHS}
    everybody = World("2026-10", **street_towns(active, ["M1"]), cases=penalties(counts, lambda n: 600 + n))
    with_idle = World("2026-10", **street_towns(BODIES[:10], ["M1"]), cases=penalties(counts, lambda n: 600 + n))
    assert scopes_of(everybody, "quota_uniformity")["matter:M1:street_town"]["statistic"] == 0
    # 60 counts, T = 60, Σx² = 120: 60 · 120 / 60 − 60 = 60; D = 60 / 59.
    quiet = scopes_of(with_idle, "quota_uniformity")["matter:M1:street_town"]
    assert np.isclose(quiet["statistic"], 60 / 59)
    assert not quiet["has_fired"]


def test_fewer_than_five_bodies_are_not_judged():
    counts = {("M1", body, month): 2 for body in BODIES[:4] for month in MONTHS}
    world = World("2026-10", **street_towns(BODIES[:4], ["M1"]), cases=penalties(counts, lambda n: 2000))
    assert scopes_of(world, "quota_uniformity") == {}
    assert scopes_of(world, "uniform_fines") == {}


def test_clean_random_data_stay_quiet_at_the_stated_false_alarm_rate():
    """160 topics of 23 bodies and six months: half with one mean, half with unlike bodies and seasons."""
    generator = np.random.default_rng(20261031)
    alike = [f"A{n:03d}" for n in range(80)]
    unlike = [f"U{n:03d}" for n in range(80)]
    counts: dict[tuple[str, str, str], int] = {}
    for matter in alike + unlike:
        body_means = np.full(23, 1.5) if matter in alike else 1.5 * generator.lognormal(0, 0.6, 23)
        season = np.ones(6) if matter in alike else generator.uniform(0.6, 1.4, 6)
        drawn = generator.poisson(np.outer(body_means, season))
        for (b, m), count in np.ndenumerate(drawn):
            counts[matter, BODIES[b], MONTHS[m]] = int(count)
    spread = generator.uniform(500, 5000, sum(counts.values()))
    world = World(
        "2026-10", **street_towns(BODIES, alike + unlike), cases=penalties(counts, lambda n: round(spread[n]))
    )
    found = scopes_of(world, "quota_uniformity")
    assert len(found) == 160
    fired = [scope for scope, row in found.items() if row["has_fired"]]
    # 160 tests at 0.001: more than 2 would happen once in 1,500 times.
    assert len(fired) <= binom.ppf(0.999, 160, 0.001)
    # The p-values of alike bodies are those of chance: about 5 % lie below 5 %. Unlike bodies only raise them.
    low = sum(found[f"matter:{m}:street_town"]["p_value"] <= 0.05 for m in alike)
    assert low <= binom.ppf(0.999, 80, 0.05)
    assert min(found[f"matter:{m}:street_town"]["p_value"] for m in unlike) > 0.05
    assert not any(row["has_fired"] for row in scopes_of(world, "uniform_fines").values())
