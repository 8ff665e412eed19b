"""Points, pillars, totals, grades and rank ranges, recomputed from a published edition in plain Python.

Reads `results.parquet`, `scheme.json` and `indicators.json`, and the group of each body as `scores.parquet`
states it; the rules are those of docs/judgement.md "得分 Points", nothing is shared with `pipelines.assessment`.
"""

import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Item:
    """One indicator of one body as the scheme takes it; points None where nothing is scored."""

    pillar: str
    weight: float
    points: float | None


@dataclass(frozen=True)
class Body:
    """What the reference makes of a body."""

    subject_id: str
    state: str
    total: float | None
    grade: str | None
    weight_present: float
    pillars: dict[str, float | None]
    items: dict[tuple[str, str], float | None]
    ranks: tuple[int, int] | None


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


def recompute(edition: Path) -> list[Body]:
    """Every body of the edition."""
    scheme = json.loads((edition / "scheme.json").read_text(encoding="utf-8"))
    declared = {row["id"]: row for row in json.loads((edition / "indicators.json").read_text(encoding="utf-8"))}
    rows = {
        (row["entity_id"], row["indicator_id"], row["variant"], row["period_kind"]): row
        for row in pl.read_parquet(edition / "results.parquet")
        .filter(pl.col("level") == "subject")
        .iter_rows(named=True)
        if row["period"] == edition.name[:7]
    }
    stated = pl.read_parquet(edition / "scores.parquet").filter(pl.col("item_kind") == "total")
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
    for subject in stated["subject_id"]:
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
    silent = set(stated.filter(pl.col("state") == "no_return")["subject_id"])
    assessed = [
        subject for subject in taken if subject not in silent and present[subject] >= scheme["minimum_weight"] - 1e-12
    ]
    group_of = dict(stated.select("subject_id", "group_id").iter_rows())
    ranks = _rank_ranges(taken, assessed, group_of, weights, scheme["pillar_floor"])
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
        bodies.append(Body(subject, state, total, grade, present[subject], pillars, named, ranks.get(subject)))
    return bodies


def _rank_ranges(
    taken: dict[str, tuple[list[Item], dict[tuple[str, str], float | None], float]],
    assessed: list[str],
    group_of: dict[str, str],
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
            own = totals[subject]
            if own is None:
                continue
            better = sum(
                1
                for other in assessed
                if group_of[other] == group_of[subject] and totals[other] is not None and totals[other] > own + 1e-9
            )
            found[subject].append(1 + better)
    return {subject: (min(places), max(places)) for subject, places in found.items() if places}
