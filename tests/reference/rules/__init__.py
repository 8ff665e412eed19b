"""Statutory rules that the contract's fields can decide (domain §2), for one case, measure or lead at a time.

A rule answers `pass`, `fail`, `not_applicable`, or `undecidable` where a field needed to decide is missing: missing
data is never a pass. Days are compared as days, and the day from which one counts is not counted.
"""

from collections.abc import Callable
from datetime import date

from tests.reference.exports import Row
from tests.reference.records import Records
from tests.reference.rules import coercion, files, penalties

Rule = Callable[[Records, Row], str]
CASE_RULES: dict[str, Rule] = {
    "P01": penalties.p01, "P02": penalties.p02, "P03": penalties.p03, "P04": penalties.p04, "P05": files.p05,
    "P06": files.p06, "P07": penalties.p07, "P08": penalties.p08, "P09": penalties.p09, "P11": penalties.p11,
    "P12": penalties.p12, "P14": penalties.p14, "P15": penalties.p15, "P16": penalties.p16, "P17": penalties.p17,
    "P18": penalties.p18, "P19": penalties.p19, "P20": files.p20, "P23": files.p23, "P24": files.p24,
}  # fmt: skip
COERCION_RULES: dict[str, Rule] = {
    "C01": coercion.c01, "C02": coercion.c02, "C03": coercion.c03, "C04": coercion.c04, "C05": coercion.c05,
    "C06": coercion.c06, "C07": coercion.c07,
}  # fmt: skip
LEAD_RULES: dict[str, Rule] = {"P29": files.p29}
#: Of the rules for cases, those of severity V.
VETO_RULES = ("P03", "P04", "P07", "P08", "P09", "P11", "P12", "P15", "P16", "P17", "P18")


def judged(records: Records, months: set[date]) -> dict[tuple[str, str], str]:
    """(rule, record) → result, of the cases, measures and leads of the months."""
    found = {}
    for case in records.cases:
        moment = case["decided_at"] or case["filed_at"]
        if moment is not None and moment.date().replace(day=1) in months:
            found |= {(name, case["case_id"]): rule(records, case) for name, rule in CASE_RULES.items()}
    for measure in records.coercions:
        if measure["imposed_at"].date().replace(day=1) in months:
            found |= {(name, measure["coercion_id"]): rule(records, measure) for name, rule in COERCION_RULES.items()}
    for lead in records.leads:
        if lead["received_at"].date().replace(day=1) in months:
            found |= {(name, lead["lead_id"]): rule(records, lead) for name, rule in LEAD_RULES.items()}
    return found
