"""How a case was handled: recorded, reviewed, by two officers, within the band, lawfully."""

from collections.abc import Iterator
from datetime import date

from tests.reference import rules
from tests.reference.evidence import Evidence, hit, share
from tests.reference.limits import STAGES
from tests.reference.records import Records
from tests.reference.rules.words import is_order_unknown
from tests.reference.versions import matter_in_force
from tests.reference.words import case_date, case_unit, decided_cases, officers_with_certificate

VARIANTS = {
    "full_record_rate": ("default",),
    "legal_review_rate": ("default",),
    "two_officer_rate": ("default",),
    "discretion_rate": ("default",),
    "lawful_rate": ("default",),
}


def full_record_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each ordinary case decided in the month; a hit if every stage has a recording."""
    for case in decided_cases(records, month):
        if case["procedure"] == "ordinary":
            recorded = {
                recording["stage"]
                for recording in records.recordings
                if (recording["activity_kind"], recording["activity_id"]) == ("case", case["case_id"])
            }
            needed = {*STAGES, "execution"} if case["executed_at"] is not None else {*STAGES}
            yield share("full_record_rate", "default", month, case_unit(case), hit(needed <= recorded))


def legal_review_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each case decided in the month that had to be reviewed or is major; a hit if reviewed before the decision."""
    for case in decided_cases(records, month):
        if case["review_required"] is True or case["major"] is True:
            reviewed_at = case["reviewed_at"]
            state = hit(reviewed_at is not None and reviewed_at <= case["decided_at"])
            if state == "miss" and reviewed_at is not None and is_order_unknown(reviewed_at, case["decided_at"]):
                state = "undecidable"
            yield share("legal_review_rate", "default", month, case_unit(case), state)


def two_officer_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each case decided in the month; a hit if two officers with a valid certificate are named on it."""
    for case in decided_cases(records, month):
        moment = case_date(case)
        assert moment is not None
        qualified = officers_with_certificate(records, "case", case["case_id"], moment.date())
        yield share("two_officer_rate", "default", month, case_unit(case), hit(len(qualified) >= 2))


def discretion_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each case decided in the month with a fine on a matter with a band; a hit if the fine keeps to it.

    Of a matter that no ledger knew on that day nobody can tell whether it had a band.
    """
    for case in decided_cases(records, month):
        moment = case_date(case)
        assert moment is not None
        matter = matter_in_force(records, case["matter_id"], case["violation_on"] or moment.date())
        if not case["fine_amount"]:
            continue
        if matter is None:
            yield share("discretion_rate", "default", month, case_unit(case), "undecidable")
            continue
        if matter["fine_min"] is None and matter["fine_max"] is None:
            continue
        below = matter["fine_min"] is not None and case["fine_amount"] < matter["fine_min"]
        above = matter["fine_max"] is not None and case["fine_amount"] > matter["fine_max"]
        excused = case["discretion"] == "mitigated" and case["discretion_ground"] is not None
        state = hit(not above and (not below or excused))
        yield share("discretion_rate", "default", month, case_unit(case), state)


def lawful_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each case decided in the month; a hit if no rule fails whose breach makes a decision void or revocable."""
    for case in decided_cases(records, month):
        results = {rule: rules.CASE_RULES[rule](records, case) for rule in rules.VETO_RULES}
        failed = sorted(rule for rule, result in results.items() if result == "fail")
        reason = failed[0] if failed else "RULES_UNDECIDED" if "undecidable" in results.values() else None
        yield share("lawful_rate", "default", month, case_unit(case), hit(not failed), reason)
