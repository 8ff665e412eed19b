"""Empirical-Bayes shrinkage: what a body's rate is believed to be, given its group (domain §5.1).

Shares: xᵢ ~ Binomial(nᵢ, pᵢ), pᵢ ~ Beta(α, β). Counts per head: yᵢ ~ Poisson(eᵢ λᵢ), λᵢ ~ Gamma(a, rate b).
α, β (a, b) are fitted to the group by maximum likelihood of the marginal distribution (beta-binomial,
negative binomial). The estimate is the posterior mean, (x + α) / (n + α + β) or (y + a) / (e + b).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, digamma, expit, gammaincinv, gammaln, logit

Floats = NDArray[np.float64]

#: A loss at (location, log strength): its value and its gradient.
Loss = Callable[[Floats], tuple[float, Floats]]

#: A group whose bodies vary no more than chance has an infinite prior strength; it is held at this.
STRONGEST = 1e6
WEAKEST = 1e-2
_LOG_STRENGTHS = (float(np.log(WEAKEST)), float(np.log(STRONGEST)))


@dataclass(frozen=True)
class Prior:
    """The fitted distribution of a group's rates.

    `mean` is α / (α + β) or a / b; `strength` is α + β (units) or b (heads): the weight of the group
    in each estimate. `is_share` tells beta from gamma.
    """

    mean: float
    strength: float
    is_share: bool

    @property
    def first(self) -> float:
        """α of the beta, a of the gamma distribution."""
        return self.mean * self.strength

    @property
    def second(self) -> float:
        """β of the beta, b of the gamma distribution."""
        return (1 - self.mean) * self.strength if self.is_share else self.strength


def fit_shares(hits: Floats, units: Floats) -> Prior:
    """The beta distribution that makes `hits` of `units` likeliest; bodies without units are left out.

    A group in which nobody or everybody hits has no spread to fit: the strongest prior at that share.
    """
    x, n = _with_exposure(hits, units)
    overall = float(x.sum() / n.sum())
    if overall in (0.0, 1.0):
        return Prior(overall, STRONGEST, True)

    def likelihood(mean: float, strength: float | Floats) -> Floats:
        alpha, beta = mean * strength, (1 - mean) * strength
        total: Floats = (betaln(x + alpha, n - x + beta) - betaln(alpha, beta)).sum(axis=-1)
        return total

    def loss(at: Floats) -> tuple[float, Floats]:
        mean, strength = float(expit(at[0])), float(np.exp(at[1]))
        alpha, beta = mean * strength, (1 - mean) * strength
        common = digamma(strength) - digamma(n + strength)
        by_alpha = (digamma(x + alpha) - digamma(alpha) + common).sum()
        by_beta = (digamma(n - x + beta) - digamma(beta) + common).sum()
        turn = mean * (1 - mean) * strength
        gradient = -np.array([turn * (by_alpha - by_beta), alpha * by_alpha + beta * by_beta])
        return -float(likelihood(mean, strength)), gradient

    centre = float(logit(overall))
    best = _minimum(loss, centre, _start(partial(likelihood, float(expit(centre)))), (-14.0, 14.0))
    return Prior(float(expit(best[0])), float(np.exp(best[1])), True)


def fit_counts(counts: Floats, heads: Floats) -> Prior:
    """The gamma distribution that makes `counts` over `heads` likeliest; bodies without heads are left out."""
    y, e = _with_exposure(counts, heads)
    overall = float(y.sum() / e.sum())
    if overall == 0.0:
        return Prior(0.0, STRONGEST, False)

    def likelihood(mean: float, b: float | Floats) -> Floats:
        a = mean * b
        parts = gammaln(y + a) - gammaln(a) + a * np.log(b / (b + e)) + y * np.log(e / (b + e))
        total: Floats = parts.sum(axis=-1)
        return total

    def loss(at: Floats) -> tuple[float, Floats]:
        mean, b = float(np.exp(at[0])), float(np.exp(at[1]))
        a = mean * b
        by_a = (digamma(y + a) - digamma(a) + np.log(b / (b + e))).sum()
        by_b = (a / b - (a + y) / (b + e)).sum()
        return -float(likelihood(mean, b)), -np.array([a * by_a, a * by_a + b * by_b])

    centre = float(np.log(overall))
    best = _minimum(loss, centre, _start(partial(likelihood, float(np.exp(centre)))), (centre - 6, centre + 6))
    return Prior(float(np.exp(best[0])), float(np.exp(best[1])), False)


def shrunk(
    prior: Prior, numerators: Floats, denominators: Floats, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """(posterior mean, lower, upper) of bodies; the limits hold `level` of the posterior."""
    means = (numerators + prior.first) / (denominators + prior.strength)
    if prior.mean in (0.0, 1.0):
        return means, means, means
    tail = (1 - level) / 2
    if prior.is_share:
        first, second = numerators + prior.first, denominators - numerators + prior.second
        return means, betaincinv(first, second, tail), betaincinv(first, second, 1 - tail)
    shape, rate = numerators + prior.first, denominators + prior.second
    return means, gammaincinv(shape, tail) / rate, gammaincinv(shape, 1 - tail) / rate


def _with_exposure(numerators: Floats, denominators: Floats) -> tuple[Floats, Floats]:
    counted = denominators > 0
    return numerators[counted], denominators[counted]


def _start(likelihood: Callable[[Floats], Floats]) -> float:
    """The log of the likeliest of a few strengths, `likelihood` being that of a column of them."""
    logs = np.linspace(*_LOG_STRENGTHS, 19)
    return float(logs[np.argmax(likelihood(np.exp(logs)[:, np.newaxis]))])


def _minimum(loss: Loss, centre: float, log_strength: float, around: tuple[float, float]) -> Floats:
    """The lowest point of `loss`, searched from the group's rate and a strength; the location stays in `around`."""
    found = minimize(
        loss, np.array([centre, log_strength]), jac=True, method="L-BFGS-B", bounds=[around, _LOG_STRENGTHS],
        options={"ftol": 1e-13, "gtol": 1e-9, "maxiter": 500},
    )  # fmt: skip
    best: Floats = found.x
    return best
