"""When a record is entered after its act: mostly within a day, some within weeks, with a tail."""

import numpy as np

from pipelines.demo.clock import MINUTES_A_DAY

#: share of records, longest delay in days
_TAIL = ((0.74, 1.0), (0.92, 4.0), (0.985, 14.0), (1.0, 55.0))
_EARLY = 7 * 60


def entered(
    generator: np.random.Generator, acted: np.ndarray, cutoff: int, slowness: np.ndarray | float = 1.0
) -> np.ndarray:
    """The minute of entry of acts at minute `acted`: later than the act, never after `cutoff`.

    A delay that would end after the cutoff is shortened so that the record still reaches the last export;
    what happens after the cutoff is entered after it, and therefore never exported.
    """
    count = len(acted)
    which = np.searchsorted([share for share, _ in _TAIL], generator.random(count), side="right").clip(
        0, len(_TAIL) - 1
    )
    longest = np.array([days for _, days in _TAIL])[which] * MINUTES_A_DAY * slowness
    at = acted + 5 + (generator.random(count) ** 1.5 * longest).astype(np.int64)
    # Nobody enters records before seven in the morning.
    minute = at % MINUTES_A_DAY
    at = np.where(minute < _EARLY, at + _EARLY - minute, at)
    squeezed = acted + ((cutoff - acted) * generator.random(count)).astype(np.int64)
    return np.where((at >= cutoff) & (acted < cutoff), squeezed, at)
