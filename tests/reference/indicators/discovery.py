"""What brings cases, leads and inspections up."""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, share
from tests.reference.exports import Row
from tests.reference.records import Records
from tests.reference.words import case_date, case_unit, in_month, inspection_unit

VARIANTS = {"proactive_discovery_rate": ("cases", "leads", "inspections", "supervision")}


def _by_source(source_class: str | None) -> tuple[str, str | None]:
    """State and reason of a case or lead by the class of its source."""
    return {
        "proactive": ("hit", None),
        "reactive": ("miss", None),
        "ordered": ("excluded", "ORDERED"),
        "unknown": ("undecidable", "UNKNOWN_SOURCE"),
    }[str(source_class)]


def _by_mode(inspection: Row, mode_class: str | None) -> tuple[str, str | None]:
    """State and reason of an inspection by its mode."""
    if inspection["result"] == "no_entry":
        return "excluded", "NO_ENTRY"
    if mode_class == "proactive":
        return "hit", None
    if mode_class == "reactive":
        return "miss", None
    return "excluded", inspection["mode"].upper()


def proactive_discovery_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Cases, leads and inspections by what brought them up; problems found against decisions corrected."""
    indicator = "proactive_discovery_rate"
    source_class = records.classes["source"]
    for case in records.cases:
        if in_month(case_date(case), month):
            yield share(indicator, "cases", month, case_unit(case), *_by_source(source_class[case["source"]]))
    for lead in records.leads:
        if in_month(lead["received_at"], month):
            unit = Unit(lead["subject_id"], None, "lead", lead["lead_id"])
            duplicate = lead["disposition"] == "duplicate"
            state, reason = ("excluded", "DUPLICATE") if duplicate else _by_source(source_class[lead["source"]])
            yield share(indicator, "leads", month, unit, state, reason)
    for inspection in records.inspections:
        if in_month(inspection["started_at"], month):
            state, reason = _by_mode(inspection, records.classes["inspection_mode"][inspection["mode"]])
            yield share(indicator, "inspections", month, inspection_unit(inspection), state, reason)
    for event in records.supervisions:
        found = event["problems"] or 0
        if in_month(event["done_at"], month) and found > 0:
            unit = Unit(event["subject_id"], None, "supervision", event["supervision_id"])
            row = share(indicator, "supervision", month, unit, "hit")
            yield row._replace(numerator=found, denominator=found)
    # A dispute names neither body nor agency: it is about its case, and belongs where the case does.
    cases = {case["case_id"]: case for case in records.cases}
    for dispute in records.disputes:
        corrected = dispute["outcome"] in ("revoked", "changed", "unlawful", "ordered")
        if corrected and in_month(dispute["concluded_on"], month) and dispute["case_id"] in cases:
            case = cases[dispute["case_id"]]
            unit = Unit(case["subject_id"], case["agency_id"], "dispute", dispute["dispute_id"])
            yield share(indicator, "supervision", month, unit, "miss")
