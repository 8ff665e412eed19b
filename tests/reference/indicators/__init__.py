"""Evidence of every indicator of the catalogue for one month: which unit is in scope, a hit, or left out and why.

One module per group of indicators; each function reads like its row of the catalogue. Nothing here knows of periods
longer than a month or of levels; that is `results`. What is asked of twelve months at once (`dormant_demanded`) looks
at the twelve that end with the month it is asked for.
"""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence
from tests.reference.indicators import (
    deadlines,
    devices,
    discovery,
    disputes,
    inspections,
    officers,
    powers,
    procedure,
    supervision,
)
from tests.reference.periods import thirteen_months
from tests.reference.records import Records

MODULES = (powers, officers, supervision, discovery, devices, deadlines, procedure, disputes, inspections)
#: The variants of every indicator.
VARIANTS: dict[str, tuple[str, ...]] = {name: found for module in MODULES for name, found in module.VARIANTS.items()}


#: What is asked once for the twelve months that end with the edition's month.
YEARLY = ("dormant_demanded",)


def evidence_of_month(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """All evidence of a month but the yearly one; `days` as `officers.days_of_participation` gives it."""
    for module in MODULES:
        for name in module.VARIANTS:
            if name in YEARLY:
                continue
            if module is officers:
                yield from getattr(module, name)(records, month, days)
            else:
                yield from getattr(module, name)(records, month)


def evidence(records: Records, month: date) -> list[Evidence]:
    """The evidence of an edition of `month`: that month and the twelve before it."""
    days = officers.days_of_participation(records)
    monthly = [row for each in thirteen_months(month) for row in evidence_of_month(records, each, days)]
    return [*monthly, *powers.dormant_demanded(records, month)]
