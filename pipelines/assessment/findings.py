"""Findings: what a body has to look at or mend, with evidence, owner and date, carried until it is closed.

Levels. `meets`: the points reach `attention_below`. `improvement`: the points are below
`improvement_below` and even the best reading of the interval stays below `attention_below`. `attention`:
everything between, so that a low value that chance could explain is looked at, not held against a body.
A body that sent nothing of the month although the audit expected a return gets `attention` under the name
`returns`, until it sends again. A value that lies beyond the funnel's alarm limit on the bad side, with a
false-discovery rate below `false_discovery`, is at least `attention` where it does not earn all points.

A finding keeps its id and its opening month while it is open, and its due date while it keeps its level. It
closes when later data meet the scheme, when a decision says so, or when the body or the indicator leaves the
assessment. Without a judgement (too few units) it stays open. Attention that stands `escalate_after` months,
or that comes back within twelve, becomes `improvement`, with all the days of one from then on; improvement
that stands as long, counted from the month in which it became one, or is overdue is `escalated`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.assessment.scores import Points, Total, points_with_limits
from pipelines.scheme.model import Band, FindingRules, Gate, Weighed
from pipelines.warehouse.months import Month

#: How long a closed finding is kept with later editions, and what coming back means.
KEPT_MONTHS = 12
#: How long a finding that was closed by a decision is not raised again at the same level.
REST_MONTHS = 3

FINDING_SCHEMA = {
    "finding_id": pl.String, "subject_id": pl.String, "indicator_id": pl.String, "variant": pl.String,
    "period_kind": pl.String, "period": pl.String, "level": pl.String, "state": pl.String, "rule": pl.String,
    "opened_in": pl.String, "months_open": pl.Int64, "times": pl.Int64, "improvement_since": pl.String,
    "escalated": pl.Boolean, "due_on": pl.Date, "owner_zh": pl.String, "owner_en": pl.String,
    "closed_in": pl.String, "closed_by": pl.String, "decision_id": pl.String,
    "value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "numerator": pl.Float64,
    "denominator": pl.Float64, "points": pl.Float64, "points_lower": pl.Float64, "points_upper": pl.Float64,
    "position": pl.String, "q_value": pl.Float64,
    "evidence_file": pl.String, "evidence_state": pl.String, "evidence_from": pl.Date, "evidence_to": pl.Date,
    "evidence_units": pl.Int64,
}  # fmt: skip

_SEVERITY = {"meets": 0, "attention": 1, "improvement": 2}
#: What stands for the indicator in the finding of a body whose return of the month did not come.
RETURNS = "returns"

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Judged:
    """What this month's data say of one body and indicator, before its history."""

    key: Key
    level: str
    rule: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One finding with its history; `figures` are the columns that do not depend on it.

    `improvement_since` is the month in which it became an improvement, None before.
    """

    finding_id: str
    key: Key
    level: str
    state: str
    rule: str
    opened_in: str
    months_open: int
    times: int
    improvement_since: str | None
    escalated: bool
    due_on: date | None
    closed_in: str | None
    closed_by: str | None
    decision_id: str | None
    figures: Mapping[str, Any]


def judge(
    total: Total,
    rules: FindingRules,
    peers: Mapping[tuple[str, str, str, str], Mapping[str, Any]],
    units: Mapping[str, str],
) -> tuple[list[Judged], set[Key]]:
    """(what was judged of a body, the keys that are assessed but could not be judged).

    `peers` is keyed by (subject, indicator, variant, period_kind); `units` gives the unit of an indicator.
    """
    judged: list[Judged] = []
    unknown: set[Key] = set()
    entries: list[tuple[Weighed | Gate, Mapping[str, Any] | None, Points | None, Band]] = [
        (one.entry, one.row, one.points, one.entry.band) for one in total.indicators
    ]
    for gated in total.gates:
        band = Band(floor=gated.gate.floor, low=gated.gate.low)
        row = gated.row
        is_judged = gated.reason is None and row is not None
        points = points_with_limits(band, row["value"], row["lower"], row["upper"]) if is_judged and row else None
        entries.append((gated.gate, row, points, band))
    for entry, row, points, band in entries:
        key = (total.subject_id, entry.indicator, entry.variant or "")
        if points is None or row is None:
            unknown.add(key)
            continue
        peer = peers.get((*key, row["period_kind"]), {})
        level, rule = _level(points, rules, row["value"], band, peer)
        figures = {name: row[name] for name in ("period_kind", "period", "value", "lower", "upper", "numerator")}
        figures |= {"denominator": row["denominator"], "position": peer.get("position"), "q_value": peer.get("q_value")}
        figures |= dict(zip(("points", "points_lower", "points_upper"), (round(p, 9) for p in points), strict=True))
        # Only of a share that has to rise do misses say what is behind it; numbers have acts and no misses.
        of_misses = units[entry.indicator] == "share" and band.sides != "falling"
        figures |= _evidence(entry.indicator, row, "miss" if of_misses else "hit")
        judged.append(Judged(key, level, rule, figures))
    return judged, unknown


def judge_return(subject_id: str, *, was_due: bool) -> Judged:
    """What is said of the return of the month: it was due and nothing came, or the body sends again.

    There are no figures, hence no period of theirs, and no units behind it.
    """
    level, rule = ("attention", "RETURN_MISSING") if was_due else ("meets", "RETURNED")
    return Judged((subject_id, RETURNS, ""), level, rule, {"period_kind": "month"})


def _level(points: Points, rules: FindingRules, value: float, band: Band, peer: Mapping[str, Any]) -> tuple[str, str]:
    if points.at < rules.improvement_below and points.upper < rules.attention_below:
        return "improvement", "BELOW_IMPROVEMENT"
    if points.at < rules.attention_below:
        return "attention", "BELOW_ATTENTION"
    too_high = band.high is not None and value > band.high
    alarm = "above_alarm" if too_high else "below_alarm"
    if points.at < 100 and peer.get("position") == alarm and (peer.get("q_value") or 0.0) < rules.false_discovery:
        return "attention", "BEYOND_ALARM"
    return "meets", "IN_BAND" if points.at == 100 else "NEAR_BAND"


def _evidence(indicator: str, row: Mapping[str, Any], state: str) -> dict[str, Any]:
    last = Month.parse(row["period"])
    return {
        "evidence_file": f"evidence/{indicator}.parquet",
        "evidence_state": state,
        "evidence_from": last.first_of(row["period_kind"]).first_day,
        "evidence_to": last.first_day,
        "evidence_units": round(row["numerator"] if state == "hit" else row["denominator"] - row["numerator"]),
    }


def carry_over(
    judged: Sequence[Judged],
    unknown: Iterable[Key],
    previous: Sequence[Finding],
    *,
    month: Month,
    as_of: date,
    rules: FindingRules,
    bodies: Iterable[str],
    decisions: Mapping[str, str],
) -> list[Finding]:
    """This month's findings with their history, `meets` rows and findings closed within a year.

    `previous` are those of the last edition of an earlier month, `decisions` finding_id → decision_id of
    what was accepted, `bodies` those in force.
    """
    in_force, unjudged = set(bodies), set(unknown)
    history: dict[Key, list[Finding]] = {}
    for old in previous:
        if old.state != "none":
            history.setdefault(old.key, []).append(old)
    out: list[Finding] = []
    for one in judged:
        past = history.pop(one.key, [])
        current = next((old for old in past if old.state == "open"), None)
        closed = [old for old in past if old.state == "closed"]
        made = _follow(one, current, closed, month=month, as_of=as_of, rules=rules)
        out += [*(_decided(made, decisions, month)), *_kept(closed, month)]
    for key, past in history.items():
        for old in past:
            if old.state == "closed":
                out += _kept([old], month)
            elif key[0] in in_force and key in unjudged:
                waiting = replace(old, months_open=_months(old.opened_in, month), rule="NOT_JUDGED")
                out += _decided(_escalate(waiting, month, as_of, rules), decisions, month)
            else:
                why = "scheme" if key[0] in in_force else "body"
                out.append(replace(old, state="closed", closed_in=str(month), closed_by=why))
    return sorted(out, key=lambda one: (*one.key, one.opened_in, one.finding_id))


def _follow(
    one: Judged, current: Finding | None, closed: Sequence[Finding], *, month: Month, as_of: date, rules: FindingRules
) -> Finding:
    days = {"attention": rules.attention_days, "improvement": rules.improvement_days}
    if one.level == "meets":
        if current is None:
            return _without_finding(one, one.rule, month)
        return replace(
            current, state="closed", rule=one.rule, closed_in=str(month), closed_by="data", figures=one.figures,
            months_open=_months(current.opened_in, month) - 1,
        )  # fmt: skip
    recent = [old for old in closed if _months(old.closed_in or "", month) <= KEPT_MONTHS + 1]
    if current is None:
        resting = [
            old for old in recent
            if old.closed_by == "decision" and _months(old.closed_in or "", month) <= REST_MONTHS + 1
            and _SEVERITY[one.level] <= _SEVERITY[old.level]
        ]  # fmt: skip
        if resting:
            return replace(_without_finding(one, "DECIDED", month), decision_id=resting[-1].decision_id)
        raised = [old for old in recent if old.closed_by == "data"]
        level = "improvement" if raised else one.level
        made = Finding(
            f"{':'.join(one.key)}:{month}", one.key, level, "open",
            "CAME_BACK" if level != one.level else one.rule, str(month), 1, 1 + len(raised),
            str(month) if level == "improvement" else None, False, as_of + timedelta(days=days[level]),
            None, None, None, one.figures,
        )  # fmt: skip
        return _escalate(made, month, as_of, rules)
    months = _months(current.opened_in, month)
    level, rule = one.level, one.rule
    if level == "attention" and (months >= rules.escalate_after or current.level == "improvement"):
        level, rule = "improvement", "REPEATED"
    followed = replace(current, level=level, rule=rule, months_open=months, figures=one.figures)
    if _SEVERITY[level] > _SEVERITY[current.level]:
        # The body learns only now that it has to mend: the days of an improvement begin here.
        followed = replace(followed, improvement_since=str(month), due_on=as_of + timedelta(days=days[level]))
    return _escalate(followed, month, as_of, rules)


def _without_finding(one: Judged, rule: str, month: Month) -> Finding:
    """The row of a body and indicator that meets the scheme and has no finding open."""
    return Finding(
        "", one.key, "meets", "none", rule, str(month), 0, 0, None, False, None, None, None, None, one.figures
    )


def _escalate(finding: Finding, month: Month, as_of: date, rules: FindingRules) -> Finding:
    if finding.level != "improvement":
        return finding
    overdue = finding.due_on is not None and as_of > finding.due_on
    stands = _months(finding.improvement_since or finding.opened_in, month)
    return replace(finding, escalated=finding.escalated or overdue or stands >= rules.escalate_after)


def _decided(finding: Finding, decisions: Mapping[str, str], month: Month) -> list[Finding]:
    if finding.state == "open" and finding.finding_id in decisions:
        decision = decisions[finding.finding_id]
        return [replace(finding, state="closed", closed_in=str(month), closed_by="decision", decision_id=decision)]
    return [finding]


def _kept(closed: Sequence[Finding], month: Month) -> list[Finding]:
    return [old for old in closed if _months(old.closed_in or "", month) <= KEPT_MONTHS + 1]


def _months(earlier: str, later: Month) -> int:
    """How many months from `earlier` to `later`, both counted."""
    first = Month.parse(earlier)
    return (later.year - first.year) * 12 + later.number - first.number + 1


def to_frame(findings: Sequence[Finding], owners: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """One row per finding, columns `FINDING_SCHEMA`; `owners` is indicator → {zh, en}."""
    rows = []
    for one in findings:
        subject, indicator, variant = one.key
        owner = owners.get(indicator, {})
        row = {name: getattr(one, name) for name in FINDING_SCHEMA if hasattr(one, name)}
        row |= {"subject_id": subject, "indicator_id": indicator, "variant": variant}
        row |= {"owner_zh": owner.get("zh"), "owner_en": owner.get("en")}
        rows.append(row | {name: one.figures.get(name) for name in FINDING_SCHEMA if name not in row})
    return pl.DataFrame(rows, schema=FINDING_SCHEMA)


def from_frame(frame: pl.DataFrame) -> list[Finding]:
    """The findings that `to_frame` wrote; those of an earlier version do not say since when they are improvements."""
    own = ("finding_id", "level", "state", "rule", "opened_in", "months_open", "times", "escalated", "due_on",
           "closed_in", "closed_by", "decision_id")  # fmt: skip
    return [
        Finding(
            key=(row["subject_id"], row["indicator_id"], row["variant"]),
            improvement_since=row.get("improvement_since"),
            figures={name: value for name, value in row.items() if name not in (*own, "improvement_since")},
            **{name: row[name] for name in own},
        )
        for row in frame.iter_rows(named=True)
    ]
