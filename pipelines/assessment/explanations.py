"""A short text for every body in both languages, made of rules over its figures (`texts.yml`).

For each indicator, the heaviest loss of points first: number, interval, points; change since the last
edition, with its mix and rate parts where they are known; place among its peers; what is behind it; what
to do next. A sentence is chosen by a rule and holds figures only: there is no adjective that no rule chose.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.assessment.findings import Finding
from pipelines.assessment.scores import Scored, Total
from pipelines.contract.model import Language
from pipelines.scheme.model import Scheme

TEXTS_FILE = Path(__file__).parent / "texts.yml"
LANGUAGES: tuple[Language, ...] = ("zh", "en")

EXPLANATION_SCHEMA = {
    "subject_id": pl.String, "position": pl.Int64, "paragraph": pl.Int64, "indicator_id": pl.String,
    "variant": pl.String, "rule": pl.String, "zh": pl.String, "en": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Context:
    """What the texts of all bodies need beside their own figures.

    `names` of bodies; `labels` of codes: (list, code) → {zh, en}; `earlier` results of the last edition by
    (subject, indicator, variant, period_kind), `peers` likewise; `changes` since the month before by (subject,
    indicator, variant); `objections` of the month by body and outcome.
    """

    month: str
    scheme: Scheme
    declared: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    labels: Mapping[tuple[str, str], Mapping[str, str]]
    peers: Mapping[tuple[str, str, str, str], Mapping[str, Any]]
    earlier: Mapping[tuple[str, str, str, str], Mapping[str, Any]]
    changes: Mapping[tuple[str, str, str], Mapping[str, Any]]
    groups: Mapping[str, tuple[str, str | None]]
    objections: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class _Sentence:
    rule: str
    texts: dict[str, str]


@cache
def _templates() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(TEXTS_FILE.read_text(encoding="utf-8"))
    return content


def explain_body(
    total: Total, findings: Sequence[Finding], ranks: tuple[int, int, int] | None, context: Context
) -> list[dict[str, Any]]:
    """The sentences of one body, rows of `EXPLANATION_SCHEMA`."""
    opening = [*_about_total(total, ranks, context), *_about_objections(total.subject_id, context)]
    paragraphs: list[tuple[str | None, str | None, list[_Sentence]]] = [(None, None, opening)]
    by_key = {one.key: one for one in findings if one.state != "none" and one.closed_in in (None, context.month)}
    weights = {pillar.id: pillar.weight for pillar in context.scheme.pillars}

    def lost(one: Scored) -> float:
        return -weights[one.pillar_id] * one.entry.weight * (100 - one.points.at if one.points else 0.0)

    for one in sorted(total.indicators, key=lambda one: (lost(one), one.entry.indicator, one.entry.variant or "")):
        finding = by_key.get((total.subject_id, one.entry.indicator, one.entry.variant or ""))
        sentences = list(_about_indicator(total.subject_id, one, finding, context))
        paragraphs.append((one.entry.indicator, one.entry.variant, sentences))
    rows: list[dict[str, Any]] = []
    for number, (indicator, variant, sentences) in enumerate(paragraphs):
        for sentence in sentences:
            rows.append({
                "subject_id": total.subject_id, "position": len(rows), "paragraph": number,
                "indicator_id": indicator, "variant": variant, "rule": sentence.rule, **sentence.texts,
            })  # fmt: skip
    return rows


def _about_total(total: Total, ranks: tuple[int, int, int] | None, context: Context) -> Iterator[_Sentence]:
    name = context.names.get(total.subject_id, total.subject_id)
    if total.total is None:
        yield _say(
            "total", total.state, name=name, month=context.month, present=percent(total.weight_present),
            needed=percent(context.scheme.minimum_weight),
        )  # fmt: skip
        return
    grades = {grade.id: grade.name for grade in context.scheme.grades}
    rule = "assessed" if total.grade_lower == total.grade_upper else "assessed_grades_overlap"

    def named(grade: str | None) -> dict[str, str]:
        label = grades[grade or ""]
        return {"zh": label.zh, "en": label.en}

    yield _say(
        "total", rule, name=name, month=context.month, points=number(total.total.at), lower=number(total.total.lower),
        upper=number(total.total.upper), grade=named(total.grade), grade_lower=named(total.grade_lower),
        grade_upper=named(total.grade_upper),
    )  # fmt: skip
    for gated in total.gates:
        if gated.row is not None and gated.reason is None and gated.factor.at < 1:
            declaration = context.declared[gated.gate.indicator]
            value = measure(gated.row["value"], declaration["unit"])
            factor = number(gated.factor.at, 3)
            yield _say("total", "gate", indicator=declaration["name"], value=value, factor=factor)
    if ranks is not None:
        rule = "rank" if ranks[0] == ranks[1] else "ranks"
        yield _say(
            "total", rule, group=_group(total.subject_id, context), best=str(ranks[0]), worst=str(ranks[1]),
            ranked=str(ranks[2]),
        )  # fmt: skip


def _about_objections(subject: str, context: Context) -> Iterator[_Sentence]:
    counts = context.objections.get(subject)
    if counts:
        outcomes = {outcome: str(counts.get(outcome, 0)) for outcome in ("accepted", "refused", "pending")}
        yield _say("total", "objections", count=str(sum(counts.values())), **outcomes)


def _about_indicator(subject: str, one: Scored, finding: Finding | None, context: Context) -> Iterator[_Sentence]:
    declaration = context.declared[one.entry.indicator]
    unit = declaration["unit"]
    row = one.row or {}
    kind = one.entry.period or context.scheme.period
    period = row.get("period") or context.month
    head = {
        "indicator": declaration["name"],
        "variant": declaration["variants"][one.entry.variant],
        "period": {lang: _templates()["words"]["period"][kind][lang].format(period=period) for lang in LANGUAGES},
    }
    if one.points is None:
        needed = one.entry.minimum_n or context.scheme.minimum_n
        yield _say(
            "indicator", one.reason or "NO_RESULT", **head, denominator=whole(row.get("denominator", 0)),
            needed=str(needed), undecidable=str(row.get("undecidable", 0)),
        )  # fmt: skip
    else:
        figures = {
            "value": measure(row["value"], unit), "numerator": whole(row["numerator"]),
            "denominator": whole(row["denominator"]), "points": number(one.points.at),
        }  # fmt: skip
        if row["lower"] is None:
            yield _say("indicator", "value_without_interval", **head, **figures)
        else:
            limits = {"lower": measure(row["lower"], unit), "upper": measure(row["upper"], unit)}
            yield _say("indicator", "value", **head, **figures, **limits)
        key = (subject, one.entry.indicator, one.entry.variant or "", kind)
        yield from _about_change(key, row, unit, context)
        yield from _about_months(key, unit, context)
        yield from _about_peers(subject, context.peers.get(key), unit, context)
        if one.points.at < 100 and unit == "share":
            falling = one.entry.band.sides == "falling"
            count = row["numerator"] if falling else row["denominator"] - row["numerator"]
            yield _say("behind", "hits" if falling else "misses", count=whole(count))
        if row["excluded"] or row["undecidable"]:
            yield _say("behind", "left_out", excluded=str(row["excluded"]), undecidable=str(row["undecidable"]))
    if finding is not None:
        yield _about_next(finding, declaration)


def _about_change(
    key: tuple[str, str, str, str], row: Mapping[str, Any], unit: str, context: Context
) -> Iterator[_Sentence]:
    before = context.earlier.get(key)
    if before is None or before["value"] is None:
        return
    if row["value"] == before["value"]:
        yield _say("change", "same", earlier=before["period"])
        return
    rule = "without_interval"
    if row["lower"] is not None and before["lower"] is not None:
        apart = row["lower"] > before["upper"] or row["upper"] < before["lower"]
        rule = "beyond_interval" if apart else "within_interval"
    difference = change(row["value"] - before["value"], unit)
    yield _say("change", rule, earlier=before["period"], before=measure(before["value"], unit), difference=difference)


def _about_months(key: tuple[str, str, str, str], unit: str, context: Context) -> Iterator[_Sentence]:
    """The change since the month before, in two parts that sum to it (Kitagawa 1955)."""
    parts = context.changes.get(key[:3])
    if parts is None or parts["value"] == parts["base_value"]:
        return
    yield _say(
        "change", "split", earlier=parts["base_period"], before=measure(parts["base_value"], unit),
        value=measure(parts["value"], unit), difference=change(parts["value"] - parts["base_value"], unit),
        mix=change(parts["mix"], unit), rate=change(parts["rate"], unit),
    )  # fmt: skip


def _about_peers(subject: str, peer: Mapping[str, Any] | None, unit: str, context: Context) -> Iterator[_Sentence]:
    if peer is None or peer["position"] == "none":
        return
    place = peer["position"]
    limit = ""
    if place != "inside":
        side, kind = place.split("_")
        limit = measure(peer[f"{kind}_{'lower' if side == 'below' else 'upper'}"], unit)
    yield _say(
        "peers", place, group=_group(subject, context), group_rate=measure(peer["group_rate"], unit), limit=limit,
        shrunk=measure(peer["shrunk"], unit),
    )  # fmt: skip


def _about_next(finding: Finding, declaration: Mapping[str, Any]) -> _Sentence:
    rule = finding.level
    if finding.state == "closed":
        rule = "closed_decision" if finding.closed_by == "decision" else "closed_data"
    elif finding.rule == "NOT_JUDGED":
        rule = "NOT_JUDGED"
    elif finding.escalated:
        rule = "escalated"
    return _say(
        "next", rule, opened=finding.opened_in, months=str(finding.months_open), due=str(finding.due_on),
        owner=declaration["owner"], decision=finding.decision_id or "",
    )  # fmt: skip


def _group(subject: str, context: Context) -> dict[str, str]:
    kind, field = context.groups[subject]
    words = _templates()["words"]
    kinds = context.labels.get(("subject_kind", kind), {"zh": kind, "en": kind})
    if field is None:
        return {lang: words["group_kind"][lang].format(kind=kinds[lang]) for lang in LANGUAGES}
    fields = context.labels.get(("enforcement_field", field), {"zh": field, "en": field})
    return {lang: words["group_field"][lang].format(kind=kinds[lang], field=fields[lang]) for lang in LANGUAGES}


def _say(section: str, rule: str, **figures: str | Mapping[str, str]) -> _Sentence:
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        plain = {name: value if isinstance(value, str) else value[language] for name, value in figures.items()}
        texts[language] = _templates()[section][rule][language].format(**plain)
    return _Sentence(f"{section}.{rule}", texts)


def number(value: float, decimals: int = 1) -> str:
    """A number as people read it, half up."""
    return str(Decimal(repr(round(value, 9))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def percent(value: float) -> str:
    """A share in per cent with one decimal."""
    return f"{number(value * 100)} %"


def measure(value: float, unit: str) -> str:
    """A value in its unit: shares in per cent, others with two decimals."""
    return percent(value) if unit == "share" else number(value, 2)


def change(value: float, unit: str) -> dict[str, str]:
    """A difference with its sign, ± where it rounds to nothing: of shares in percentage points."""
    rule = "points_of_percent" if unit == "share" else "plain"
    text = number(abs(value) * 100) if unit == "share" else number(abs(value), 2)
    sign = "±" if not float(text) else "−" if value < 0 else "+"
    return {lang: _templates()["words"][rule][lang].format(sign=sign, number=text) for lang in LANGUAGES}


def whole(value: float) -> str:
    """A count without its `.0`; an amount as it is."""
    return str(int(value)) if float(value).is_integer() else str(value)
