"""Powers on a subject's list: whether they are used, asked for in vain, or used evenly."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.exports import Row
from tests.reference.periods import OPEN_END, last_day, months_of, share_a_day
from tests.reference.records import Records
from tests.reference.words import counted_inspections, decided_cases, in_month

VARIANTS = {
    "performance_rate": ("all", "duty", "penalty", "inspection", "coercion", "broad"),
    "dormant_demanded": ("default",),
    "evenness": ("default",),
}
DEMANDING_LEADS = 3


def kinds_of_matters(records: Records) -> dict[str, str]:
    """The kind of each matter, as its newest version says."""
    ordered = sorted(records.matters, key=lambda matter: matter["valid_from"])
    return {matter["matter_id"]: matter["kind"] for matter in ordered}


def _in_force(records: Records, month: date) -> list[Row]:
    """The powers in force on a day of the month."""
    span = (month, last_day(month))
    return [power for power in records.powers if share_a_day(span, (power["valid_from"], power["valid_to"]))]


def acts_on_matters(records: Records, month: date) -> dict[str, Counter[tuple[str, str]]]:
    """By kind of matter, how often each subject acted on each matter in the month."""
    imposed = [act for act in records.coercions if in_month(act["imposed_at"], month)]
    acts = {
        "penalty": decided_cases(records, month),
        "inspection": counted_inspections(records, month),
        "coercion": imposed,
    }
    return {kind: Counter((act["subject_id"], act["matter_id"]) for act in done) for kind, done in acts.items()}


def performance_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each matter on a subject's power list in the month; a hit if the subject acted on it."""
    filed = {(case["subject_id"], case["matter_id"]) for case in records.cases if in_month(case["filed_at"], month)}
    acts = acts_on_matters(records, month)
    kinds = kinds_of_matters(records)

    on_list: dict[tuple[str, str], bool] = {}
    for power in _in_force(records, month):
        held = (power["subject_id"], power["matter_id"])
        on_list[held] = on_list.get(held, False) or power["duty_listed"] is True

    for held, duty_listed in on_list.items():
        subject_id, matter_id = held
        unit = Unit(subject_id, None, "matter", matter_id)
        kind = kinds.get(matter_id)
        variants = ["all", "duty", "broad"] if duty_listed else ["all", "broad"]
        if kind is None:
            for variant in variants:
                yield share("performance_rate", variant, month, unit, "undecidable", "UNKNOWN_MATTER")
            continue
        performed = acts[kind][held] > 0
        performed_broadly = performed or (kind == "penalty" and held in filed)
        for variant in [*variants, kind]:
            state = hit(performed_broadly if variant == "broad" else performed)
            yield share("performance_rate", variant, month, unit, state)


def in_force_throughout(spans: list[tuple[date, date | None]], first: date, last: date) -> bool:
    """Whether the spans together cover every day from `first` to `last`."""
    day = first
    while day <= last:
        ends = [end or OPEN_END for start, end in spans if start <= day <= (end or OPEN_END)]
        if not ends:
            return False
        if max(ends) >= last:
            return True
        day = max(ends) + timedelta(days=1)
    return True


def dormant_demanded(records: Records, month: date) -> Iterator[Evidence]:
    """Each power held for the twelve months; a hit if not used in them while three leads or more named its matter."""
    months = months_of("r12", month)
    kinds = kinds_of_matters(records)
    acts = [acts_on_matters(records, each) for each in months]
    leads = Counter(
        (lead["subject_id"], lead["matter_id"])
        for lead in records.leads
        if any(in_month(lead["received_at"], each) for each in months)
    )
    spans: dict[tuple[str, str], list[tuple[date, date | None]]] = defaultdict(list)
    for power in records.powers:
        spans[power["subject_id"], power["matter_id"]].append((power["valid_from"], power["valid_to"]))
    for held, terms in spans.items():
        if not in_force_throughout(terms, months[0], last_day(month)):
            continue
        unit = Unit(held[0], None, "matter", held[1])
        kind = kinds.get(held[1])
        if kind is None:
            yield share("dormant_demanded", "default", month, unit, "undecidable", "UNKNOWN_MATTER")
        else:
            used = any(done[kind][held] for done in acts)
            yield share("dormant_demanded", "default", month, unit, hit(not used and leads[held] >= DEMANDING_LEADS))


def evenness(records: Records, month: date) -> Iterator[Evidence]:
    """Each matter on a subject's list in the month with its number of acts; without one it is left out."""
    acts = acts_on_matters(records, month)
    kinds = kinds_of_matters(records)
    for held in sorted({(power["subject_id"], power["matter_id"]) for power in _in_force(records, month)}):
        unit = Unit(held[0], None, "matter", held[1])
        kind = kinds.get(held[1])
        if kind is None:
            yield share("evenness", "default", month, unit, "undecidable", "UNKNOWN_MATTER")
        elif acts[kind][held]:
            yield share("evenness", "default", month, unit, "hit")._replace(numerator=acts[kind][held])
        else:
            yield share("evenness", "default", month, unit, "excluded", "NO_ACT")
