"""Funnel limits around a group's rate, with over-dispersion (Spiegelhalter 2005; domain §5.2).

The limits are exact binomial or Poisson quantiles, interpolated between the two nearest counts
(Spiegelhalter 2005, appendix A.1.1). If the bodies differ more than chance allows, the limits are
widened by √φ: z is winsorised at 10 %, φ = (1/N) Σ z², and φ counts if it exceeds 1 + 2 √(2/N).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm, poisson

Floats = NDArray[np.float64]

WINSORISED = 0.1
#: Alert and alarm: about 2 and 3 standard deviations.
ALERT = 0.95
ALARM = 0.998


@dataclass(frozen=True)
class Funnel:
    """A group's rate and what its bodies are held against.

    `dispersion` is φ as computed, `inflation` the factor on the limits: √φ, or 1 if the bodies differ no
    more than chance allows.
    """

    target: float
    dispersion: float
    inflation: float
    is_share: bool
    bodies: int

    def limits(self, denominators: Floats, level: float) -> tuple[Floats, Floats]:
        """(lower, upper) for bodies with `denominators` units or heads."""
        tail = (1 - level) / 2
        lower, upper = (
            self.target + self.inflation * (self._quantile(p, denominators) - self.target) for p in (tail, 1 - tail)
        )
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
        return np.where(np.isfinite(exact), exact, plain) / self.inflation

    def _quantile(self, p: float, denominators: Floats) -> Floats:
        if self.is_share:
            counts = binom.ppf(p, np.round(denominators), self.target)
        else:
            counts = poisson.ppf(p, self.target * denominators)
        at, below = self._cdf(counts, denominators), self._cdf(counts - 1, denominators)
        quantile: Floats = (counts - (at - p) / (at - below)) / denominators
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
        return Funnel(target, 1.0, 1.0, is_share, 0)
    z = _plain_z(numerators[counted], denominators[counted], target, is_share)
    phi = dispersion(z)
    over = phi > 1 + 2 * np.sqrt(2 / bodies)
    return Funnel(target, phi, float(np.sqrt(phi)) if over else 1.0, is_share, bodies)


def dispersion(z: Floats) -> float:
    """φ = (1/N) Σ z² with z winsorised: what lies beyond the 10 % and 90 % quantiles is put there."""
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    return float(np.mean(np.clip(z, low, high) ** 2))


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


def _plain_z(numerators: Floats, denominators: Floats, target: float, is_share: bool) -> Floats:
    variance = target * (1 - target) / denominators if is_share else target / denominators
    z: Floats = (numerators / denominators - target) / np.sqrt(variance)
    return z
