"""Which version of a matter was in force on a day."""

from datetime import date

from tests.reference.exports import Row
from tests.reference.periods import share_a_day
from tests.reference.records import Records


def matter_in_force(records: Records, matter_id: str, day: date | None) -> Row | None:
    """The version of the matter in force on the day, of several the one that began last; None without one."""
    if day is None:
        return None
    versions = [
        matter
        for matter in records.matters
        if matter["matter_id"] == matter_id and share_a_day((day, day), (matter["valid_from"], matter["valid_to"]))
    ]
    return max(versions, key=lambda matter: matter["valid_from"], default=None)
