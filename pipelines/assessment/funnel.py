"""Funnel limits around a group's rate, with over-dispersion (Spiegelhalter 2005, 2012; domain §5.2).

The limits are exact binomial or Poisson quantiles, interpolated between the two nearest counts
(Spiegelhalter 2005, appendix A.1.1; the upper limit mirrors the lower one, so that both are exact tests).

Over-dispersion: z is winsorised at 10 % and φ = (1/N) Σ z² / 0.679, where 0.679 is the mean square of a
winsorised standard normal z, so that cutting the tails does not by itself narrow the limits. If φ exceeds
1 + 2 √(2/N), the bodies differ by more than chance: the variance between them, τ² = (N φ − (N − 1)) /
(Σw − Σw²/Σw) with w = 1/s² (DerSimonian and Laird 1986), is added to each body's own variance s², which
widens its limits by √(1 + τ²/s²).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm, poisson

Floats = NDArray[np.float64]

WINSORISED = 0.1
#: The mean square of a standard normal z that is winsorised at 10 %: 0.8 − 2 c ϕ(c) + 0.2 c² with Φ(c) = 0.9.
WINSORISED_NORMAL = float(
    1
    - 2 * WINSORISED
    - 2 * norm.ppf(1 - WINSORISED) * norm.pdf(norm.ppf(1 - WINSORISED))
    + 2 * WINSORISED * norm.ppf(1 - WINSORISED) ** 2
)
#: Alert and alarm: about 2 and 3 standard deviations.
ALERT = 0.95
ALARM = 0.998


@dataclass(frozen=True)
class Funnel:
    """A group's rate and what its bodies are held against.

    `dispersion` is φ; `between` is τ², 0 if the bodies differ no more than chance allows. A funnel of bodies of
    several groups (`of_each`) has an array in place of a number, one element per body.
    """

    target: float | Floats
    dispersion: float | Floats
    between: float | Floats
    is_share: bool
    bodies: int

    @classmethod
    def of_each(cls, funnels: Sequence[Self]) -> Self:
        """What several bodies are held against, given the funnel of each, all of shares or all of counts."""
        target, dispersion, between = (
            np.array([getattr(one, figure) for one in funnels], dtype=np.float64)
            for figure in ("target", "dispersion", "between")
        )
        return cls(target, dispersion, between, funnels[0].is_share, len(funnels))

    def inflation(self, denominators: Floats) -> Floats:
        """The factor on the limits of each body: √(1 + τ²/s²)."""
        widened: Floats = np.sqrt(1 + self.between / _variance(denominators, self.target, self.is_share))
        return widened

    def limits(self, denominators: Floats, level: float) -> tuple[Floats, Floats]:
        """(lower, upper) for bodies with `denominators` units or heads."""
        tail = (1 - level) / 2
        ends = (
            self._quantile(tail, denominators, is_upper=False),
            self._quantile(1 - tail, denominators, is_upper=True),
        )
        lower, upper = (self.target + self.inflation(denominators) * (end - self.target) for end in ends)
        return np.maximum(lower, 0.0), np.minimum(upper, 1.0) if self.is_share else upper

    def z(self, numerators: Floats, denominators: Floats) -> Floats:
        """How many widened standard deviations bodies lie from the target, from their exact mid-p values.

        A count's mid-p is P(X < x) + P(X = x) / 2, which is unbiased for discrete counts.
        """
        counts = np.round(numerators)
        here = self._cdf(counts, denominators) - self._cdf(counts - 1, denominators)
        under = self._cdf(counts - 1, denominators) + here / 2
        over = self._sf(counts, denominators) + here / 2
        plain = _plain_z(numerators, denominators, self.target, self.is_share)
        with np.errstate(divide="ignore"):
            exact = np.where(under < over, norm.ppf(under), -norm.ppf(over))
        # Beyond what a double can hold the normal approximation stands in.
        return np.where(np.isfinite(exact), exact, plain) / self.inflation(denominators)

    def _quantile(self, p: float, denominators: Floats, *, is_upper: bool) -> Floats:
        if self.is_share:
            counts = binom.ppf(p, np.round(denominators), self.target)
        else:
            counts = poisson.ppf(p, self.target * denominators)
        at, below = self._cdf(counts, denominators), self._cdf(counts - 1, denominators)
        # The upper end is the lower one in a mirror: a count lies beyond it only if its own tail is below 1 - p.
        shift = (p - below) / (at - below) if is_upper else (p - at) / (at - below)
        quantile: Floats = (counts + shift) / denominators
        return quantile

    def _cdf(self, counts: Floats, denominators: Floats) -> Floats:
        if self.is_share:
            return np.asarray(binom.cdf(counts, np.round(denominators), self.target), dtype=np.float64)
        return np.asarray(poisson.cdf(counts, self.target * denominators), dtype=np.float64)

    def _sf(self, counts: Floats, denominators: Floats) -> Floats:
        if self.is_share:
            return np.asarray(binom.sf(counts, np.round(denominators), self.target), dtype=np.float64)
        return np.asarray(poisson.sf(counts, self.target * denominators), dtype=np.float64)


def fit_funnel(numerators: Floats, denominators: Floats, *, is_share: bool, smallest_n: float = 5) -> Funnel | None:
    """The funnel of a group; None if its rate is 0 or 1 or nobody has units.

    The target is the ratio of sums. Bodies with fewer than `smallest_n` units say nothing about φ.
    """
    total = float(denominators.sum())
    if total <= 0:
        return None
    target = float(numerators.sum()) / total
    if target <= 0 or (is_share and target >= 1):
        return None
    counted = denominators >= smallest_n
    bodies = int(counted.sum())
    if bodies == 0:
        return Funnel(target, 1.0, 0.0, is_share, 0)
    z = _plain_z(numerators[counted], denominators[counted], target, is_share)
    phi = dispersion(z)
    between = 0.0
    # One body alone has nothing to vary between.
    if bodies > 1 and phi > 1 + 2 * np.sqrt(2 / bodies):
        w = 1 / _variance(denominators[counted], target, is_share)
        between = max(0.0, float((bodies * phi - (bodies - 1)) / (w.sum() - (w**2).sum() / w.sum())))
    return Funnel(target, phi, between, is_share, bodies)


def dispersion(z: Floats) -> float:
    """φ, with z winsorised: what lies beyond the 10 % and 90 % quantiles is put there."""
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    return float(np.mean(np.clip(z, low, high) ** 2)) / WINSORISED_NORMAL


def two_sided_p(z: Floats) -> Floats:
    """The probability of lying at least this far from the target on either side."""
    return np.asarray(2 * norm.sf(np.abs(z)), dtype=np.float64)


def position(value: float, alert: tuple[float, float], alarm: tuple[float, float]) -> str:
    """Where a value lies: `below_alarm`, `below_alert`, `inside`, `above_alert`, `above_alarm`."""
    if value < alarm[0]:
        return "below_alarm"
    if value < alert[0]:
        return "below_alert"
    if value > alarm[1]:
        return "above_alarm"
    return "above_alert" if value > alert[1] else "inside"


def _plain_z(numerators: Floats, denominators: Floats, target: float | Floats, is_share: bool) -> Floats:
    z: Floats = (numerators / denominators - target) / np.sqrt(_variance(denominators, target, is_share))
    return z


def _variance(denominators: Floats, target: float | Floats, is_share: bool) -> Floats:
    variance: Floats = (target * (1 - target) if is_share else target) / denominators
    return variance
