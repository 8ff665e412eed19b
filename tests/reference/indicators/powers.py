"""Powers on a subject's list: whether they are used, asked for in vain, or used evenly."""

from collections.abc import Iterator
from datetime import date

from tests.reference.evidence import Evidence, Unit, hit, share
from tests.reference.periods import last_day, share_a_day
from tests.reference.records import Records
from tests.reference.words import counted_inspections, decided_cases, in_month

VARIANTS = {"performance_rate": ("all", "duty", "penalty", "inspection", "coercion", "broad")}


def kinds_of_matters(records: Records) -> dict[str, str]:
    """The kind of each matter, as its newest version says."""
    ordered = sorted(records.matters, key=lambda matter: matter["valid_from"])
    return {matter["matter_id"]: matter["kind"] for matter in ordered}


def performance_rate(records: Records, month: date) -> Iterator[Evidence]:
    """Each matter on a subject's power list in the month; a hit if the subject acted on it."""
    decided = {(case["subject_id"], case["matter_id"]) for case in decided_cases(records, month)}
    filed = {(case["subject_id"], case["matter_id"]) for case in records.cases if in_month(case["filed_at"], month)}
    inspected = {(act["subject_id"], act["matter_id"]) for act in counted_inspections(records, month)}
    imposed = {(act["subject_id"], act["matter_id"]) for act in records.coercions if in_month(act["imposed_at"], month)}
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
                yield share("performance_rate", variant, month, unit, "undecidable", "UNKNOWN_MATTER")
            continue
        performed = held in acts[kind]
        performed_broadly = performed or (kind == "penalty" and held in filed)
        for variant in [*variants, kind]:
            state = hit(performed_broadly if variant == "broad" else performed)
            yield share("performance_rate", variant, month, unit, state)
