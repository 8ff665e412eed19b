"""Every body beside its peers: group with fallback, funnel, shrunken value, false-discovery control."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control

from pipelines.assessment.funnel import ALARM, ALERT, Floats, Funnel, fit_funnel, position, two_sided_p
from pipelines.assessment.shrinkage import fit_counts, fit_shares, shrunk
from pipelines.scheme.model import PeerRules

#: Fitted figures are kept to this many decimals, so that a last bit of rounding makes no other edition.
DECIMALS = 9

PEER_SCHEMA = {
    "subject_id": pl.String, "indicator_id": pl.String, "variant": pl.String, "period_kind": pl.String,
    "period": pl.String, "group_id": pl.String, "group_level": pl.String, "bodies": pl.Int64,
    "numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64,
    "group_rate": pl.Float64, "shrunk": pl.Float64, "shrunk_lower": pl.Float64, "shrunk_upper": pl.Float64,
    "prior_mean": pl.Float64, "prior_strength": pl.Float64, "dispersion": pl.Float64, "inflation": pl.Float64,
    "alert_lower": pl.Float64, "alert_upper": pl.Float64, "alarm_lower": pl.Float64, "alarm_upper": pl.Float64,
    "z": pl.Float64, "p_value": pl.Float64, "q_value": pl.Float64, "position": pl.String,
}  # fmt: skip


_FIGURES = ("indicator_id", "variant", "period_kind", "period", "numerator", "denominator", "value")
_EDGES = ("alert_lower", "alert_upper", "alarm_lower", "alarm_upper")


@dataclass(frozen=True)
class Body:
    """An assessed body, as far as its peers go."""

    subject_id: str
    kind: str
    field: str | None


@dataclass(frozen=True)
class Group:
    """The peers of a body; `level` is `kind_field`, `kind`, or `none` if even its kind is too small."""

    group_id: str
    level: str


def peer_groups(bodies: Iterable[Body], rules: PeerRules) -> dict[str, Group]:
    """subject_id → its group: kind × field, else kind if fewer than `smallest`, else nobody.

    A body that falls back is compared with every body of its kind; those of a group that is large
    enough are compared within it.
    """
    listed = list(bodies)
    by_field = Counter((body.kind, body.field) for body in listed)
    by_kind = Counter(body.kind for body in listed)
    groups = {}
    for body in listed:
        if rules.by == "kind_field" and by_field[body.kind, body.field] >= rules.smallest:
            groups[body.subject_id] = Group(f"{body.kind}:{body.field or 'none'}", "kind_field")
        elif by_kind[body.kind] >= rules.smallest:
            groups[body.subject_id] = Group(body.kind, "kind")
        else:
            groups[body.subject_id] = Group(body.kind, "none")
    return groups


def members_of(group: Group, bodies: Iterable[Body]) -> list[str]:
    """The bodies that a group compares with each other."""
    if group.level == "kind_field":
        return [body.subject_id for body in bodies if f"{body.kind}:{body.field or 'none'}" == group.group_id]
    return [body.subject_id for body in bodies if body.kind == group.group_id]


def peer_table(
    rows: Sequence[Mapping[str, Any]],
    bodies: Sequence[Body],
    groups: Mapping[str, Group],
    units: Mapping[str, str],
) -> pl.DataFrame:
    """One row per result row given (subject level), columns `PEER_SCHEMA`.

    `units` is the unit of each indicator: shares and per-head counts have funnel and shrinkage, other
    units only their group. `q_value` is Benjamini and Hochberg's over all rows that have a p-value.
    """
    families: dict[tuple[str, str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        families.setdefault((row["indicator_id"], row["variant"], row["period_kind"]), {})[row["entity_id"]] = row
    out: list[dict[str, Any]] = []
    held: dict[bool, list[tuple[Funnel, dict[str, Any]]]] = {True: [], False: []}
    for (indicator, _, _), family in sorted(families.items()):
        for group in sorted(set(groups.values()), key=lambda one: one.group_id):
            mine = [subject for subject in sorted(family) if groups.get(subject) == group]
            if mine:
                compared = [family[s] for s in members_of(group, bodies) if s in family]
                rows_of_group, funnel = _compared(mine, family, compared, group, units[indicator])
                out += rows_of_group
                if funnel is not None:
                    held[funnel.is_share] += [(funnel, row) for row in rows_of_group if row["value"] is not None]
    for bodies_held in held.values():
        _hold(bodies_held)
    tested = [row for row in out if row["p_value"] is not None]
    if tested:
        adjusted = false_discovery_control([row["p_value"] for row in tested], method="bh")
        for row, q_value in zip(tested, adjusted, strict=True):
            row["q_value"] = round(float(q_value), DECIMALS)
    return pl.DataFrame(out, schema=PEER_SCHEMA).sort("indicator_id", "variant", "period_kind", "subject_id")


def _compared(
    mine: Sequence[str],
    family: Mapping[str, Mapping[str, Any]],
    compared: Sequence[Mapping[str, Any]],
    group: Group,
    unit: str,
) -> tuple[list[dict[str, Any]], Funnel | None]:
    """The rows of a family's bodies in one group, with their shrunken values, and the group's funnel."""
    numerators, denominators = _counts(compared)
    is_share = unit == "share"
    total = float(denominators.sum())
    can_compare = group.level != "none" and unit in ("share", "per_head") and total > 0
    funnel = fit_funnel(numerators, denominators, is_share=is_share) if can_compare else None
    prior = (fit_shares if is_share else fit_counts)(numerators, denominators) if can_compare else None
    of_group: dict[str, Any] = dict.fromkeys(PEER_SCHEMA) | {
        "group_id": group.group_id, "group_level": group.level, "bodies": int((denominators > 0).sum()),
        "group_rate": float(numerators.sum()) / total if total else None, "position": "none",
    }  # fmt: skip
    out = [of_group | {"subject_id": subject} | {name: family[subject][name] for name in _FIGURES} for subject in mine]
    # A value that is not shown (fewer than five units) has no estimate beside it either.
    shown = [row for row in out if row["value"] is not None]
    if prior is not None and shown:
        for row, mean, lower, upper in zip(shown, *shrunk(prior, *_counts(shown)), strict=True):
            row |= _rounded(shrunk=mean, shrunk_lower=lower, shrunk_upper=upper, prior_mean=prior.mean)
            row["prior_strength"] = round(prior.strength, 4)
    return out, funnel


def _hold(held: Sequence[tuple[Funnel, dict[str, Any]]]) -> None:
    """Fill in where rows lie in their funnels, all at once: SciPy's distributions take long to call, not to compute."""
    if not held:
        return
    funnel = Funnel.of_each([one for one, _ in held])
    x, n = _counts([row for _, row in held])
    z = funnel.z(x, n)
    figures = *funnel.limits(n, ALERT), *funnel.limits(n, ALARM), funnel.inflation(n), z, two_sided_p(z)
    for (own, row), *edges, factor, score, p_value in zip(held, *figures, strict=True):
        row |= _rounded(dispersion=float(own.dispersion), inflation=factor, z=score)
        row |= _rounded(**dict(zip(_EDGES, edges, strict=True)))
        # A probability is never rounded to 0: its leading digits are kept.
        row["p_value"] = float(f"{p_value:.9e}")
        row["position"] = position(row["value"], (edges[0], edges[1]), (edges[2], edges[3]))


def _counts(rows: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    """Numerators and denominators of rows."""
    return (
        np.array([row["numerator"] for row in rows], dtype=np.float64),
        np.array([row["denominator"] for row in rows], dtype=np.float64),
    )


def _rounded(**figures: float) -> dict[str, float]:
    return {name: round(float(figure), DECIMALS) for name, figure in figures.items()}
