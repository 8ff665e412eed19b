"""Decisions that did not stand: corrected in a dispute, or withdrawn by the body itself."""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.records import Records
from tests.reference.words import case_unit, in_month

VARIANTS = {
    "reversal_rate": ("all", "reconsideration", "litigation"),
    "withdrawal_rate": ("default",),
}


def reversal_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each dispute concluded in the month; a hit if the decision was corrected. It belongs where its case does."""
    cases = {case["case_id"]: case for case in records.cases}
    for dispute in records.disputes:
        if not in_month(dispute["concluded_on"], month) or dispute["case_id"] not in cases:
            continue
        case = cases[dispute["case_id"]]
        unit = Unit(case["subject_id"], case["agency_id"], "dispute", dispute["dispute_id"])
        corrected = dispute["outcome"] in ("revoked", "changed", "unlawful", "ordered")
        state = "undecidable" if dispute["outcome"] is None else hit(corrected)
        for variant in ("all", dispute["kind"]):
            yield share("reversal_rate", variant, month, unit, state)


def withdrawal_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each case whose decision, whatever it is, lies in the month; a hit if it withdraws the case."""
    for case in records.cases:
        if in_month(case["decided_at"], month):
            state = "undecidable" if case["decision"] is None else hit(case["decision"] == "withdrawn")
            yield share("withdrawal_rate", "default", month, case_unit(case), state)
