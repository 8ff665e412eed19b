"""One month judged: results in, the relations of an edition out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from pipelines.assessment.explanations import EXPLANATION_SCHEMA, Context, explain_body, finding_owner
from pipelines.assessment.findings import (
    RETURNS,
    Finding,
    Judged,
    carry_over,
    from_frame,
    judge,
    judge_return,
    to_frame,
)
from pipelines.assessment.peers import DECIMALS, Body, Group, members_of, peer_groups, peer_table
from pipelines.assessment.ranks import rank_ranges
from pipelines.assessment.scores import Points, Total, score_body
from pipelines.scheme.model import Scheme
from pipelines.scheme.read import effective
from pipelines.warehouse.months import Month

SCORE_SCHEMA = {
    "subject_id": pl.String, "item_kind": pl.String, "item_id": pl.String, "variant": pl.String,
    "pillar_id": pl.String, "period_kind": pl.String, "period": pl.String, "numerator": pl.Float64,
    "denominator": pl.Float64, "value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64,
    "status": pl.String, "weight": pl.Float64, "points": pl.Float64, "points_lower": pl.Float64,
    "points_upper": pl.Float64, "state": pl.String, "reason": pl.String, "weight_present": pl.Float64,
    "grade": pl.String, "grade_lower": pl.String, "grade_upper": pl.String, "rank_best": pl.Int64,
    "rank_worst": pl.Int64, "ranked": pl.Int64, "group_id": pl.String, "group_level": pl.String,
    "quiet_month": pl.Boolean, "last_sent": pl.String,
}  # fmt: skip

OVER_TIME_SCHEMA = {
    "item_kind": pl.String, "item_id": pl.String, "base_period": pl.String, "period": pl.String, "bodies": pl.Int64,
    "left_out": pl.Int64, "base_points": pl.Float64, "points": pl.Float64, "same_scheme": pl.Boolean,
}  # fmt: skip

_FIGURES = ("period", "numerator", "denominator", "value", "lower", "upper", "status")


@dataclass(frozen=True)
class Inputs:
    """What a month is judged by.

    `results` are rows of `results` at subject level; `subjects` rows of dim_subject; `last_sent` is, for every
    body that sent any, the last month up to this one of which an act or a lead of it is known. `missing` names the
    entities of which the audit expected a return of the month that did not come, by body; None without an audit.
    `labels` is (code list, code) → {zh, en}, with the entities under `entity`. `earlier_scores` and
    `earlier_findings` are those of the last edition of an earlier month, `earlier_scheme` what it was judged by.
    `decisions` is finding_id → (decision_id, decided_on) of accepted objections; `objections` counts those of the
    month by body and outcome. `changes` has subject_id, indicator_id, variant, period, base_period, value,
    base_value, denominator, base_denominator, mix, rate for what changed since the month before; it may be missing.
    `small_below` is the number of units from which a split of a change is told in words.
    """

    month: Month
    as_of: datetime
    scheme: Scheme
    declared: Sequence[Mapping[str, Any]]
    results: pl.DataFrame
    subjects: pl.DataFrame
    last_sent: Mapping[str, Month]
    missing: Mapping[str, Sequence[str]] | None = None
    labels: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    earlier_scores: pl.DataFrame | None = None
    earlier_findings: pl.DataFrame | None = None
    earlier_scheme: Scheme | None = None
    decisions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    objections: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    changes: pl.DataFrame | None = None
    small_below: int = 20


@dataclass(frozen=True)
class Assessment:
    """The relations that go into an edition; each sorted, none holding the edition's own id."""

    scores: pl.DataFrame
    peers: pl.DataFrame
    findings: pl.DataFrame
    explanations: pl.DataFrame
    over_time: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """File name → frame."""
        return {
            "scores.parquet": self.scores,
            "peers.parquet": self.peers,
            "findings.parquet": self.findings,
            "explanations.parquet": self.explanations,
            "over_time.parquet": self.over_time,
        }


def assess(inputs: Inputs) -> Assessment:
    """Judge every body in force in the month by the scheme."""
    declared = {declaration["id"]: declaration for declaration in inputs.declared}
    scheme = effective(inputs.scheme, inputs.declared)
    bodies, names = _bodies(inputs)
    groups = peer_groups(bodies, scheme.peers)
    rows = [row for row in inputs.results.iter_rows(named=True) if row["entity_id"] in groups]
    peers = peer_table(
        _compared_rows(rows, scheme, declared, str(inputs.month)),
        bodies,
        groups,
        {name: declaration["unit"] for name, declaration in declared.items()},
    )
    peer_rows = {
        (row["subject_id"], row["indicator_id"], row["variant"], row["period_kind"]): row
        for row in peers.iter_rows(named=True)
    }
    by_body: dict[str, dict[tuple[str, str, str], Mapping[str, Any]]] = {}
    for row in rows:
        if row["period"] == str(inputs.month):
            key = (row["indicator_id"], row["variant"], row["period_kind"])
            by_body.setdefault(row["entity_id"], {})[key] = row
    first_scored, scored_period = _longest_period(scheme, inputs.month)
    totals = {
        subject: score_body(
            subject, scheme, by_body.get(subject, {}),
            sent_nothing=subject not in inputs.last_sent or inputs.last_sent[subject] < first_scored,
        )
        for subject in sorted(groups)
    }  # fmt: skip
    ranks = _ranks(scheme, totals, bodies, groups)
    findings = _findings(inputs, scheme, totals, peer_rows)
    context = Context(
        month=str(inputs.month),
        scheme=scheme,
        declared=declared,
        names=names,
        labels=inputs.labels,
        peers=peer_rows,
        earlier=_earlier(inputs.earlier_scores),
        changes=_changes(inputs.changes),
        objections=inputs.objections,
        quiet=frozenset(subject for subject in totals if _is_quiet(subject, inputs)),
        last_sent={subject: str(month) for subject, month in inputs.last_sent.items()},
        missing=inputs.missing or {},
        scored_period=scored_period,
        decided_on=dict(inputs.decisions.values()),
        small_below=inputs.small_below,
        groups={body.subject_id: _compared_with(body, groups[body.subject_id]) for body in bodies},
    )
    by_subject: dict[str, list[Finding]] = {}
    for finding in findings:
        by_subject.setdefault(finding.key[0], []).append(finding)
    sentences = [
        sentence
        for subject, total in totals.items()
        for sentence in explain_body(total, by_subject.get(subject, []), ranks.get(subject), context)
    ]
    scores = _score_frame(totals.values(), scheme, ranks, groups, inputs)
    return Assessment(
        scores=scores,
        peers=peers,
        findings=to_frame(
            findings, {one.key[1]: finding_owner(one.key[1], declared.get(one.key[1])) for one in findings}
        ),
        explanations=pl.DataFrame(sentences, schema=EXPLANATION_SCHEMA),
        over_time=_over_time(inputs, scores),
    )


def same_bodies(earlier: pl.DataFrame, later: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both score frames without the bodies that are not assessed in one of them.

    A comparison over time is one of the same bodies: who is dropped from one period is dropped from both.
    """
    both = set.intersection(
        *(
            set(frame.filter((pl.col("item_kind") == "total") & (pl.col("state") == "assessed"))["subject_id"])
            for frame in (earlier, later)
        )
    )
    return tuple(frame.filter(pl.col("subject_id").is_in(sorted(both))) for frame in (earlier, later))  # type: ignore[return-value]


def _over_time(inputs: Inputs, scores: pl.DataFrame) -> pl.DataFrame:
    """Mean total and pillars of the bodies assessed both now and in the last edition; `left_out` are those of one."""
    earlier = inputs.earlier_scores
    base_period = earlier["period"].max() if earlier is not None and earlier.height else None
    if earlier is None or base_period is None:
        return pl.DataFrame(schema=OVER_TIME_SCHEMA)
    kept = same_bodies(earlier, scores)
    is_assessed = (pl.col("item_kind") == "total") & (pl.col("state") == "assessed")
    either = {subject for frame in (earlier, scores) for subject in frame.filter(is_assessed)["subject_id"]}
    key = ["subject_id", "item_kind", "item_id"]
    items = [
        frame.filter(pl.col("item_kind").is_in(["total", "pillar"]) & pl.col("points").is_not_null()).select(
            *key, "points"
        )
        for frame in kept
    ]
    # A pillar that one of the two periods could not judge is left out of both as well.
    both = items[0].rename({"points": "base_points"}).join(items[1], on=key)
    means = both.group_by("item_kind", "item_id").agg(
        pl.len().cast(pl.Int64).alias("bodies"), pl.col("base_points", "points").sort().mean().round(DECIMALS)
    )
    return means.select(
        "item_kind", "item_id", pl.lit(base_period).alias("base_period"), pl.lit(str(inputs.month)).alias("period"),
        "bodies", (pl.lit(len(either)) - pl.col("bodies")).cast(pl.Int64).alias("left_out"), "base_points", "points",
        pl.lit(inputs.earlier_scheme == inputs.scheme).alias("same_scheme"),
    ).sort("item_kind", "item_id", descending=[True, False])  # fmt: skip


def _longest_period(scheme: Scheme, month: Month) -> tuple[Month, str]:
    """(first month, kind) of the longest period that an effective scheme scores."""
    kinds = {entry.period or scheme.period for pillar in scheme.pillars for entry in pillar.indicators}
    return min((month.first_of(kind), kind) for kind in sorted(kinds))


def _is_quiet(subject: str, inputs: Inputs) -> bool:
    """Whether no act or lead of the month is known of a body."""
    return inputs.last_sent.get(subject) != inputs.month


def _bodies(inputs: Inputs) -> tuple[list[Body], dict[str, str]]:
    first, last = inputs.month.first_day, inputs.month.plus(1).first_day
    in_force = inputs.subjects.filter(
        (pl.col("valid_from") < last) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= first))
    ).sort("subject_id")
    rows = list(in_force.iter_rows(named=True))
    bodies = [Body(row["subject_id"], row["kind"], row["field"]) for row in rows]
    return bodies, {row["subject_id"]: row["name"] for row in rows}


def _compared_rows(
    rows: Iterable[Mapping[str, Any]], scheme: Scheme, declared: Mapping[str, Mapping[str, Any]], month: str
) -> list[Mapping[str, Any]]:
    """The scheme's readings in their periods, and every default variant of the month and the scheme's period."""
    entries = [entry for pillar in scheme.pillars for entry in pillar.indicators]
    compared = {(entry.indicator, entry.variant, entry.period) for entry in entries}
    compared |= {(gate.indicator, gate.variant, gate.period) for gate in scheme.gates}
    for indicator, declaration in declared.items():
        compared |= {(indicator, declaration["default_variant"], period) for period in ("month", scheme.period)}
    return [
        row
        for row in rows
        if row["period"] == month and (row["indicator_id"], row["variant"], row["period_kind"]) in compared
    ]


def _ranks(
    scheme: Scheme, totals: Mapping[str, Total], bodies: Sequence[Body], groups: Mapping[str, Group]
) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for group in sorted(set(groups.values()), key=lambda one: one.group_id):
        if group.level == "none":
            continue
        ranges = rank_ranges(scheme, [totals[subject] for subject in sorted(members_of(group, bodies))])
        found |= {subject: ranks for subject, ranks in ranges.items() if groups[subject] == group}
    return found


def _findings(
    inputs: Inputs,
    scheme: Scheme,
    totals: Mapping[str, Total],
    peers: Mapping[tuple[str, str, str, str], Mapping[str, Any]],
) -> list[Finding]:
    judged: list[Judged] = []
    unknown: set[tuple[str, str, str]] = set()
    units = {declaration["id"]: declaration["unit"] for declaration in inputs.declared}
    earlier = from_frame(inputs.earlier_findings) if inputs.earlier_findings is not None else []
    waiting_for_return = {one.key[0] for one in earlier if one.key[1] == RETURNS and one.state == "open"}
    for total in totals.values():
        of_body, not_judged = judge(total, scheme.findings, peers, units)
        # A body that sent nothing is judged on nothing: its findings wait.
        judged += [] if total.state == "no_return" else of_body
        unknown |= not_judged | ({one.key for one in of_body} if total.state == "no_return" else set())
        subject = total.subject_id
        if _is_quiet(subject, inputs):
            if subject in (inputs.missing or {}):
                judged.append(judge_return(subject, was_due=True))
            # That nothing is expected any more of a body that fell silent does not mean that it sent something.
            unknown.add((subject, RETURNS, ""))
        elif subject in waiting_for_return:
            judged.append(judge_return(subject, was_due=False))
    return carry_over(
        judged,
        unknown,
        earlier,
        month=inputs.month,
        as_of=inputs.as_of.date(),
        rules=scheme.findings,
        bodies=totals,
        decisions={finding: decision for finding, (decision, _) in inputs.decisions.items()},
    )


def _earlier(scores: pl.DataFrame | None) -> dict[tuple[str, str, str, str], Mapping[str, Any]]:
    if scores is None:
        return {}
    return {
        (row["subject_id"], row["item_id"], row["variant"], row["period_kind"]): row
        for row in scores.filter(pl.col("item_kind") == "indicator").iter_rows(named=True)
    }


def _changes(changes: pl.DataFrame | None) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    if changes is None:
        return {}
    return {(row["subject_id"], row["indicator_id"], row["variant"]): row for row in changes.iter_rows(named=True)}


def _compared_with(body: Body, group: Group) -> tuple[str, str | None]:
    return (body.kind, body.field) if group.level == "kind_field" else (body.kind, None)


def _score_frame(
    totals: Iterable[Total],
    scheme: Scheme,
    ranks: Mapping[str, tuple[int, int, int]],
    groups: Mapping[str, Group],
    inputs: Inputs,
) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    weights = {pillar.id: pillar.weight for pillar in scheme.pillars}
    for total in totals:
        group = groups[total.subject_id]
        common = {"subject_id": total.subject_id, "group_id": group.group_id, "group_level": group.level}
        best, worst, ranked = ranks.get(total.subject_id, (None, None, None))
        rows.append(common | _points(total.total) | {
            "item_kind": "total", "item_id": "total", "weight": 1.0, "state": total.state, "reason": total.reason,
            "weight_present": round(total.weight_present, DECIMALS), "grade": total.grade,
            "grade_lower": total.grade_lower, "grade_upper": total.grade_upper, "rank_best": best,
            "rank_worst": worst, "ranked": ranked, "quiet_month": _is_quiet(total.subject_id, inputs),
            "last_sent": str(inputs.last_sent[total.subject_id]) if total.subject_id in inputs.last_sent else None,
        })  # fmt: skip
        for name, points in total.pillars.items():
            rows.append(common | _points(points) | {
                "item_kind": "pillar", "item_id": name, "pillar_id": name, "weight": round(weights[name], DECIMALS),
                "state": "scored" if points else "not_scored",
            })  # fmt: skip
        rows += [
            common | _points(one.points) | _figures(one.row) | {
                "item_kind": "indicator", "item_id": one.entry.indicator, "variant": one.entry.variant,
                "pillar_id": one.pillar_id, "period_kind": one.entry.period,
                "weight": round(weights[one.pillar_id] * one.entry.weight, DECIMALS),
                "state": "scored" if one.points else "not_scored", "reason": one.reason,
            }
            for one in total.indicators
        ]  # fmt: skip
        for gated in total.gates:
            factor = Points(*(100 * part for part in gated.factor))
            rows.append(common | _points(factor) | _figures(gated.row) | {
                "item_kind": "gate", "item_id": gated.gate.indicator, "variant": gated.gate.variant,
                "period_kind": gated.gate.period, "state": "not_scored" if gated.reason else "scored",
                "reason": gated.reason,
            })  # fmt: skip
    return pl.DataFrame(rows, schema=SCORE_SCHEMA)


def _points(points: Points | None) -> dict[str, float | None]:
    names = ("points", "points_lower", "points_upper")
    return (
        dict.fromkeys(names) if points is None else {n: round(p, DECIMALS) for n, p in zip(names, points, strict=True)}
    )


def _figures(row: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: row[name] for name in _FIGURES} if row is not None else {}
