"""Words that more than one rule uses."""

from datetime import date, datetime, time

from tests.reference.exports import Row
from tests.reference.records import Records
from tests.reference.words import is_decided, officers_named, officers_with_certificate
from tests.reference.working_days import nth_working_day_after


def verdict(passes: bool) -> str:
    """The result of a rule that could be decided."""
    return "pass" if passes else "fail"


def is_penalty(case: Row) -> bool:
    """A case that was decided with a penalty."""
    return is_decided(case) and case["decision"] == "penalty"


def is_order_unknown(one: datetime, other: datetime) -> bool:
    """Two moments of one day of which one came without a time of day, which is stored as its midnight."""
    return one.date() == other.date() and time() in (one.time(), other.time())


def newest_matter(records: Records, matter_id: str) -> Row | None:
    """The newest version of a matter, None for a matter outside the ledger."""
    versions = [matter for matter in records.matters if matter["matter_id"] == matter_id]
    return max(versions, key=lambda matter: matter["valid_from"], default=None)


def matter_word(records: Records, case: Row, name: str) -> str | None:
    matter = newest_matter(records, case["matter_id"])
    return None if matter is None else matter[name]


def result_without_fine(case: Row) -> str | None:
    """The result of a rule about fines where there is no fine to judge; None where there is one.

    No penalty, or none of a fine, makes `not_applicable`; a penalty of no amount and unknown types, `undecidable`.
    """
    if not is_penalty(case):
        return "not_applicable"
    if not case["fine_amount"]:
        if case["penalty_types"] is None:
            return "undecidable"
        if "fine" not in case["penalty_types"]:
            return "not_applicable"
    return None


def by_working_day(start: datetime, done: datetime | None, number: int, as_of: datetime) -> str:
    """Whether something was done up to the `number`-th working day after `start`; not due before that day is over."""
    if done is not None and done.date() < start.date():
        return "undecidable"
    due = nth_working_day_after(start.date(), number)
    if due is None:
        return "undecidable"
    if done is not None:
        return verdict(done.date() <= due)
    return "not_applicable" if as_of.date() <= due else "fail"


def two_officers(records: Records, kind: str, activity: str, day: date) -> str:
    """Two officers with a certificate valid on the day; one whom no ledger knows may have had one."""
    named = officers_named(records, kind, activity)
    if not named:
        return "undecidable"
    certified = officers_with_certificate(records, kind, activity, day)
    if len(certified) >= 2:
        return "pass"
    unknown = named - {posting["officer_id"] for posting in records.officers}
    return "undecidable" if len(certified) + len(unknown) >= 2 else "fail"


def papers(records: Records, kind: str, activity: str, word: str, without: str | None = None) -> list[Row]:
    """The documents of an activity whose name contains a word and does not contain another."""
    return [
        document
        for document in records.documents
        if (document["activity_kind"], document["activity_id"]) == (kind, activity)
        and word in document["kind"]
        and (without is None or without not in document["kind"])
    ]
