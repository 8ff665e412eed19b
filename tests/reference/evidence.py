"""Evidence: one row per unit of a subject in a month, and how a state becomes amounts."""

from datetime import date
from typing import NamedTuple


class Evidence(NamedTuple):
    """One unit of one subject in one month. `month` is its first day."""

    indicator_id: str
    variant: str
    subject_id: str
    agency_id: str | None
    month: date
    unit_kind: str
    unit_id: str
    state: str
    numerator: float
    denominator: float
    reason: str | None


class Unit(NamedTuple):
    """What one month says of a unit, before it is put into variants."""

    subject_id: str
    agency_id: str | None
    kind: str
    id: str


def share(indicator: str, variant: str, month: date, unit: Unit, state: str, reason: str | None = None) -> Evidence:
    """A row of a share: a hit counts 1 of 1, a miss 0 of 1, anything else nothing of nothing."""
    numerator, denominator = {"hit": (1, 1), "miss": (0, 1)}.get(state, (0, 0))
    return Evidence(indicator, variant, unit.subject_id, unit.agency_id, month, unit.kind, unit.id, state,
                    numerator, denominator, reason)  # fmt: skip


def hit(condition: bool) -> str:
    """The state of a unit in scope."""
    return "hit" if condition else "miss"
