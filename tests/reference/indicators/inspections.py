"""What inspections find, and whom they visit again."""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.records import Records
from tests.reference.words import counted, counted_inspections, inspection_unit

VARIANTS = {"inspection_yield": ("default",), "revisit_rate": ("default",)}
REVISIT_DAYS = 30


def inspection_yield(records: Records, month: date) -> Iterator[Evidence]:
    """Each counted inspection of the month; a hit if it found something."""
    for inspection in counted_inspections(records, month):
        state = hit(inspection["result"] in ("problem", "rectify", "case_filed"))
        yield share("inspection_yield", "default", month, inspection_unit(inspection), state)


def revisit_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each object a subject inspected in the month; a hit if another subject did so within thirty days of it."""
    acts_of_month, acts = counted_inspections(records, month), counted(records)
    visited = {(act["subject_id"], act["object_id"]) for act in acts_of_month}
    for subject_id, object_id in visited:
        own = [
            act["started_at"].date()
            for act in acts_of_month
            if (act["subject_id"], act["object_id"]) == (subject_id, object_id)
        ]
        others = [
            act["started_at"].date()
            for act in acts
            if act["object_id"] == object_id and act["subject_id"] != subject_id
        ]
        again = any(abs((one - two).days) <= REVISIT_DAYS for one in own for two in others)
        yield share("revisit_rate", "default", month, Unit(subject_id, None, "object", object_id), hit(again))
