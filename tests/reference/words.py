"""Words that the catalogue uses in more than one definition."""

from datetime import date, datetime

from tests.reference.evidence import Unit
from tests.reference.exports import Row
from tests.reference.records import Records


def in_month(moment: date | datetime | None, month: date) -> bool:
    """Whether a date or time lies in the month; nothing lies in no month."""
    return moment is not None and (moment.year, moment.month) == (month.year, month.month)


def is_counted(inspection: Row) -> bool:
    """Counted inspection: not a patrol, with a result other than no_entry, and with its object."""
    return (
        inspection["mode"] != "patrol"
        and inspection["result"] is not None
        and inspection["result"] != "no_entry"
        and inspection["object_id"] is not None
    )


def is_decided(case: Row) -> bool:
    """Decided case: a penalty or a decision not to punish, with its date."""
    return case["decision"] in ("penalty", "no_penalty") and case["decided_at"] is not None


def case_date(case: Row) -> datetime | None:
    """When a case was filed, else when it was decided."""
    return case["filed_at"] or case["decided_at"]


def case_unit(case: Row) -> Unit:
    """A case as a unit of the body that handles it."""
    return Unit(case["subject_id"], case["agency_id"], "case", case["case_id"])


def inspection_unit(inspection: Row) -> Unit:
    """An inspection as a unit of the body that made it."""
    return Unit(inspection["subject_id"], inspection["agency_id"], "inspection", inspection["inspection_id"])


def decided_cases(records: Records, month: date) -> list[Row]:
    """The cases decided in the month."""
    return [case for case in records.cases if is_decided(case) and in_month(case["decided_at"], month)]


def counted(records: Records) -> list[Row]:
    """All counted inspections."""
    return [inspection for inspection in records.inspections if is_counted(inspection)]


def counted_inspections(records: Records, month: date) -> list[Row]:
    """The counted inspections that started in the month."""
    return [inspection for inspection in counted(records) if in_month(inspection["started_at"], month)]


def officers_named(records: Records, kind: str, activity: str) -> set[str]:
    """The officers named on an activity, whether or not a ledger knows them."""
    return {
        row["officer_id"]
        for row in records.participations
        if (row["activity_kind"], row["activity_id"]) == (kind, activity)
    }


def officers_with_certificate(records: Records, kind: str, activity: str, day: date) -> set[str]:
    """The officers named on an activity who hold a certificate valid on the day."""
    named = officers_named(records, kind, activity)
    return {
        posting["officer_id"]
        for posting in records.officers
        if posting["officer_id"] in named
        and posting["certificate_from"] <= day
        and (posting["certificate_to"] is None or day <= posting["certificate_to"])
    }
