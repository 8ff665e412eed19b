"""Evidence of the first five indicators for one month: which unit is in scope, a hit, or left out and why.

Each function reads like its row of the catalogue. Nothing here knows of periods longer than a month or of levels;
that is `results`.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from tests.reference.exports import Row
from tests.reference.periods import OPEN_END, last_day, share_a_day, thirteen_months
from tests.reference.records import Records

VARIANTS = {
    "performance_rate": ("all", "duty", "penalty", "inspection", "coercion", "broad"),
    "participation_rate": ("all", "frontline", "a_post"),
    "supervision_rate": ("cases", "acts"),
    "proactive_discovery_rate": ("cases", "leads", "inspections", "supervision"),
    "acts_per_officer": ("frontline", "all", "participants"),
}


class Evidence(NamedTuple):
    """One unit of one subject in one month. `month` is its first day."""

    indicator_id: str
    variant: str
    subject_id: str
    agency_id: str | None
    month: date
    unit_kind: str
    unit_id: str
    state: str
    numerator: float
    denominator: float
    reason: str | None


class Unit(NamedTuple):
    """What one month says of a unit, before it is put into variants."""

    subject_id: str
    agency_id: str | None
    kind: str
    id: str


def _evidence(indicator: str, variant: str, month: date, unit: Unit, state: str, reason: str | None = None) -> Evidence:
    """A row of a share: a hit counts 1 of 1, a miss 0 of 1, anything else nothing of nothing."""
    numerator, denominator = {"hit": (1, 1), "miss": (0, 1)}.get(state, (0, 0))
    return Evidence(indicator, variant, unit.subject_id, unit.agency_id, month, unit.kind, unit.id, state,
                    numerator, denominator, reason)  # fmt: skip


def _hit(condition: bool) -> str:
    return "hit" if condition else "miss"


def _in_month(moment: date | datetime | None, month: date) -> bool:
    """Whether a date or time lies in the month; nothing lies in no month."""
    return moment is not None and (moment.year, moment.month) == (month.year, month.month)


# --- Words used in the catalogue --------------------------------------------------------------------------------


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
    return [case for case in records.cases if is_decided(case) and _in_month(case["decided_at"], month)]


def counted_inspections(records: Records, month: date) -> list[Row]:
    """The counted inspections that started in the month."""
    return [
        inspection
        for inspection in records.inspections
        if is_counted(inspection) and _in_month(inspection["started_at"], month)
    ]


# --- 履职率 ------------------------------------------------------------------------------------------------------


def kinds_of_matters(records: Records) -> dict[str, str]:
    """The kind of each matter, as its newest version says."""
    ordered = sorted(records.matters, key=lambda matter: matter["valid_from"])
    return {matter["matter_id"]: matter["kind"] for matter in ordered}


def performance_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each matter on a subject's power list in the month; a hit if the subject acted on it."""
    decided = {(case["subject_id"], case["matter_id"]) for case in decided_cases(records, month)}
    filed = {(case["subject_id"], case["matter_id"]) for case in records.cases if _in_month(case["filed_at"], month)}
    inspected = {(act["subject_id"], act["matter_id"]) for act in counted_inspections(records, month)}
    imposed = {
        (act["subject_id"], act["matter_id"]) for act in records.coercions if _in_month(act["imposed_at"], month)
    }
    acts = {"penalty": decided, "inspection": inspected, "coercion": imposed}
    kinds = kinds_of_matters(records)

    on_list: dict[tuple[str, str], bool] = {}
    for power in records.powers:
        if share_a_day((month, last_day(month)), (power["valid_from"], power["valid_to"])):
            held = (power["subject_id"], power["matter_id"])
            on_list[held] = on_list.get(held, False) or power["duty_listed"] is True

    for held, duty_listed in on_list.items():
        subject_id, matter_id = held
        unit = Unit(subject_id, None, "matter", matter_id)
        kind = kinds.get(matter_id)
        variants = ["all", "duty", "broad"] if duty_listed else ["all", "broad"]
        if kind is None:
            for variant in variants:
                yield _evidence("performance_rate", variant, month, unit, "undecidable", "UNKNOWN_MATTER")
            continue
        performed = held in acts[kind]
        performed_broadly = performed or (kind == "penalty" and held in filed)
        for variant in [*variants, kind]:
            state = _hit(performed_broadly if variant == "broad" else performed)
            yield _evidence("performance_rate", variant, month, unit, state)


# --- 人均参与执法率 -----------------------------------------------------------------------------------------------


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
        _in_month(day, month) and posting["on_post_from"] <= day <= end for day in days.get(posting["officer_id"], ())
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
            yield _evidence("participation_rate", variant, month, unit, _hit(participated))


# --- 部门监督率 --------------------------------------------------------------------------------------------------


def supervision_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each decided case (and counted inspection); a hit if a supervision looked at it by `as_of`."""
    supervised = {
        (event["activity_kind"], event["activity_id"])
        for event in records.supervisions
        if event["done_at"] <= records.as_of
    }
    for case in decided_cases(records, month):
        for variant in ("cases", "acts"):
            state = _hit(("case", case["case_id"]) in supervised)
            yield _evidence("supervision_rate", variant, month, case_unit(case), state)
    for inspection in counted_inspections(records, month):
        state = _hit(("inspection", inspection["inspection_id"]) in supervised)
        yield _evidence("supervision_rate", "acts", month, inspection_unit(inspection), state)


# --- 主动发现执法问题率 ---------------------------------------------------------------------------------------------


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
        if _in_month(case_date(case), month):
            yield _evidence(indicator, "cases", month, case_unit(case), *_by_source(source_class[case["source"]]))
    for lead in records.leads:
        if _in_month(lead["received_at"], month):
            unit = Unit(lead["subject_id"], None, "lead", lead["lead_id"])
            duplicate = lead["disposition"] == "duplicate"
            state, reason = ("excluded", "DUPLICATE") if duplicate else _by_source(source_class[lead["source"]])
            yield _evidence(indicator, "leads", month, unit, state, reason)
    for inspection in records.inspections:
        if _in_month(inspection["started_at"], month):
            state, reason = _by_mode(inspection, records.classes["inspection_mode"][inspection["mode"]])
            yield _evidence(indicator, "inspections", month, inspection_unit(inspection), state, reason)
    for event in records.supervisions:
        found = event["problems"] or 0
        if _in_month(event["done_at"], month) and found > 0:
            unit = Unit(event["subject_id"], None, "supervision", event["supervision_id"])
            row = _evidence(indicator, "supervision", month, unit, "hit")
            yield row._replace(numerator=found, denominator=found)
    # A dispute names neither body nor agency: it is about its case, and belongs where the case does.
    cases = {case["case_id"]: case for case in records.cases}
    for dispute in records.disputes:
        corrected = dispute["outcome"] in ("revoked", "changed", "unlawful", "ordered")
        if corrected and _in_month(dispute["concluded_on"], month) and dispute["case_id"] in cases:
            case = cases[dispute["case_id"]]
            unit = Unit(case["subject_id"], case["agency_id"], "dispute", dispute["dispute_id"])
            yield _evidence(indicator, "supervision", month, unit, "miss")


# --- 人均执法量 --------------------------------------------------------------------------------------------------


def acts_per_officer(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """Officers below the line, acts above it: an officer is 0 of 1, an act 1 of 0."""
    acts = [inspection_unit(inspection) for inspection in counted_inspections(records, month)]
    acts += [case_unit(case) for case in decided_cases(records, month)]
    acts += [
        Unit(coercion["subject_id"], None, "coercion", coercion["coercion_id"])
        for coercion in records.coercions
        if _in_month(coercion["imposed_at"], month)
    ]
    for variant in VARIANTS["acts_per_officer"]:
        for unit, participated in officers_on_post(records, month, days, variant):
            if participated or variant != "participants":
                yield _evidence("acts_per_officer", variant, month, unit, "miss")
        for unit in acts:
            yield _evidence("acts_per_officer", variant, month, unit, "hit")._replace(denominator=0)


# --- All of them -------------------------------------------------------------------------------------------------


def evidence_of_month(records: Records, month: date, days: dict[str, set[date]]) -> Iterator[Evidence]:
    """All evidence of a month; `days` as `days_of_participation` gives it."""
    yield from performance_rate(records, month)
    yield from participation_rate(records, month, days)
    yield from supervision_rate(records, month)
    yield from proactive_discovery_rate(records, month)
    yield from acts_per_officer(records, month, days)


def evidence(records: Records, month: date) -> list[Evidence]:
    """The evidence of an edition of `month`: that month and the twelve before it."""
    days = days_of_participation(records)
    return [row for each in thirteen_months(month) for row in evidence_of_month(records, each, days)]
