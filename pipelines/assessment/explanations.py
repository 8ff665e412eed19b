"""A short text for every body in both languages, made of rules over its figures (`texts.yml`).

For each indicator, the heaviest loss of points first: number, interval, points; change since the last
edition, with its mix and rate parts where they are known; place among its peers; what is behind it; what
to do next. A sentence is chosen by a rule and holds figures only: there is no adjective that no rule chose.

Figures that stand beside each other must not contradict each other by their rounding: a value and its limit, a
change and the two values that it lies between. They get as many decimals as that takes, `MOST_DECIMALS` at most.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.assessment.findings import RETURNS, Finding
from pipelines.assessment.scores import Scored, Total
from pipelines.contract.model import Language
from pipelines.scheme.model import Scheme
from pipelines.warehouse.months import Month

TEXTS_FILE = Path(__file__).parent / "texts.yml"
LANGUAGES: tuple[Language, ...] = ("zh", "en")

#: Decimals of a share in per cent, of any other value, and the most that a sentence takes.
_SHARE_DECIMALS, _PLAIN_DECIMALS, MOST_DECIMALS = 1, 2, 3

#: A text in each language.
Texts = Mapping[str, str]

EXPLANATION_SCHEMA = {
    "subject_id": pl.String, "position": pl.Int64, "paragraph": pl.Int64, "indicator_id": pl.String,
    "variant": pl.String, "rule": pl.String, "zh": pl.String, "en": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Context:
    """What the texts of all bodies need beside their own figures.

    `names` of bodies; `labels` of codes: (list, code) → {zh, en}; `earlier` results of the last edition by
    (subject, indicator, variant, period_kind), `peers` likewise; `changes` since the month before by (subject,
    indicator, variant); `objections` of the month by body and outcome. `quiet` bodies sent nothing of the month,
    `last_sent` is the last month of which a body sent something, `missing` the entities of which a return was due,
    `scored_period` the longest period that is scored. `decided_on` is the day of a decision; from `small_below` units
    on a change is split in words.
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
    quiet: frozenset[str]
    last_sent: Mapping[str, str]
    missing: Mapping[str, Sequence[str]]
    scored_period: str
    decided_on: Mapping[str, str]
    small_below: int


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
    by_key = {one.key: one for one in findings if one.state != "none" and one.closed_in in (None, context.month)}
    opening = [
        *_about_total(total, ranks, context),
        *_about_return(total, by_key.get((total.subject_id, RETURNS, "")), context),
        *_about_objections(total.subject_id, context),
    ]
    paragraphs: list[tuple[str | None, str | None, list[_Sentence]]] = [(None, None, opening)]
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
            "total", total.state, name=name, month=month_text(context.month), present=percent(total.weight_present),
            needed=percent(context.scheme.minimum_weight), period=_period(context.scored_period, context.month),
        )  # fmt: skip
        return
    grades = {grade.id: grade.name for grade in context.scheme.grades}
    rule = "assessed" if total.grade_lower == total.grade_upper else "assessed_grades_overlap"

    def named(grade: str | None) -> dict[str, str]:
        label = grades[grade or ""]
        return {"zh": label.zh, "en": label.en}

    yield _say(
        "total", rule, name=name, month=month_text(context.month), points=number(total.total.at),
        lower=number(total.total.lower), upper=number(total.total.upper), grade=named(total.grade),
        grade_lower=named(total.grade_lower),
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


def _about_return(total: Total, finding: Finding | None, context: Context) -> Iterator[_Sentence]:
    """That nothing came of the month: what is judged all the same, and what was due."""
    subject = total.subject_id
    if subject in context.quiet and total.state != "no_return":
        yield _say(
            "total", "quiet_month", month=month_text(context.month), last=month_text(context.last_sent[subject]),
            period=_period(context.scored_period, context.month),
        )  # fmt: skip
    if subject in context.quiet and context.missing.get(subject):
        names = [context.labels[("entity", entity)] for entity in context.missing[subject]]
        comma = {"zh": "、", "en": ", "}
        yield _say(
            "total", "return_missing", entities={lang: comma[lang].join(n[lang] for n in names) for lang in LANGUAGES}
        )
    if finding is not None:
        yield _about_next(finding, finding_owner(RETURNS, None), context)


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
        "reading": _reading(declaration, one.entry.variant),
        "period": _period(kind, period),
    }
    if one.points is None:
        needed = one.entry.minimum_n or context.scheme.minimum_n
        yield _say(
            "indicator", one.reason or "NO_RESULT", **head, denominator=whole(row.get("denominator", 0)),
            needed=str(needed), undecidable=str(row.get("undecidable", 0)),
        )  # fmt: skip
    else:
        key = (subject, one.entry.indicator, one.entry.variant or "", kind)
        before, peer = context.earlier.get(key), context.peers.get(key)
        decimals = _decimals_of_paragraph(row["value"], unit, before, peer)
        figures = {
            "value": measure(row["value"], unit, decimals), "numerator": whole(row["numerator"]),
            "denominator": whole(row["denominator"]), "points": number(one.points.at),
        }  # fmt: skip
        if row["lower"] is None:
            yield _say("indicator", "value_without_interval", **head, **figures)
        else:
            limits = {end: measure(row[end], unit, decimals) for end in ("lower", "upper")}
            yield _say("indicator", "value", **head, **figures, **limits)
        yield from _about_change(before, row, unit, decimals)
        yield from _about_months(key, unit, context)
        yield from _about_peers(subject, peer, unit, decimals, context)
        if one.points.at < 100 and unit == "share":
            falling = one.entry.band.sides == "falling"
            count = row["numerator"] if falling else row["denominator"] - row["numerator"]
            yield _say("behind", "hits" if falling else "misses", count=whole(count))
        if row["excluded"] or row["undecidable"]:
            yield _say("behind", "left_out", excluded=str(row["excluded"]), undecidable=str(row["undecidable"]))
    if finding is not None:
        yield _about_next(finding, declaration["owner"], context)


def _decimals_of_paragraph(
    value: float, unit: str, before: Mapping[str, Any] | None, peer: Mapping[str, Any] | None
) -> int:
    """So many decimals that a change is the difference of what is shown, and a limit lies where the text says."""

    def is_consistent(decimals: int) -> bool:
        shown = _shown(value, unit, decimals)
        if before is not None and before["value"] is not None and not _is_told(value, before["value"], unit, decimals):
            return False
        limit = _limit(peer)
        if limit is None or peer is None:
            return True
        end = _shown(limit, unit, decimals)
        return shown < end if peer["position"].startswith("below") else shown > end

    return _fewest(unit, is_consistent)


def _reading(declaration: Mapping[str, Any], variant: str | None) -> Texts:
    """The name of a variant and what parts it from the period; empty where the indicator has no other."""
    variants = declaration["variants"]
    if variant not in variants or len(variants) == 1:
        return dict.fromkeys(LANGUAGES, "")
    pattern = _templates()["words"]["reading"]
    return {language: pattern[language].format(variant=variants[variant][language]) for language in LANGUAGES}


def _fewest(unit: str, is_consistent: Callable[[int], bool]) -> int:
    least = _SHARE_DECIMALS if unit == "share" else _PLAIN_DECIMALS
    return next((decimals for decimals in range(least, MOST_DECIMALS) if is_consistent(decimals)), MOST_DECIMALS)


def _is_told(value: float, before: float, unit: str, decimals: int) -> bool:
    """Whether the two values as shown differ by what their difference is shown as, and by anything if they differ."""
    shown = _shown(value, unit, decimals) - _shown(before, unit, decimals)
    return shown == _shown(value - before, unit, decimals) and bool(shown) is (value != before)


def _about_change(
    before: Mapping[str, Any] | None, row: Mapping[str, Any], unit: str, decimals: int
) -> Iterator[_Sentence]:
    if before is None or before["value"] is None:
        return
    earlier = month_text(before["period"])
    if row["value"] == before["value"]:
        yield _say("change", "same", earlier=earlier)
        return
    rule = "without_interval"
    if row["lower"] is not None and before["lower"] is not None:
        apart = row["lower"] > before["upper"] or row["upper"] < before["lower"]
        rule = "beyond_interval" if apart else "within_interval"
    difference = _shown(row["value"], unit, decimals) - _shown(before["value"], unit, decimals)
    yield _say(
        "change", rule, earlier=earlier, before=measure(before["value"], unit, decimals),
        difference=_signed(difference, unit),
    )  # fmt: skip


def _about_months(key: tuple[str, str, str, str], unit: str, context: Context) -> Iterator[_Sentence]:
    """The change since the month before, in two parts that sum to it (Kitagawa 1955), if there are units to split.

    Months of two versions of the definition are not compared: that it changed is all that can be said.
    """
    parts = context.changes.get(key[:3])
    if parts is None or parts["value"] == parts["base_value"]:
        return
    value, before = parts["value"], parts["base_value"]
    versions = parts.get("base_definition_version"), parts.get("definition_version")
    if versions[0] != versions[1]:
        decimals = _fewest(unit, partial(_is_told, value, before, unit))
        yield _say(
            "change", "definition", earlier=month_text(parts["base_period"]), before=measure(before, unit, decimals),
            value=measure(value, unit, decimals), base_version=str(versions[0]), version=str(versions[1]),
        )  # fmt: skip
        return

    def is_consistent(decimals: int) -> bool:
        split = _shown(parts["mix"], unit, decimals) + _shown(parts["rate"], unit, decimals)
        return _is_told(value, before, unit, decimals) and split == _shown(value - before, unit, decimals)

    decimals = _fewest(unit, is_consistent)
    difference = _shown(value, unit, decimals) - _shown(before, unit, decimals)
    mix = _shown(parts["mix"], unit, decimals)
    told: dict[str, str | Texts] = {
        "earlier": month_text(parts["base_period"]), "before": measure(before, unit, decimals),
        "value": measure(value, unit, decimals), "difference": _signed(difference, unit),
    }  # fmt: skip
    units, base_units = parts["denominator"], parts["base_denominator"]
    if min(units, base_units) < context.small_below:
        yield _say(
            "change", "too_few_to_split", **told, units=whole(units), base_units=whole(base_units),
            needed=str(context.small_below),
        )  # fmt: skip
        return
    yield _say("change", "split", **told, mix=_signed(mix, unit), rate=_signed(difference - mix, unit))


def _limit(peer: Mapping[str, Any] | None) -> float | None:
    """The control limit beyond which a value lies; None within the limits or without them."""
    if peer is None or peer["position"] in ("none", "inside"):
        return None
    side, kind = peer["position"].split("_")
    limit: float = peer[f"{kind}_{'lower' if side == 'below' else 'upper'}"]
    return limit


def _about_peers(
    subject: str, peer: Mapping[str, Any] | None, unit: str, decimals: int, context: Context
) -> Iterator[_Sentence]:
    if peer is None or peer["position"] == "none":
        return
    limit = _limit(peer)
    yield _say(
        "peers", peer["position"], group=_group(subject, context),
        group_rate=measure(peer["group_rate"], unit, decimals), shrunk=measure(peer["shrunk"], unit, decimals),
        limit="" if limit is None else measure(limit, unit, decimals),
    )  # fmt: skip


def _about_next(finding: Finding, owner: Texts, context: Context) -> _Sentence:
    rule = finding.level
    if finding.state == "closed":
        rule = "closed_decision" if finding.closed_by == "decision" else "closed_data"
    elif finding.rule == "NOT_JUDGED":
        rule = "NOT_JUDGED"
    elif finding.escalated:
        rule = "escalated"
    # Who decided may be a person; the office in charge and the day are what a reader can ask by.
    return _say(
        "next", rule, opened=month_text(finding.opened_in), months=str(finding.months_open),
        due=day_text(str(finding.due_on)), owner=owner,
        decided_on=day_text(context.decided_on.get(finding.decision_id or "", "")),
    )  # fmt: skip


def finding_name(indicator: str, declaration: Mapping[str, Any] | None) -> Texts:
    """What a finding is about: the name of its indicator, or of the return; the id of one that is not declared."""
    if indicator == RETURNS:
        name: Texts = _templates()["words"]["returns"]["name"]
        return name
    return declaration["name"] if declaration is not None else dict.fromkeys(LANGUAGES, indicator)


def finding_owner(indicator: str, declaration: Mapping[str, Any] | None) -> Texts:
    """The office that follows a finding up; nothing for an indicator that is not declared."""
    if indicator == RETURNS:
        owner: Texts = _templates()["words"]["returns"]["owner"]
        return owner
    return declaration["owner"] if declaration is not None else {}


def month_text(month: str) -> dict[str, str]:
    """`2026-10` as each language writes it: 2026年10月 in Chinese."""
    parsed = Month.parse(month)
    return {"zh": f"{parsed.year}年{parsed.number}月", "en": month}


def day_text(day: str) -> dict[str, str]:
    """`2026-11-05` as each language writes it: 2026年11月5日 in Chinese; what is no such day stays as it is."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return dict.fromkeys(LANGUAGES, day)
    return {"zh": f"{parsed.year}年{parsed.month}月{parsed.day}日", "en": day}


def _period(kind: str, period: str) -> dict[str, str]:
    month, words = month_text(period), _templates()["words"]["period"][kind]
    return {lang: words[lang].format(period=month[lang]) for lang in LANGUAGES}


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


def _rounded(value: float, decimals: int) -> Decimal:
    return Decimal(repr(round(value, 9))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(value: float, decimals: int = 1) -> str:
    """A number as people read it, half up."""
    return str(_rounded(value, decimals))


def percent(value: float) -> str:
    """A share in per cent with one decimal."""
    return measure(value, "share")


def _shown(value: float, unit: str, decimals: int) -> Decimal:
    """A value as its digits are printed: of a share those of its per cent."""
    return _rounded(value * 100 if unit == "share" else value, decimals)


def measure(value: float, unit: str, decimals: int | None = None) -> str:
    """A value in its unit: shares in per cent with one decimal, others with two, or with `decimals`."""
    if unit == "share":
        return f"{_shown(value, unit, _SHARE_DECIMALS if decimals is None else decimals)} %"
    return str(_shown(value, unit, _PLAIN_DECIMALS if decimals is None else decimals))


def _signed(shown: Decimal, unit: str) -> dict[str, str]:
    """A difference of shown values with its sign, ± where there is none: of shares in percentage points."""
    rule = "points_of_percent" if unit == "share" else "plain"
    sign = "±" if not shown else "−" if shown < 0 else "+"
    return {lang: _templates()["words"][rule][lang].format(sign=sign, number=abs(shown)) for lang in LANGUAGES}


def whole(value: float) -> str:
    """A count without its `.0`; an amount as it is."""
    return str(int(value)) if float(value).is_integer() else str(value)
