"""Which version of a matter was in force on a day."""

from datetime import date

from tests.reference.exports import Row
from tests.reference.limits import DECISION_DAYS, REVISION
from tests.reference.records import Records


def matter_in_force(records: Records, matter_id: str, day: date | None) -> Row | None:
    """The version of the matter in force on the day; None without one.

    A newer version ends the one before it, even where the ledger left the older one open, and what it ended does not
    come back: so the version that began last decides, if it has not ended itself.
    """
    if day is None:
        return None
    begun = [row for row in records.matters if row["matter_id"] == matter_id and row["valid_from"] <= day]
    newest = max(begun, key=lambda row: row["valid_from"], default=None)
    if newest is None or (newest["valid_to"] is not None and newest["valid_to"] < day):
        return None
    return newest


def days_to_decide(matter: Row, filed: date) -> int | None:
    """The days that a matter allows for a decision, else the law since its revision; None before, without a limit."""
    if matter["decision_days"] is not None:
        days: int = matter["decision_days"]
        return days
    return DECISION_DAYS if filed >= REVISION else None
