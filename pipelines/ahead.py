"""Work that a step of a run begins, or does, for a later one, so that no core waits.

A step that finds nothing here does the work itself: steps may be run alone, and in processes of their own.
"""

from typing import Any

_handed_over: dict[tuple[str, str], Any] = {}


def hand_over(run_id: str, name: str, work: object) -> None:
    """Keep `work` for the step of the run that asks for `name`."""
    _handed_over[run_id, name] = work


def take(run_id: str, name: str) -> Any:
    """What was handed over, None if nothing was or it was taken before."""
    return _handed_over.pop((run_id, name), None)
