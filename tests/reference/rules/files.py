"""Rules for how a lead is taken up and how a case is filed, recorded, written and paid (domain §2.2)."""

from datetime import datetime, timedelta

from tests.reference.exports import Row
from tests.reference.limits import LEAD_DAYS, REVISION, STAGES
from tests.reference.records import Records
from tests.reference.rules.words import by_working_day, is_penalty, matter_word, papers, result_without_fine, verdict
from tests.reference.words import case_date, is_decided

#: Art. 54 says "promptly"; market regulation has a number, since the revision of 2021.
FILING_WORKING_DAYS = {"market_regulation": 15}
PAYMENT_DAYS = 15
#: What is carried out by being written down; the end of any other penalty hides the day on which a fine was paid.
SPOKEN = {"warning", "criticism"}


def p05(records: Records, case: Row) -> str:
    """Art. 52: a decision of the simple procedure has a number of its own."""
    if not is_penalty(case) or case["procedure"] != "simple":
        return "not_applicable"
    if case["document_no"] is None:
        return "undecidable"
    return verdict(
        not any(
            other["case_id"] != case["case_id"]
            and (other["subject_id"], other["document_no"]) == (case["subject_id"], case["document_no"])
            for other in records.cases
        )
    )


def p06(records: Records, case: Row) -> str:
    """Art. 54: filed promptly after the lead came in; without a lead, after the violation was found."""
    moment = case_date(case)
    assert moment is not None
    days = FILING_WORKING_DAYS.get(matter_word(records, case, "workflow") or "")
    if case["procedure"] == "simple" or days is None or moment.date() < REVISION:
        return "not_applicable"
    received = [lead["received_at"] for lead in records.leads if lead["lead_id"] == case["lead_id"]]
    found = case["discovered_on"]
    clue = received[0] if received else None if found is None else datetime.combine(found, datetime.min.time())
    if clue is None or case["filed_at"] is None:
        return "undecidable"
    return by_working_day(clue, case["filed_at"], days, records.as_of)


def p20(records: Records, case: Row) -> str:
    """Art. 67: the fine is paid within fifteen days after the decision was received."""
    if (no_fine := result_without_fine(case)) is not None:
        return no_fine
    served, executed = case["served_at"], case["executed_at"]
    if served is None or (executed is not None and executed.date() < served.date()):
        return "undecidable"
    due = served.date() + timedelta(days=PAYMENT_DAYS)
    if executed is None and records.as_of.date() <= due:
        return "not_applicable"
    if executed is not None and executed.date() <= due:
        return "pass"
    only_fine = case["penalty_types"] is not None and set(case["penalty_types"]) <= {"fine", *SPOKEN}
    return "fail" if only_fine else "undecidable"


def p23(records: Records, case: Row) -> str:
    """Art. 47: start, evidence, review, decision, service and, once executed, execution each have a record."""
    if not is_decided(case) or case["procedure"] == "simple" or case["decided_at"].date() < REVISION:
        return "not_applicable"
    recorded = {
        recording["stage"]
        for recording in records.recordings
        if (recording["activity_kind"], recording["activity_id"]) == ("case", case["case_id"])
    }
    # Not one record of the whole case: records were not supplied, which says nothing of how the case was handled.
    if not recorded:
        return "undecidable"
    return verdict(recorded >= (STAGES | {"execution"} if case["executed_at"] is not None else STAGES))


def p24(records: Records, case: Row) -> str:
    """Art. 59: the written decision holds all that the law names."""
    if not is_decided(case):
        return "not_applicable"
    complete = {paper["complete"] for paper in papers(records, "case", case["case_id"], "处罚决定书")}
    if False in complete:
        return "fail"
    return "pass" if complete == {True} else "undecidable"


def p29(records: Records, lead: Row) -> str:
    """Art. 76, 83: somebody goes there or closes the lead within fifteen days."""
    if lead["disposition"] in ("duplicate", "rejected", "transferred"):
        return "not_applicable"
    received = lead["received_at"].date()
    due = received + timedelta(days=LEAD_DAYS)
    acted = min((lead[name].date() for name in ("first_visit_at", "closed_at") if lead[name] is not None), default=None)
    if acted is not None:
        return "undecidable" if acted < received else verdict(acted <= due)
    if lead["disposition"] in ("case_filed", "handled", "no_violation") or lead["case_id"] is not None:
        return "undecidable"
    return "fail" if records.as_of.date() > due else "not_applicable"
