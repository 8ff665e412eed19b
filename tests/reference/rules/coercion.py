"""Rules for coercive measures (domain §2.3, Administrative Coercion Law)."""

from collections.abc import Iterable
from datetime import date, time, timedelta

from tests.reference.exports import Row
from tests.reference.limits import EXTENSION_DAYS, MEASURE_DAYS
from tests.reference.periods import share_a_day
from tests.reference.records import Records
from tests.reference.rules.words import is_order_unknown, papers, two_officers, verdict
from tests.reference.words import is_decided
from tests.reference.working_days import nth_working_day_after

#: What a freeze has to be decided on paper within (art. 32).
FREEZE_WORKING_DAYS = 3
DECISION, LIST, RELEASE = "决定书", "清单", "解除"


def c01(records: Records, measure: Row) -> str:
    """Art. 18: approved by the head before it is imposed, unless urgent, and carried out by two certified officers."""
    imposed, approved = measure["imposed_at"], measure["approved_at"]
    if measure["urgent"] is True:
        approval = "pass"
    elif approved is None or is_order_unknown(approved, imposed):
        approval = "undecidable"
    elif approved <= imposed:
        approval = "pass"
    else:
        approval = "undecidable" if measure["urgent"] is None else "fail"
    return _all_of(two_officers(records, "coercion", measure["coercion_id"], imposed.date()), approval)


def _all_of(*parts: str) -> str:
    """What several demands come to: one that fails is enough, then one that nobody can decide, then one not due."""
    return next(
        (result for result in ("fail", "undecidable", "not_applicable") if result in parts),
        "pass",
    )


def c02(records: Records, measure: Row) -> str:
    """Coercion Law art. 19: an urgent measure is approved within 24 hours; a bare date stands for its whole day."""
    if measure["urgent"] is None:
        return "undecidable"
    if measure["urgent"] is False:
        return "not_applicable"
    day, limit = timedelta(days=1), timedelta(hours=24)
    imposed, approved = measure["imposed_at"], measure["approved_at"]
    # The last second of the day: whatever is more than 24 hours after it is late at every hour of that day.
    latest_imposed = imposed + day - timedelta(seconds=1) if imposed.time() == time() else imposed
    if approved is None:
        return "fail" if records.as_of > latest_imposed + limit else "not_applicable"
    latest_approved = approved + day if approved.time() == time() else approved
    if latest_approved <= imposed + limit:
        return "pass"
    return "fail" if approved > latest_imposed + limit else "undecidable"


def c03(records: Records, measure: Row) -> str:
    """Art. 24: for sealing and seizing, the decision and the list are handed over on the day."""
    if measure["measure"] not in ("seal", "seize"):
        return "not_applicable"
    days = [_first_paper(records, measure, DECISION), _first_paper(records, measure, LIST)]
    if any(day is not None and day > measure["imposed_at"].date() for day in days):
        return "fail"
    return "undecidable" if None in days else "pass"


def _first_paper(records: Records, measure: Row, word: str) -> date | None:
    """The day of the first document with this word in its name that is not about the release."""
    found = papers(records, "coercion", measure["coercion_id"], word, without=RELEASE)
    return min((paper["issued_at"].date() for paper in found if paper["issued_at"] is not None), default=None)


def _days_allowed(measure: Row) -> int:
    """The days a measure may last, and the days of the extension if it was extended inside the first."""
    start, extended = measure["imposed_at"].date(), measure["extended_at"]
    in_time = extended is not None and 0 <= (extended.date() - start).days <= MEASURE_DAYS
    return MEASURE_DAYS + EXTENSION_DAYS if in_time else MEASURE_DAYS


def _case_decided(records: Records, measure: Row) -> date | None:
    """The day on which the case of the measure was decided."""
    for case in records.cases:
        if case["case_id"] == measure["case_id"] and is_decided(case):
            day: date = case["decided_at"].date()
            return day
    return None


def _by_limit(records: Records, measure: Row, ends: Iterable[date | None]) -> str:
    start, days = measure["imposed_at"].date(), _days_allowed(measure)
    ended = min((day for day in ends if day is not None), default=None)
    if ended is None:
        return "fail" if (records.as_of.date() - start).days > days else "not_applicable"
    return "undecidable" if ended < start else verdict((ended - start).days <= days)


def _released(measure: Row) -> date | None:
    return None if measure["released_at"] is None else measure["released_at"].date()


def c04(records: Records, measure: Row) -> str:
    """Art. 25: sealing and seizing end within 30 days, within 60 if extended; after a decision in time, it governs."""
    if measure["measure"] not in ("seal", "seize"):
        return "not_applicable"
    state = _by_limit(records, measure, [_released(measure)])
    decided = _case_decided(records, measure)
    if _released(measure) is None and decided is not None:
        days = (decided - measure["imposed_at"].date()).days
        if days < 0:
            return "undecidable" if state == "fail" else state
        return "not_applicable" if days <= _days_allowed(measure) else state
    return state


def c05(records: Records, measure: Row) -> str:
    """Art. 27, 28: within the limit the case is decided or the measure released."""
    if measure["measure"] not in ("seal", "seize"):
        return "not_applicable"
    return _by_limit(records, measure, [_released(measure), _case_decided(records, measure)])


def c06(records: Records, measure: Row) -> str:
    """Art. 31, 32: a freeze is decided on paper within three working days and ends as a seizure has to."""
    if measure["measure"] != "freeze":
        return "not_applicable"
    start = measure["imposed_at"].date()
    released = _released(measure)
    if released is not None and released < start:
        return "undecidable"
    decided, last = _first_paper(records, measure, DECISION), nth_working_day_after(start, FREEZE_WORKING_DAYS)
    if last is None:
        on_paper = "undecidable"
    elif decided is not None:
        on_paper = verdict(decided <= last)
    else:
        on_paper = "not_applicable" if records.as_of.date() <= last else "undecidable"
    return _all_of(on_paper, _by_limit(records, measure, [released]))


def c07(records: Records, measure: Row) -> str:
    """Art. 17, 22: the measure is the body's own power on the day; coercion cannot be entrusted."""
    listed = [power for power in records.powers if power["subject_id"] == measure["subject_id"]]
    if not listed:
        return "undecidable"
    day = measure["imposed_at"].date()
    in_force = [power for power in listed if share_a_day((day, day), (power["valid_from"], power["valid_to"]))]
    own = {power["origin"] for power in in_force if power["matter_id"] == measure["matter_id"]}
    if own - {"entrusted"}:
        return "pass"
    if own:
        return "fail"
    # A body to which penalty powers were given may use the measures tied to them, which no list names.
    of_case = {case["matter_id"] for case in records.cases if case["case_id"] == measure["case_id"]}
    if any(power["origin"] == "devolved" and power["matter_id"] in of_case for power in in_force):
        return "undecidable"
    return "undecidable" if measure["matter_id"] is None else "fail"
