"""Points, pillars, totals, grades and rank ranges, recomputed from a published edition in plain Python.

Reads `results.parquet`, `scheme.json`, `indicators.json` and `dimensions/subjects.parquet`, never `scores.parquet`; who
sent nothing follows from the exports. The rules are those of docs/judgement.md "得分 Points", nothing is shared with
`pipelines.assessment`.
"""

import itertools
import json
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tests.reference.exports import Row
from tests.reference.periods import last_day, share_a_day
from tests.reference.records import Records


@dataclass(frozen=True)
class Item:
    """One indicator of one body as the scheme takes it; points None where nothing is scored."""

    pillar: str
    weight: float
    points: float | None


@dataclass(frozen=True)
class Peers:
    """Whom a body is compared with: `level` kind_field, kind, or none, with nobody."""

    group_id: str
    level: str
    members: frozenset[str]


@dataclass(frozen=True)
class Body:
    """What the reference makes of a body."""

    subject_id: str
    peers: Peers
    state: str
    total: float | None
    grade: str | None
    weight_present: float
    pillars: dict[str, float | None]
    items: dict[tuple[str, str], float | None]
    ranks: tuple[int, int] | None
    quiet_month: bool


def points(value: float, band: dict[str, float | None]) -> float:
    """100 from low to high, a straight line to 0 at floor and at ceiling."""
    below = 100.0
    if band["low"] is not None and value < band["low"]:
        below = 100 * (value - band["floor"]) / (band["low"] - band["floor"])
    above = 100.0
    if band["high"] is not None and value > band["high"]:
        above = 100 * (band["ceiling"] - value) / (band["ceiling"] - band["high"])
    return max(0.0, min(100.0, below, above))


def total_of(items: list[Item], pillar_weights: dict[str, float], factor: float, least: float) -> float | None:
    """The weighted geometric mean of the pillars that have points, times the factor of the gates."""
    logarithm, weights = 0.0, 0.0
    for pillar, pillar_weight in pillar_weights.items():
        present = [item for item in items if item.pillar == pillar and item.points is not None and item.weight > 0]
        if present and pillar_weight > 0:
            mean = sum(item.weight * item.points for item in present) / sum(item.weight for item in present)
            logarithm += pillar_weight * math.log(max(mean, least))
            weights += pillar_weight
    return factor * math.exp(logarithm / weights) if weights else None


def in_force(subjects: list[Row], month: date) -> list[Row]:
    """The bodies that are in force on a day of the month."""
    days = (month, last_day(month))
    return [subject for subject in subjects if share_a_day(days, (subject["valid_from"], subject["valid_to"]))]


def peers(subjects: list[Row], rules: dict[str, object]) -> dict[str, Peers]:
    """Those of the same kind and field; if they are fewer than `smallest`, all of the kind; if those are too, nobody."""
    found = {}
    for own in subjects:
        kind = frozenset(one["subject_id"] for one in subjects if one["kind"] == own["kind"])
        field = frozenset(
            one["subject_id"] for one in subjects if (one["kind"], one["field"]) == (own["kind"], own["field"])
        )
        if rules["by"] == "kind_field" and len(field) >= rules["smallest"]:
            group = Peers(f"{own['kind']}:{own['field'] or 'none'}", "kind_field", field)
        elif len(kind) >= rules["smallest"]:
            group = Peers(own["kind"], "kind", kind)
        else:
            group = Peers(own["kind"], "none", frozenset())
        found[own["subject_id"]] = group
    return found


def senders(known: Records, first: date, month: date) -> set[str]:
    """The bodies of which an inspection, a case (filed or decided), a lead or a measure of the months is known."""
    acts = [(act["subject_id"], act["started_at"]) for act in known.inspections]
    acts += [(case["subject_id"], case["filed_at"]) for case in known.cases]
    acts += [(case["subject_id"], case["decided_at"]) for case in known.cases]
    acts += [(lead["subject_id"], lead["received_at"]) for lead in known.leads]
    acts += [(measure["subject_id"], measure["imposed_at"]) for measure in known.coercions]
    return {subject for subject, moment in acts if moment is not None and first <= moment.date() <= last_day(month)}


def first_month(scheme: dict, month: date) -> date:
    """The first month of the longest period that the scheme scores."""
    kinds = {rule["period"] or scheme["period"] for pillar in scheme["pillars"] for rule in pillar["indicators"]}
    back = max({"month": 0, "quarter": 2, "r12": 11, "ytd": month.month - 1}[kind] for kind in kinds)
    index = month.year * 12 + month.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def recompute(edition: Path, known: Records) -> list[Body]:
    """Every body in force in the edition's month; `known` are the records of the exports it was made from."""
    month = date.fromisoformat(f"{edition.name[:7]}-01")
    scheme = json.loads((edition / "scheme.json").read_text(encoding="utf-8"))
    declared = {row["id"]: row for row in json.loads((edition / "indicators.json").read_text(encoding="utf-8"))}
    rows = {
        (row["entity_id"], row["indicator_id"], row["variant"], row["period_kind"]): row
        for row in pl.read_parquet(edition / "results.parquet")
        .filter(pl.col("level") == "subject")
        .iter_rows(named=True)
        if row["period"] == edition.name[:7]
    }
    subjects = in_force(pl.read_parquet(edition / "dimensions" / "subjects.parquet").to_dicts(), month)
    peers_of = peers(subjects, scheme["peers"])
    weights = {pillar["id"]: pillar["weight"] for pillar in scheme["pillars"]}

    def scored(subject: str, rule: dict) -> float | None:
        variant = rule["variant"] or declared[rule["indicator"]]["default_variant"]
        row = rows.get((subject, rule["indicator"], variant, rule["period"] or scheme["period"]))
        least = rule["minimum_n"] or scheme["minimum_n"]
        # Where more than 5 % of the units cannot be decided the value is a pair of bounds, and nothing is scored.
        if row is None or row["value"] is None or row["denominator"] < least or row["status"] == "bounds":
            return None
        return row["value"]

    taken: dict[str, tuple[list[Item], dict[tuple[str, str], float | None], float]] = {}
    for subject in peers_of:
        items, named = [], {}
        for pillar in scheme["pillars"]:
            for rule in pillar["indicators"]:
                value = scored(subject, rule)
                variant = rule["variant"] or declared[rule["indicator"]]["default_variant"]
                got = None if value is None else points(value, rule["band"])
                items.append(Item(pillar["id"], rule["weight"], got))
                named[rule["indicator"], variant] = got
        factor = 1.0
        for gate in scheme["gates"]:
            value = scored(subject, gate)
            if value is not None:
                share = min(1.0, max(0.0, (value - gate["floor"]) / (gate["low"] - gate["floor"])))
                factor *= gate["least"] + (1 - gate["least"]) * share
        taken[subject] = (items, named, factor)

    present = {
        subject: sum(weights[item.pillar] * item.weight for item in items if item.points is not None)
        for subject, (items, _, _) in taken.items()
    }
    silent = peers_of.keys() - senders(known, first_month(scheme, month), month)
    heard = senders(known, month, month)
    assessed = [
        subject for subject in taken if subject not in silent and present[subject] >= scheme["minimum_weight"] - 1e-12
    ]
    ranks = _rank_ranges(taken, assessed, peers_of, weights, scheme["pillar_floor"])
    bodies = []
    for subject, (items, named, factor) in taken.items():
        total = total_of(items, weights, factor, scheme["pillar_floor"]) if subject in assessed else None
        grade = next((one["id"] for one in scheme["grades"] if total is not None and total >= one["at_least"]), None)
        pillars = {}
        for pillar in weights:
            have = [item for item in items if item.pillar == pillar and item.points is not None]
            pillars[pillar] = (
                sum(item.weight * item.points for item in have) / sum(item.weight for item in have) if have else None
            )
        state = "no_return" if subject in silent else "assessed" if subject in assessed else "not_assessed"
        bodies.append(
            Body(
                subject,
                peers_of[subject],
                state,
                total,
                grade,
                present[subject],
                pillars,
                named,
                ranks.get(subject),
                subject not in heard,
            )
        )
    return bodies


def _rank_ranges(
    taken: dict[str, tuple[list[Item], dict[tuple[str, str], float | None], float]],
    assessed: list[str],
    peers_of: dict[str, Peers],
    weights: dict[str, float],
    least: float,
) -> dict[str, tuple[int, int]]:
    """Best and worst rank in the group when weights move by a quarter or an indicator is left out."""
    count = len(next(iter(taken.values()))[0])
    scenarios: list[tuple[list[float], dict[str, float]]] = [([1.0] * count, weights)]
    for place in range(count):
        scenarios += [
            ([factor if other == place else 1.0 for other in range(count)], weights) for factor in (0.75, 1.25, 0.0)
        ]
    for factors in itertools.product((0.75, 1.0, 1.25), repeat=len(weights)):
        moved = {pillar: weight * factor for (pillar, weight), factor in zip(weights.items(), factors, strict=True)}
        scenarios.append(([1.0] * count, moved))
    found: dict[str, list[int]] = {subject: [] for subject in assessed}
    for factors, pillar_weights in scenarios:
        totals = {}
        for subject in assessed:
            items, _, gate = taken[subject]
            changed = [
                Item(item.pillar, item.weight * factor, item.points)
                for item, factor in zip(items, factors, strict=True)
            ]
            totals[subject] = total_of(changed, pillar_weights, gate, least)
        for subject in assessed:
            own, members = totals[subject], peers_of[subject].members
            if own is None or not members:
                continue
            better = sum(
                1 for other in assessed if other in members and totals[other] is not None and totals[other] > own + 1e-9
            )
            found[subject].append(1 + better)
    return {subject: (min(places), max(places)) for subject, places in found.items() if places}
