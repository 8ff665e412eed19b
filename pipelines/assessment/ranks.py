"""How far a body's rank within its group depends on the weights chosen (domain §5.5).

The totals are computed again under every scenario: the weights as they are; each indicator's weight × 0.75
and × 1.25; every combination of the pillars' weights × 0.75, × 1 and × 1.25; and each indicator left out.
A rank range is the lowest and highest rank of a body over all of them.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pipelines.assessment.scores import Total
from pipelines.scheme.model import Scheme

Floats = NDArray[np.float64]

CHANGES = (0.75, 1.0, 1.25)
#: With more pillars than this, one pillar is changed at a time: the combinations would be too many.
MOST_COMBINED = 6


def rank_ranges(scheme: Scheme, bodies: Sequence[Total]) -> dict[str, tuple[int, int, int]]:
    """subject_id → (best rank, worst rank, bodies ranked) among the assessed bodies given; equals share a rank."""
    assessed = [body for body in bodies if body.total is not None]
    if not assessed:
        return {}
    ranks = np.array([_ranks(totals) for totals in _scenarios(scheme, assessed)])
    best, worst = np.nanmin(ranks, axis=0), np.nanmax(ranks, axis=0)
    return {
        body.subject_id: (int(low), int(high), len(assessed))
        for body, low, high in zip(assessed, best, worst, strict=True)
    }


def _scenarios(scheme: Scheme, bodies: Sequence[Total]) -> Iterator[Floats]:
    """The totals of all bodies under every scenario, the scheme's own first; NaN where nothing is left to weigh."""
    blocks: list[Floats] = []
    for pillar in scheme.pillars:
        mine = [[one.points.at if one.points else np.nan for one in body.indicators if one.pillar_id == pillar.id]
                for body in bodies]  # fmt: skip
        blocks.append(np.array(mine, dtype=np.float64))
    entry_weights = [np.array([entry.weight for entry in pillar.indicators]) for pillar in scheme.pillars]
    weights = np.array([pillar.weight for pillar in scheme.pillars])
    factors = np.array([np.prod([gate.factor.at for gate in body.gates]) for body in bodies])
    values = np.column_stack([_means(block, w) for block, w in zip(blocks, entry_weights, strict=True)])

    def totals(pillar_values: Floats, pillar_weights: Floats) -> Floats:
        logs = np.log(np.maximum(pillar_values, scheme.pillar_floor))
        return factors * np.exp(_means(logs, pillar_weights))

    yield totals(values, weights)
    for number, (block, own) in enumerate(zip(blocks, entry_weights, strict=True)):
        for position in range(len(own)):
            for change in (0.75, 1.25, 0.0):
                changed = own.copy()
                changed[position] *= change
                replaced = values.copy()
                replaced[:, number] = _means(block, changed)
                yield totals(replaced, weights)
    if len(weights) <= MOST_COMBINED:
        for changes in product(CHANGES, repeat=len(weights)):
            yield totals(values, weights * np.array(changes))
    else:
        for number in range(len(weights)):
            for change in (0.75, 1.25):
                changed = weights.copy()
                changed[number] *= change
                yield totals(values, changed)


def _means(values: Floats, weights: Floats) -> Floats:
    """The weighted mean of each row over what it has; NaN without any weight."""
    held = np.where(np.isnan(values), 0.0, weights)
    weight = held.sum(axis=1)
    sums = (np.nan_to_num(values) * held).sum(axis=1)
    return np.divide(sums, weight, out=np.full(len(values), np.nan), where=weight > 0)


def _ranks(totals: Floats) -> Floats:
    """1 + the number of bodies that lie above; what differs by rounding only is equal; NaN stays NaN."""
    rounded = np.round(totals, 9)
    above = (rounded[None, :] > rounded[:, None]).sum(axis=1)
    return np.where(np.isnan(totals), np.nan, above + 1.0)
