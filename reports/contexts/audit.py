"""The audit report: one page per body and per failing expectation, with what it does to the numbers."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from reports import numbers
from reports.contexts.book import Body, slugs
from reports.contexts.page import Language
from reports.contexts.quality import entity_label, field_label

DIMENSIONS = ("completeness", "validity", "consistency", "timeliness", "uniqueness")
#: The status of what nobody was to send, whether or not something arrived.
NOT_EXPECTED = "not_expected"
#: The row of quality_effects that takes all expectations together.
ALL_RULES = "*"
#: How many failing rows a page shows.
SAMPLES = 20


def failing_expectations(view: Language) -> list[dict[str, Any]]:
    """The expectations that some row fails, over all bodies, as rows of `quality.parquet`."""
    quality = view.book.edition.quality
    return list(
        quality.filter(pl.col("subject_id").is_null(), pl.col("failing") > 0)
        .unique("expectation_id", keep="first", maintain_order=True)
        .iter_rows(named=True)
    )


def expectation_slugs(view: Language) -> dict[str, str]:
    """Expectation id → the name of its page."""
    return slugs(row["expectation_id"] for row in failing_expectations(view))


def _share(share: float | None) -> str:
    return numbers.NO_VALUE if share is None else f"{numbers.half_up(share * 100, 1)} %"


def _number(value: float | None, unit: str) -> str:
    return numbers.NO_VALUE if value is None else numbers.value(value, unit)


def completeness_rows(view: Language, subject_id: str) -> list[dict[str, Any]]:
    """What was to arrive of a body in the month, per entity; nothing expected and nothing there is left out."""
    return [
        _arrival(view, row)
        for row in view.book.completeness_now_of.get(subject_id, [])
        if row["status"] != NOT_EXPECTED or row["arrived"]
    ]


def _status(row: Mapping[str, Any]) -> str:
    """The status of a return; what arrived unasked cannot be complete, since nobody said how much of it there is."""
    unasked = row["status"] == "complete" and row["expected"] is None
    return NOT_EXPECTED if unasked else str(row["status"])


def _arrival(view: Language, row: dict[str, Any]) -> dict[str, Any]:
    lower, upper = row["share_lower"], row["share_upper"]
    return {
        "entity": entity_label(view.book, row["entity"], view.t),
        "month": f"{row['month']:%Y-%m}",
        "expected": numbers.NO_VALUE if row["expected"] is None else numbers.half_up(row["expected"], 0),
        "arrived": f"{row['arrived']:,}",
        "status": _status(row),
        "to_come": _share(row["share_expected_to_come"]),
        "interval": "" if lower is None else f"{numbers.half_up(lower * 100, 1)}–{numbers.half_up(upper * 100, 1)} %",
    }


def completeness_summary(view: Language) -> list[dict[str, Any]]:
    """Per entity for the edition's month: bodies by status, and the bodies whose return is missing or partial."""
    book, t = view.book, view.t
    frame = book.edition.completeness.filter(pl.col("month").dt.strftime("%Y-%m") == book.edition.month)
    rows = []
    for (entity,), own in frame.sort("entity").group_by("entity", maintain_order=True):
        statuses = Counter(_status(row) for row in own.iter_rows(named=True))
        late = own.filter(pl.col("status").is_in(["no_return", "partial"]))
        rows.append(
            {
                "entity": entity_label(book, str(entity), t),
                "counts": [(status, statuses[status]) for status in ("complete", "partial", "no_return", NOT_EXPECTED)],
                "bodies": [
                    {
                        "name": book.body_of[row["subject_id"]].name,
                        "href": f"audit/{book.body_of[row['subject_id']].slug}.html",
                        "status": row["status"],
                    }
                    for row in late.iter_rows(named=True)
                    if row["subject_id"] in book.body_of
                ],
            }
        )
    return rows


def _effects(view: Language, expectation_id: str, level: str, entity_id: str) -> list[dict[str, Any]]:
    rows = []
    for row in view.book.effects_of.get((expectation_id, level, entity_id), []):
        indicator = view.book.declared.get(row["indicator_id"])
        # The relation has every variant; a page keeps to the one that the indicator is shown by.
        if indicator is not None and row["variant"] == indicator["default_variant"]:
            unit = indicator["unit"]
            # Where the page of the body shows counts alone, what failing records could make of its value is no news.
            hidden = _is_hidden(view, row)
            rows.append(
                {
                    **view.indicator_link(indicator),
                    "entity_id": row["entity_id"],
                    "level": row["level"],
                    "period": view.t(f"period.{row['period_kind']}"),
                    "records": f"{row['records']:,}",
                    "touched": f"{row['touched']:,}",
                    "value": numbers.NO_VALUE if hidden else _number(row["value"], unit),
                    "counts": f"{numbers.amount(row['numerator'])}/{numbers.amount(row['denominator'])}",
                    "range": view.t("status.tiny")
                    if hidden
                    else f"{_number(row['lowest'], unit)} … {_number(row['highest'], unit)}",
                }
            )
    return rows


def _is_hidden(view: Language, row: Mapping[str, Any]) -> bool:
    """Whether the edition gives no value for what a row of effects is about, its units being too few or none."""
    key = (row["indicator_id"], row["variant"], row["period_kind"], row["period"])
    result = view.book.edition.result(row["level"], row["entity_id"], *key)
    return result is None or result.value is None or result.status in numbers.HIDDEN


def _samples(view: Language, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    book = view.book
    shown = []
    for row in rows[:SAMPLES]:
        body = book.body_of.get(row["subject_id"] or "")
        shown.append(
            {
                "body": body.name if body else (row["subject_id"] or ""),
                "record": row["record_id"] or "",
                "month": f"{row['month']:%Y-%m}" if row["month"] else "",
                "value": row["value"] or "",
                "source": f"{row['source_file']}:{row['source_row']}" if row["source_file"] else "",
            }
        )
    return shown


def _history(view: Language, rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    counted = Counter(f"{row['month']:%Y-%m}" for row in rows if row["month"] is not None)
    return [(month, counted[month]) for month in view.book.edition.months]


def expectation_page(view: Language, row: dict[str, Any], slug: str) -> dict[str, Any]:
    """Context of `expectation.html`: the rule, bodies that fail it, months, effect, a masked sample of its rows."""
    book, t = view.book, view.t
    failures = book.failures_of_expectation.get(row["expectation_id"], [])
    by_body = book.edition.quality.filter(
        pl.col("expectation_id") == row["expectation_id"], pl.col("subject_id").is_not_null(), pl.col("failing") > 0
    )
    named = {indicator["id"]: indicator for indicator in book.indicators}
    return {
        **view.common(f"quality/{slug}", row[f"label_{t.language}"], depth=1, section="quality"),
        "id": row["expectation_id"],
        "facts": [
            (t("quality.severity"), t(f"severity.{row['severity']}")),
            (t("audit.dimension"), t(f"dimension.{row['dimension']}") if row["dimension"] else ""),
            (t("quality.entity"), entity_label(book, row["entity"], t)),
            (t("quality.field"), field_label(book, row["entity"], row["field"], t)),
            (t("quality.owner"), row[f"owner_{t.language}"]),
            (t("quality.failing"), f"{row['failing']:,} / {row['evaluated']:,}"),
        ],
        "reason": row[f"reason_{t.language}"] or "",
        "remedy": row[f"remedy_{t.language}"],
        "endangered": [view.indicator_link(named[i]) for i in (row["indicators"] or "").split(";") if i in named],
        "history": _history(view, failures),
        "bodies": [
            {
                "name": book.body_of[one["subject_id"]].name,
                "href": f"audit/{book.body_of[one['subject_id']].slug}.html",
                "failing": f"{one['failing']:,}",
                "evaluated": f"{one['evaluated']:,}",
            }
            for one in by_body.sort("failing", "subject_id", descending=[True, False]).iter_rows(named=True)
            if one["subject_id"] in book.body_of
        ],
        "effects": _effects(view, expectation_id=row["expectation_id"], level="total", entity_id="total"),
        "samples": _samples(view, failures),
        "sample_of": len(failures),
    }


def body_audit_page(view: Language, body: Body, slug_of: dict[str, str]) -> dict[str, Any]:
    """Context of `body_audit.html`: scoreboard beside peers, what arrived, what fails, what it does to the numbers."""
    book, t = view.book, view.t
    scoreboard = book.edition.scoreboard
    months = book.edition.months
    quality = [row for row in book.quality_of.get(body.subject_id, []) if row["failing"] > 0]
    failures = book.failures_of.get(body.subject_id, [])
    arrived = [
        row for row in book.completeness_of.get(body.subject_id, []) if row["status"] in ("no_return", "partial")
    ]
    # Two sorts: months downwards, entities within a month upwards.
    arrived.sort(key=lambda row: row["entity"])
    arrived.sort(key=lambda row: row["month"], reverse=True)
    return {
        **view.common(f"audit/{body.slug}", f"{body.name} · {t('audit.title')}", depth=1, section="quality"),
        "name": body.name,
        "body_href": f"subjects/{body.slug}.html",
        "subject_id": body.subject_id,
        "months": months,
        "scores": [
            {
                "label": t(f"dimension.{dimension}"),
                "own": _share(scoreboard.get(("subject", body.subject_id, dimension, months[-1]))),
                "peers": _share(scoreboard.get(("peer_group", body.group, dimension, months[-1]))),
                "total": _share(scoreboard.get(("total", "total", dimension, months[-1]))),
                "trend": [_share(scoreboard.get(("subject", body.subject_id, dimension, month))) for month in months],
            }
            for dimension in DIMENSIONS
        ],
        "arrivals": completeness_rows(view, body.subject_id),
        "missing": [_arrival(view, row) for row in arrived],
        "failures": [
            {
                "label": row[f"label_{t.language}"],
                "href": f"quality/{slug_of[row['expectation_id']]}.html" if row["expectation_id"] in slug_of else "",
                "severity": row["severity"],
                "failing": f"{row['failing']:,} / {row['evaluated']:,}",
                "reason": row[f"reason_{t.language}"] or "",
                "remedy": row[f"remedy_{t.language}"],
            }
            for row in quality
        ],
        "effects": _effects(view, expectation_id=ALL_RULES, level="subject", entity_id=body.subject_id),
        "history": _history(view, failures),
        "samples": _samples(view, failures),
        "sample_of": len(failures),
    }
