"""Officers on post: whether they take part, and how much is done per head."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.exports import Row
from tests.reference.periods import OPEN_END, last_day, share_a_day
from tests.reference.records import Records
from tests.reference.words import case_date, case_unit, counted_inspections, decided_cases, in_month, inspection_unit

DIVISORS = ("frontline", "all", "participants")
VARIANTS = {
    "participation_rate": ("all", "frontline", "a_post"),
    "acts_per_officer": DIVISORS,
    "inspections_per_officer": DIVISORS,
    "cases_per_officer": DIVISORS,
}


def act_dates(records: Records) -> dict[tuple[str, str], date]:
    """The act date of every activity that an officer can have taken part in."""
    dates: dict[tuple[str, str], date] = {}
    for inspection in records.inspections:
        if inspection["result"] != "no_entry":
            dates["inspection", inspection["inspection_id"]] = inspection["started_at"].date()
    for case in records.cases:
        moment = case_date(case)
        if moment is not None:
            dates["case", case["case_id"]] = moment.date()
    for coercion in records.coercions:
        dates["coercion", coercion["coercion_id"]] = coercion["imposed_at"].date()
    for lead in records.leads:
        if lead["first_visit_at"] is not None:
            dates["lead", lead["lead_id"]] = lead["first_visit_at"].date()
    return dates


def days_of_participation(records: Records) -> dict[str, set[date]]:
    """The days on which each officer is named in an activity."""
    dates = act_dates(records)
    days: dict[str, set[date]] = defaultdict(set)
    for participation in records.participations:
        activity = (participation["activity_kind"], participation["activity_id"])
        if activity in dates:
            days[participation["officer_id"]].add(dates[activity])
    return days


def is_on_post(posting: Row, month: date) -> bool:
    """The posting, the certificate and the month share at least one day."""
    return share_a_day(
        (month, last_day(month)),
        (posting["on_post_from"], posting["on_post_to"]),
        (posting["certificate_from"], posting["certificate_to"]),
    )


def took_part(posting: Row, month: date, days: dict[str, set[date]]) -> bool:
    """The officer is named in an activity whose date lies in the month and in the posting."""
    end = posting["on_post_to"] or OPEN_END
    return any(
        in_month(day, month) and posting["on_post_from"] <= day <= end for day in days.get(posting["officer_id"], ())
    )


def officers_on_post(
    records: Records, month: date, days: dict[str, set[date]], variant: str
) -> Iterator[tuple[Unit, bool]]:
    """Each officer on post in each subject, once, in the latest agency; and whether the officer took part."""
    subject_of = {agency["agency_id"]: agency["subject_id"] for agency in records.agencies}
    postings: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for posting in records.officers:
        if posting["agency_id"] not in subject_of or not is_on_post(posting, month):
            continue
        if variant == "frontline" and posting["frontline"] is not True:
            continue
        if variant == "a_post" and posting["post"] != "A":
            continue
        postings[subject_of[posting["agency_id"]], posting["officer_id"]].append(posting)
    for (subject_id, officer_id), held in postings.items():
        latest = max(held, key=lambda posting: (posting["on_post_from"], posting["agency_id"]))
        unit = Unit(subject_id, latest["agency_id"], "officer", officer_id)
        yield unit, any(took_part(posting, month, days) for posting in held)


def participation_rate(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """Each officer on post; a hit if named in an activity of the month."""
    for variant in VARIANTS["participation_rate"]:
        for unit, participated in officers_on_post(records, month, days, variant):
            yield share("participation_rate", variant, month, unit, hit(participated))


def _per_officer(
    indicator: str, acts: list[Unit], records: Records, month: date, days: dict[str, set[date]]
) -> Iterator[Evidence]:
    """Officers below the line, acts above it: an officer is 0 of 1, an act 1 of 0."""
    for variant in DIVISORS:
        for unit, participated in officers_on_post(records, month, days, variant):
            if participated or variant != "participants":
                yield share(indicator, variant, month, unit, "miss")
        for unit in acts:
            yield share(indicator, variant, month, unit, "hit")._replace(denominator=0)


def acts_per_officer(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """Counted inspections, decided cases and coercions per officer on post."""
    acts = [inspection_unit(inspection) for inspection in counted_inspections(records, month)]
    acts += [case_unit(case) for case in decided_cases(records, month)]
    acts += [
        Unit(coercion["subject_id"], None, "coercion", coercion["coercion_id"])
        for coercion in records.coercions
        if in_month(coercion["imposed_at"], month)
    ]
    yield from _per_officer("acts_per_officer", acts, records, month, days)


def inspections_per_officer(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """Counted inspections per officer on post."""
    acts = [inspection_unit(inspection) for inspection in counted_inspections(records, month)]
    yield from _per_officer("inspections_per_officer", acts, records, month, days)


def cases_per_officer(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """Decided cases per officer on post."""
    acts = [case_unit(case) for case in decided_cases(records, month)]
    yield from _per_officer("cases_per_officer", acts, records, month, days)
