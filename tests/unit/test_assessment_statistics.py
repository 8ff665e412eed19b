"""Funnel, shrinkage and false discovery: published examples, SciPy, and simulated coverage."""

import numpy as np
import pytest
from scipy.stats import betabinom, binom, binomtest, false_discovery_control, nbinom, poisson

from pipelines.assessment.funnel import ALARM, ALERT, Funnel, dispersion, fit_funnel, position, two_sided_p
from pipelines.assessment.shrinkage import STRONGEST, fit_counts, fit_shares, shrunk


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


# Shrinkage


def test_the_beta_binomial_fit_of_boys_in_saxon_families_of_twelve():
    """Geissler's 6,115 families (Lindsey and Altham 1998); the fit published for them is α = 34.1, β = 31.6."""
    families = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]
    boys = np.repeat(np.arange(13.0), families)
    prior = fit_shares(boys, np.full(boys.shape, 12.0))
    assert prior.first == pytest.approx(34.0956, abs=0.02)
    assert prior.second == pytest.approx(31.5715, abs=0.02)


def test_the_gamma_poisson_fit_of_mites_on_apple_leaves():
    """Bliss and Fisher (1953): 150 leaves, mean 1.14667, k = 1.02459 by maximum likelihood."""
    mites = np.repeat(np.arange(8.0), [70, 38, 17, 10, 9, 3, 2, 1])
    prior = fit_counts(mites, np.ones(mites.shape))
    assert prior.mean == pytest.approx(1.14667, abs=1e-5)
    assert prior.first == pytest.approx(1.02459, abs=1e-4)


def test_no_neighbour_of_the_fit_is_likelier_by_scipy():
    hits, units = floats(3, 9, 14, 2, 30, 18), floats(10, 12, 40, 9, 35, 50)
    shares = fit_shares(hits, units)
    counts, heads = floats(5, 1, 5, 14, 3, 19), floats(94.32, 15.72, 62.88, 125.76, 5.24, 31.44)
    rates = fit_counts(counts, heads)

    def of_shares(alpha, beta):
        return betabinom.logpmf(hits, units, alpha, beta).sum()

    def of_rates(a, b):
        return nbinom.logpmf(counts, a, b / (b + heads)).sum()

    for first, second in ((1.001, 1), (0.999, 1), (1, 1.001), (1, 0.999), (1.001, 1.001), (0.999, 0.999)):
        assert of_shares(shares.first, shares.second) >= of_shares(shares.first * first, shares.second * second)
        assert of_rates(rates.first, rates.second) >= of_rates(rates.first * first, rates.second * second)


def test_an_estimate_is_a_weighted_mean_of_the_body_and_its_group():
    prior = fit_shares(floats(3, 9, 14, 2, 30, 18), floats(10, 12, 40, 9, 35, 50))
    (mean,), (lower,), (upper,) = shrunk(prior, floats(6), floats(6))
    weight = 6 / (6 + prior.strength)
    assert mean == pytest.approx(weight * 1.0 + (1 - weight) * prior.mean)
    assert lower < mean < upper < 1


def test_a_group_that_varies_no_more_than_chance_is_all_group():
    prior = fit_shares(floats(10, 10, 10, 10, 10), floats(20, 20, 20, 20, 20))
    assert prior.strength > STRONGEST / 100
    assert shrunk(prior, floats(20), floats(20))[0][0] == pytest.approx(0.5, abs=0.002)


@pytest.mark.parametrize(("hits", "share"), [((0, 0, 0), 0.0), ((5, 5, 5), 1.0)])
def test_a_group_where_nobody_or_everybody_hits_has_its_share_and_no_spread(hits, share):
    prior = fit_shares(floats(*hits), floats(5, 5, 5))
    assert [figure[0] for figure in shrunk(prior, floats(hits[0]), floats(5))] == [pytest.approx(share)] * 3


def test_bodies_without_units_are_no_part_of_the_fit():
    with_empty = fit_shares(floats(3, 0, 9), floats(10, 0, 12))
    assert with_empty == fit_shares(floats(3, 9), floats(10, 12))
    assert fit_counts(floats(0, 0), floats(4, 5)).mean == 0


# Funnel


def test_dispersion_is_the_mean_square_of_winsorised_z():
    #   z        -3  -1  0  1  9     10 % and 90 % quantiles by linear interpolation: -2.2 and 5.8
    #   squared   4.84 + 1 + 0 + 1 + 33.64 = 40.48, over 5, over 0.67865
    assert dispersion(floats(-3, -1, 0, 1, 9)) == pytest.approx(40.48 / 5 / 0.67865, rel=1e-4)


def test_dispersion_of_what_differs_by_chance_alone_is_1():
    assert dispersion(np.random.default_rng(1).standard_normal(200_000)) == pytest.approx(1, abs=0.01)


def test_limits_are_widened_only_if_the_bodies_differ_by_more_than_chance():
    even = fit_funnel(floats(10, 11, 9, 10, 10), floats(20, 20, 20, 20, 20), is_share=True)
    assert even is not None
    assert even.between == 0
    assert even.inflation(floats(20)) == [1]
    unlike = fit_funnel(floats(30, 70, 35, 65, 50), floats(100, 100, 100, 100, 100), is_share=True)
    assert unlike is not None
    assert unlike.dispersion > 1 + 2 * (2 / 5) ** 0.5
    # Equal sizes: every w is 1/0.0025 = 400, so τ² = (5 φ − 4) / (5 × 400 − 400), and the factor √(1 + 400 τ²).
    tau = (5 * unlike.dispersion - 4) / (5 * 400 - 400)
    assert unlike.between == pytest.approx(tau)
    assert unlike.inflation(floats(100))[0] == pytest.approx((1 + 400 * tau) ** 0.5)
    # A larger body has less chance of its own, so its limits are widened by more.
    assert unlike.inflation(floats(400))[0] == pytest.approx((1 + 1600 * tau) ** 0.5)


@pytest.mark.parametrize("units", [5, 20, 63, 288])
@pytest.mark.parametrize("target", [0.05, 0.5, 0.93])
def test_without_inflation_a_share_is_beyond_exactly_if_its_exact_tail_is_small(units, target):
    funnel = Funnel(target, 1, 0, True, 9)
    (lower,), (upper,) = funnel.limits(floats(units), ALERT)
    for hits in range(units + 1):
        assert (hits / units < lower - 1e-12) == (binom.cdf(hits, units, target) < 0.025)
        assert (hits / units > upper + 1e-12) == (binom.sf(hits - 1, units, target) < 0.025)


@pytest.mark.parametrize("heads", [1.0, 7.5, 120.0])
def test_the_same_holds_for_counts_per_head(heads):
    funnel = Funnel(1.7, 1, 0, False, 9)
    (lower,), (upper,) = funnel.limits(floats(heads), ALARM)
    for count in range(int(heads * 6) + 10):
        assert (count / heads < lower - 1e-12) == (poisson.cdf(count, 1.7 * heads) < 0.001)
        assert (count / heads > upper + 1e-12) == (poisson.sf(count - 1, 1.7 * heads) < 0.001)


@pytest.mark.parametrize("is_share", [True, False])
def test_bodies_of_several_groups_held_at_once_lie_where_their_own_funnels_put_them(is_share):
    wide, narrow = Funnel(0.3, 4.0, 0.02, is_share, 9), Funnel(0.7, 1.0, 0.0, is_share, 5)
    x, n = floats(2, 60, 0, 15), floats(20, 100, 7, 20)
    each = Funnel.of_each([wide, narrow, narrow, wide])

    def alone(of):
        return [of(funnel, x[at : at + 1], n[at : at + 1])[0] for at, funnel in enumerate([wide, narrow, narrow, wide])]

    # The same bits, for an edition's bytes must not depend on who is held together.
    assert list(zip(*each.limits(n, ALERT), strict=True)) == [
        (lower[0], upper[0]) for lower, upper in alone(lambda one, _, units: [one.limits(units, ALERT)])
    ]
    assert list(each.z(x, n)) == alone(lambda one, count, units: one.z(count, units))
    assert list(each.inflation(n)) == alone(lambda one, _, units: one.inflation(units))
    assert list(each.inflation(n)[1:3]) == [1, 1]
    assert list(each.dispersion) == [4, 1, 1, 4]


def test_one_body_with_enough_units_is_not_said_to_vary_between_bodies():
    # 90 of 100 beside thirty bodies with 0 of 4, which are too small to say anything about φ: the target is
    # 90 / (100 + 30 · 4), φ is far above 1 + 2√2, and a variance between bodies needs two.
    funnel = fit_funnel(floats(90, *[0] * 30), floats(100, *[4] * 30), is_share=True)
    assert (funnel.target, funnel.bodies, funnel.between) == (90 / (100 + 30 * 4), 1, 0.0)
    assert funnel.dispersion > 1 + 2 * np.sqrt(2)


def test_the_limits_worked_out_in_the_docs():
    """20 units at 30 %: F(1) = 0.00764, F(2) = 0.03548, F(9) = 0.95204, F(10) = 0.98286."""
    ((lower,), (upper,)) = Funnel(0.3, 1, 0, True, 9).limits(np.array([20.0]), 0.95)
    assert lower == pytest.approx((2 + (0.025 - 0.03548) / (0.03548 - 0.00764)) / 20, abs=5e-6)  # 0.0812
    assert upper == pytest.approx((10 + (0.975 - 0.95204) / (0.98286 - 0.95204)) / 20, abs=5e-5)  # 0.5373


def test_p_values_come_near_the_exact_test():
    funnel = Funnel(0.3, 1, 0, True, 9)
    p_value = two_sided_p(funnel.z(floats(45), floats(100)))[0]
    assert p_value == pytest.approx(binomtest(45, 100, 0.3).pvalue, rel=0.15)


def test_a_rate_of_0_or_1_has_no_funnel():
    assert fit_funnel(floats(0, 0), floats(10, 20), is_share=True) is None
    assert fit_funnel(floats(10, 20), floats(10, 20), is_share=True) is None
    assert fit_funnel(floats(0, 0), floats(0, 0), is_share=False) is None


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (0.05, "below_alarm"),
        (0.15, "below_alert"),
        (0.2, "inside"),
        (0.5, "inside"),
        (0.85, "above_alert"),
        (0.95, "above_alarm"),
    ],
)
def test_a_position_is_told_from_the_two_pairs_of_limits(value, place):
    assert position(value, (0.2, 0.8), (0.1, 0.9)) == place


# Many tests at once


def test_false_discovery_control_is_benjamini_and_hochbergs():
    """Their example of 15 comparisons (1995, section 4.1): four are rejected at q = 0.05."""
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert (false_discovery_control(p, method="bh") <= 0.05).sum() == 4


# Coverage


def test_funnel_limits_hold_95_of_100_bodies_that_differ_by_chance_alone():
    random = np.random.default_rng(20261001)
    units = random.integers(60, 400, size=40).astype(np.float64)
    inside = 0
    for _ in range(150):
        hits = random.binomial(units.astype(int), 0.6).astype(np.float64)
        lower, upper = fit_funnel(hits, units, is_share=True).limits(units, ALERT)
        inside += int(((hits / units >= lower) & (hits / units <= upper)).sum())
    assert inside / (150 * 40) == pytest.approx(0.95, abs=0.02)


def test_widened_limits_hold_95_of_100_bodies_that_differ_by_more():
    random = np.random.default_rng(20261002)
    heads = random.integers(20, 200, size=60).astype(np.float64)
    inside = 0
    for _ in range(150):
        rates = random.gamma(25, 4 / 25, size=60)
        counts = random.poisson(rates * heads).astype(np.float64)
        lower, upper = fit_funnel(counts, heads, is_share=False).limits(heads, ALERT)
        inside += int(((counts / heads >= lower) & (counts / heads <= upper)).sum())
    assert inside / (150 * 60) == pytest.approx(0.95, abs=0.02)


def test_shrunken_intervals_hold_95_of_100_true_shares():
    random = np.random.default_rng(20261003)
    units = random.integers(5, 120, size=40).astype(np.float64)
    held = 0
    for _ in range(60):
        truth = random.beta(12, 6, size=40)
        hits = random.binomial(units.astype(int), truth).astype(np.float64)
        _, lower, upper = shrunk(fit_shares(hits, units), hits, units)
        held += int(((truth >= lower) & (truth <= upper)).sum())
    assert held / (60 * 40) == pytest.approx(0.95, abs=0.02)


def test_shrunken_intervals_hold_95_of_100_true_rates():
    random = np.random.default_rng(20261004)
    heads = random.integers(5, 80, size=40).astype(np.float64)
    held = 0
    for _ in range(60):
        truth = random.gamma(4, 0.5, size=40)
        counts = random.poisson(truth * heads).astype(np.float64)
        _, lower, upper = shrunk(fit_counts(counts, heads), counts, heads)
        held += int(((truth >= lower) & (truth <= upper)).sum())
    assert held / (60 * 40) == pytest.approx(0.95, abs=0.02)
