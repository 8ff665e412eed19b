"""人均执法量: how many acts fall to one officer, by three divisors."""

from scipy.stats import chi2

from tests.spec.world import World


def test_the_divisor_decides_the_number():
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="""
            officer_id | on_post_from | agency_id | frontline
            O1         | 2020-01-01   | A1        | true
            O2         | 2020-01-01   | A1        | true
            O3         | 2020-01-01   | A1        | false
        """,
        cases="""
            case_id | subject_id | decision  | decided_at
            K1      | S1         | penalty   | 2026-10-05
            K2      | S1         | withdrawn | 2026-10-05
        """,
        inspections="""
            inspection_id | subject_id | mode    | object_id | result | started_at
            N1            | S1         | planned | X         | pass   | 2026-10-05
            N2            | S1         | planned | X         | pass   | 2026-10-05
            N3            | S1         | patrol  | .         | pass   | 2026-10-05
        """,
        coercions="coercion_id | subject_id | imposed_at\nE1 | S1 | 2026-10-05",
        participations="activity_kind | activity_id | officer_id\ninspection | N3 | O3",
    )
    acts = 1 + 2 + 1
    assert world.counts("acts_per_officer", "frontline", "S1") == (acts, 2, 0, 0)
    assert world.counts("acts_per_officer", "all", "S1") == (acts, 3, 0, 0)
    assert world.counts("acts_per_officer", "participants", "S1") == (acts, 1, 0, 0)
    # Three officers are too few for a value: counts only.
    assert world.result("acts_per_officer", "all", "S1")["status"] == "tiny"
    assert world.result("acts_per_officer", "all", "S1")["value"] is None


def test_the_interval_is_the_exact_one_of_a_poisson_count():
    officers, acts = 25, 10
    world = World(
        "2026-10",
        subjects="subject_id | kind\nS1 | department",
        agencies="agency_id | subject_id\nA1 | S1",
        officers="\n".join(
            ["officer_id | on_post_from | agency_id | frontline"]
            + [f"O{n} | 2020-01-01 | A1 | true" for n in range(officers)]
        ),
        cases="\n".join(
            ["case_id | subject_id | decision | decided_at"]
            + [f"K{n} | S1 | penalty | 2026-10-05" for n in range(acts)]
        ),
    )
    result = world.result("acts_per_officer", "frontline", "S1")
    assert result["value"] == acts / officers
    assert abs(result["lower"] - chi2.ppf(0.025, 2 * acts) / 2 / officers) < 1e-9
    assert abs(result["upper"] - chi2.ppf(0.975, 2 * acts + 2) / 2 / officers) < 1e-9
