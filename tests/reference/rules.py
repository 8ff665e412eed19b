"""The statutory rules that the contract's fields can decide (domain §2), for one case or one measure at a time.

A rule answers `pass`, `fail`, `not_applicable`, or `undecidable` where a field needed to decide is missing: missing
data is never a pass. Days are compared as days, and the day from which one counts is not counted.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from tests.reference.exports import Row
from tests.reference.periods import is_over, share_a_day
from tests.reference.records import Records
from tests.reference.versions import matter_in_force
from tests.reference.words import case_date, is_decided
from tests.reference.working_days import nth_working_day_after

#: Fines of a simple decision (art. 51), in yuan, by kind of party; for a sole trader the regions differ.
SIMPLE_FINE = {"person": 200, "organisation": 3000}
#: Penalties for which the right to a hearing must be told whatever the amount (art. 63).
HEARING_TYPES = {"downgrade", "revoke_licence", "order_suspend", "order_close", "ban"}
HEARING_WORKING_DAYS = 5
LIMITATION_YEARS = 2


def _judged(passes: bool) -> str:
    return "pass" if passes else "fail"


def is_penalty(case: Row) -> bool:
    """A case that was decided with a penalty."""
    return is_decided(case) and case["decision"] == "penalty"


def years_after(day: date, years: int) -> date:
    """The same day years later; of a leap day the last of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def p01(records: Records, case: Row) -> str:
    """Art. 60: an ordinary case is decided within the days its matter allowed when it was filed."""
    if not is_decided(case) or case["procedure"] != "ordinary":
        return "not_applicable"
    if case["filed_at"] is None:
        return "undecidable"
    matter = matter_in_force(records, case["matter_id"], case["filed_at"].date())
    if matter is None:
        return "undecidable"
    return _judged(case["decided_at"].date() <= case["filed_at"].date() + timedelta(days=matter["decision_days"]))


def _by_working_day(start: datetime, done: datetime | None, number: int, as_of: datetime) -> str:
    due = nth_working_day_after(start.date(), number)
    if due is None:
        return "undecidable"
    if done is not None:
        return _judged(done.date() <= due)
    return "fail" if is_over(due, as_of) else "not_applicable"


def p02(records: Records, case: Row) -> str:
    """Art. 61: the decision is served within seven working days."""
    if not is_decided(case):
        return "not_applicable"
    return _by_working_day(case["decided_at"], case["served_at"], 7, records.as_of)


def p03(records: Records, case: Row) -> str:
    """Art. 42: at least two officers whose certificate is valid on the case date."""
    from tests.reference.indicators.procedure import officers_with_certificate

    if not is_decided(case):
        return "not_applicable"
    moment = case_date(case)
    assert moment is not None
    return _judged(len(officers_with_certificate(records, case["case_id"], moment.date())) >= 2)


def p04(records: Records, case: Row) -> str:
    """Art. 51: on the spot only a warning, or a fine of at most 200 yuan for a person, 3,000 for an organisation."""
    if not is_penalty(case) or case["procedure"] != "simple":
        return "not_applicable"
    types = set(case["penalty_types"] or [])
    if types - {"warning", "fine"} or (case["confiscated_amount"] or 0) > 0:
        return "fail"
    fine = case["fine_amount"]
    if fine is None:
        return "pass" if types == {"warning"} else "undecidable"
    if fine <= min(SIMPLE_FINE.values()):
        return "pass"
    if fine > max(SIMPLE_FINE.values()):
        return "fail"
    most = SIMPLE_FINE.get(case["party_kind"])
    return "undecidable" if most is None else _judged(fine <= most)


def p07(records: Records, case: Row) -> str:
    """Art. 44, 45, 62: the party is told of facts, grounds and rights before the penalty."""
    if not is_penalty(case):
        return "not_applicable"
    if case["notified_at"] is None:
        return "undecidable"
    return _judged(case["notified_at"] < case["decided_at"])


def p08(records: Records, case: Row) -> str:
    """Art. 63, 64: where a hearing may be asked for, no decision within five working days of the notice."""
    types = set(case["penalty_types"] or [])
    if not is_penalty(case) or not types & HEARING_TYPES:
        return "not_applicable"
    if case["notified_at"] is None:
        return "undecidable"
    last = nth_working_day_after(case["notified_at"].date(), HEARING_WORKING_DAYS)
    return "undecidable" if last is None else _judged(case["decided_at"].date() > last)


def p09(records: Records, case: Row) -> str:
    """Art. 58: a case that must be reviewed, is major, or had a hearing is reviewed before the decision."""
    held = case["hearing_at"] is not None
    if not is_decided(case) or not (case["review_required"] is True or case["major"] is True or held):
        return "not_applicable"
    return _judged(case["reviewed_at"] is not None and case["reviewed_at"] <= case["decided_at"])


def p11(records: Records, case: Row) -> str:
    """Art. 36: the violation was found within two years of its end."""
    if not is_penalty(case):
        return "not_applicable"
    if case["violation_on"] is None or case["discovered_on"] is None:
        return "undecidable"
    return _judged(case["discovered_on"] <= years_after(case["violation_on"], LIMITATION_YEARS))


def p14(records: Records, case: Row) -> str:
    """Art. 32, 33: a lighter or mitigated penalty, or none, has a recorded ground."""
    if not is_decided(case):
        return "not_applicable"
    if case["discretion"] not in ("lighter", "mitigated") and case["decision"] != "no_penalty":
        return "not_applicable"
    return _judged(case["discretion_ground"] is not None)


def p15(records: Records, case: Row) -> str:
    """Art. 34: the fine lies inside the band of the matter; mitigated with a ground it may lie below."""
    moment = case_date(case)
    if not is_decided(case) or moment is None or not case["fine_amount"]:
        return "not_applicable"
    matter = matter_in_force(records, case["matter_id"], case["violation_on"] or moment.date())
    if matter is None or (matter["fine_min"] is None and matter["fine_max"] is None):
        return "not_applicable"
    if matter["fine_max"] is not None and case["fine_amount"] > matter["fine_max"]:
        return "fail"
    below = matter["fine_min"] is not None and case["fine_amount"] < matter["fine_min"]
    return _judged(not below or (case["discretion"] == "mitigated" and case["discretion_ground"] is not None))


def p17(records: Records, case: Row) -> str:
    """Art. 17, 18, 24: the body holds the power on the day of the act."""
    moment = case_date(case)
    if not is_decided(case) or moment is None:
        return "not_applicable"
    day = moment.date()
    return _judged(
        any(
            (power["subject_id"], power["matter_id"]) == (case["subject_id"], case["matter_id"])
            and share_a_day((day, day), (power["valid_from"], power["valid_to"]))
            for power in records.powers
        )
    )


def p19(records: Records, case: Row) -> str:
    """Art. 48: a penalty that stands is published within seven working days."""
    if not is_penalty(case) or case["revoked_at"] is not None:
        return "not_applicable"
    return _by_working_day(case["decided_at"], case["published_at"], 7, records.as_of)


def c02(records: Records, measure: Row) -> str:
    """Coercion Law art. 19: an urgent measure is approved within 24 hours."""
    if measure["urgent"] is not True:
        return "not_applicable"
    if measure["approved_at"] is None:
        return "undecidable"
    return _judged(measure["approved_at"] <= measure["imposed_at"] + timedelta(hours=24))


def _within_limit(records: Records, measure: Row) -> str:
    """30 days, 60 if extended inside the first 30; an open measure is judged by the day known."""
    start = measure["imposed_at"].date()
    extended = measure["extended_at"]
    if extended is not None and extended.date() > start + timedelta(days=30):
        return "fail"
    limit = start + timedelta(days=30 if extended is None else 60)
    if measure["released_at"] is not None:
        return _judged(measure["released_at"].date() <= limit)
    return "fail" if is_over(limit, records.as_of) else "not_applicable"


def c04(records: Records, measure: Row) -> str:
    """Art. 25: sealing and seizing end within 30 days, within 60 if extended."""
    return _within_limit(records, measure) if measure["measure"] in ("seal", "seize") else "not_applicable"


def c05(records: Records, measure: Row) -> str:
    """Art. 27, 28: no measure stays open past its limit."""
    if measure["measure"] not in ("seal", "seize") or measure["released_at"] is not None:
        return "not_applicable"
    return _within_limit(records, measure)


def c06(records: Records, measure: Row) -> str:
    """Art. 32: freezing ends within 30 days, within 60 if extended."""
    return _within_limit(records, measure) if measure["measure"] == "freeze" else "not_applicable"


Rule = Callable[[Records, Row], str]
CASE_RULES: dict[str, Rule] = {
    "P01": p01, "P02": p02, "P03": p03, "P04": p04, "P07": p07, "P08": p08, "P09": p09, "P11": p11, "P14": p14,
    "P15": p15, "P17": p17, "P19": p19,
}  # fmt: skip
COERCION_RULES: dict[str, Rule] = {"C02": c02, "C04": c04, "C05": c05, "C06": c06}
#: Of the rules for cases, those of severity V.
VETO_RULES = ("P03", "P04", "P07", "P08", "P09", "P11", "P15", "P17")
