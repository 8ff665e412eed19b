"""What has to be done by a day: plans, leads, decisions, service, publication, entry, answers.

A day that an event must not pass is compared with the event's day: the hour does not matter, and the day from
which one counts is not counted. What is not done and not yet due at `as_of` is left out, `NOT_DUE`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.limits import LEAD_DAYS, PUBLICATION_WORKING_DAYS, SERVICE_WORKING_DAYS
from tests.reference.periods import is_over
from tests.reference.records import Records
from tests.reference.versions import days_to_decide, matter_in_force
from tests.reference.words import case_date, case_unit, counted, decided_cases, in_month, inspection_unit
from tests.reference.working_days import nth_working_day_after

VARIANTS = {
    "plan_completion_rate": ("default",),
    "lead_on_time_rate": ("default",),
    "decision_on_time_rate": ("default",),
    "service_on_time_rate": ("default",),
    "publication_on_time_rate": ("default",),
    "entry_on_time_rate": ("default",),
    "assistance_rate": ("default",),
}
ENTRY_DAYS = 3
ANSWER_WORKING_DAYS = 5


def by_due(start: datetime, done_at: datetime | None, due: date | None, as_of: datetime) -> tuple[str, str | None]:
    """State and reason of something that has to be done by a day.

    Undecidable where the day is not known, and where it was done on a day before the one from which one counts.
    """
    if done_at is not None and done_at.date() < start.date():
        return "undecidable", "DATES_REVERSED"
    if due is None:
        return "undecidable", None
    if done_at is not None:
        return hit(done_at.date() <= due), None
    return ("miss", None) if is_over(due, as_of) else ("excluded", "NOT_DUE")


def plan_completion_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each plan due in the month, cancelled ones left out; a hit if a counted inspection names it, by the due day."""
    acts = counted(records)
    for plan in records.inspection_plans:
        if not in_month(plan["due_on"], month):
            continue
        unit = Unit(plan["subject_id"], None, "plan", plan["plan_id"])
        if plan["cancelled"] is True:
            yield share("plan_completion_rate", "default", month, unit, "excluded", "CANCELLED")
        else:
            done = any(
                inspection["plan_id"] == plan["plan_id"] and inspection["started_at"].date() <= plan["due_on"]
                for inspection in acts
            )
            yield share("plan_completion_rate", "default", month, unit, hit(done))


def lead_on_time_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each lead received in the month; a hit if closed within fifteen days."""
    for lead in records.leads:
        if not in_month(lead["received_at"], month):
            continue
        unit = Unit(lead["subject_id"], None, "lead", lead["lead_id"])
        if lead["disposition"] in ("duplicate", "rejected", "transferred"):
            state, reason = "excluded", lead["disposition"].upper()
        else:
            due = lead["received_at"].date() + timedelta(days=LEAD_DAYS)
            state, reason = by_due(lead["received_at"], lead["closed_at"], due, records.as_of)
        yield share("lead_on_time_rate", "default", month, unit, state, reason)


def decision_on_time_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each ordinary case decided in the month; a hit if within the days that its matter allowed when it was filed."""
    for case in decided_cases(records, month):
        if case["procedure"] != "ordinary":
            continue
        filed_at = case["filed_at"]
        matter = None if filed_at is None else matter_in_force(records, case["matter_id"], filed_at.date())
        if filed_at is None or matter is None or case["decided_at"].date() < filed_at.date():
            state = "undecidable"
        elif (days := days_to_decide(matter, filed_at.date())) is None:
            state = "excluded"
        else:
            state = hit(case["decided_at"].date() <= filed_at.date() + timedelta(days=days))
        yield share("decision_on_time_rate", "default", month, case_unit(case), state)


def service_on_time_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each case decided in the month; a hit if served within seven working days."""
    for case in decided_cases(records, month):
        due = nth_working_day_after(case["decided_at"].date(), SERVICE_WORKING_DAYS)
        state, reason = by_due(case["decided_at"], case["served_at"], due, records.as_of)
        yield share("service_on_time_rate", "default", month, case_unit(case), state, reason)


def publication_on_time_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each penalty decided in the month and not revoked; a hit if published within seven working days."""
    for case in decided_cases(records, month):
        if case["decision"] != "penalty":
            continue
        due = nth_working_day_after(case["decided_at"].date(), PUBLICATION_WORKING_DAYS)
        state, reason = by_due(case["decided_at"], case["published_at"], due, records.as_of)
        if case["revoked_at"] is not None:
            state, reason = "excluded", "REVOKED"
        yield share("publication_on_time_rate", "default", month, case_unit(case), state, reason)


def entry_on_time_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each inspection and case, by its act date; a hit if submitted within three days of it."""
    acts = [(inspection_unit(act), act["started_at"], act["submitted_at"]) for act in records.inspections]
    acts += [(case_unit(case), case_date(case), case["submitted_at"]) for case in records.cases]
    for unit, acted_at, submitted_at in acts:
        if acted_at is None or not in_month(acted_at, month):
            continue
        due = acted_at.date() + timedelta(days=ENTRY_DAYS)
        is_known = submitted_at is not None and submitted_at.date() >= acted_at.date()
        state = hit(submitted_at.date() <= due) if is_known else "undecidable"
        yield share("entry_on_time_rate", "default", month, unit, state)


def assistance_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each request made to a subject in the month; a hit if answered within five working days."""
    bodies = {subject["subject_id"] for subject in records.subjects}
    for request in records.assistance_requests:
        if in_month(request["requested_at"], month) and request["to_subject_id"] in bodies:
            unit = Unit(request["to_subject_id"], None, "request", request["request_id"])
            due = nth_working_day_after(request["requested_at"].date(), ANSWER_WORKING_DAYS)
            state, reason = by_due(request["requested_at"], request["replied_at"], due, records.as_of)
            yield share("assistance_rate", "default", month, unit, state, reason)
