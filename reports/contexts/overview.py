"""The overview: headline numbers, comparison inside peer groups, silence, quality, what was loaded."""

from typing import Any

import polars as pl

from reports import numbers
from reports.contexts.book import Body
from reports.contexts.changes import splits
from reports.contexts.findings import finding_counts
from reports.contexts.judgement import grade_table, over_time
from reports.contexts.page import Language
from reports.contexts.quality import after_as_of, audit_summary, loaded
from reports.contexts.revision import revision_note
from reports.contexts.rules import is_any_judged, rule_totals
from reports.contexts.signals import signal_counts
from reports.edition import PERIOD_KINDS, month_before
from reports.markup import Compared


def _headline(view: Language, indicator: dict[str, Any]) -> dict[str, Any]:
    book, variant = view.book, indicator["default_variant"]
    cells = book.cells("total", "total", indicator, variant)
    months = {back: month_before(book.edition.month, back) for back in (1, 12)}

    split = {one["base_month"]: one for one in splits(view, "total", "total", indicator, variant)}

    def result(month: str) -> Any:
        return book.edition.result("total", "total", indicator["id"], variant, "month", month)

    return {
        **view.indicator_link(indicator),
        "variant": view.variant_label(indicator, variant),
        "unit": indicator["unit"],
        "cells": [(kind, cell) for kind, cell in zip(PERIOD_KINDS, cells, strict=True)],
        "changes": [
            {
                "label": view.t("overview.against", month=view.month(months[back])),
                "text": numbers.change(result(book.edition.month), result(months[back]), indicator["unit"]),
                "split": split.get(months[back]),
            }
            for back in (1, 12)
        ],
        "chart": book.chart(indicator),
    }


def comparison(view: Language, indicators: list[tuple[dict[str, Any], str]]) -> list[dict[str, Any]]:
    """Peer groups with their bodies; a row's columns are the indicators in the month.

    Their other periods come from `data/periods.js`.
    """
    book = view.book

    def columns(level: str, entity: str) -> list[Compared]:
        group = entity if level == "peer_group" else groups[entity]
        return [
            (
                book.cell(level, entity, indicator, variant, PERIOD_KINDS[0]),
                book.cell("peer_group", group, indicator, variant, PERIOD_KINDS[0]),
            )
            for indicator, variant in indicators
        ]

    groups = {body.subject_id: body.group for body in book.bodies}
    return [
        {
            "id": row["peer_group_id"],
            "label": book.group_label(row["kind"], row["field"], view.t.language),
            "count": len(bodies),
            "columns": columns("peer_group", row["peer_group_id"]),
            "bodies": [
                {
                    "id": body.subject_id,
                    "name": body.name,
                    "href": f"subjects/{body.slug}.html",
                    "silent": body.subject_id in book.silent_ids,
                    "columns": columns("subject", body.subject_id),
                }
                for body in bodies
            ],
        }
        for row, bodies in book.groups
    ]


def _body_link(body: Body) -> dict[str, str]:
    return {"name": body.name, "href": f"subjects/{body.slug}.html"}


def overview(view: Language) -> dict[str, Any]:
    """Context of `overview.html`."""
    book, t = view.book, view.t
    headlines = book.headlines
    quality = book.edition.quality
    whole = quality.filter(pl.col("subject_id").is_null())
    return {
        **view.common("index", t("nav.index")),
        "revision": revision_note(view),
        "headlines": [_headline(view, indicator) for indicator in headlines],
        "columns": [
            {
                **view.indicator_link(i),
                "key": f"{i['id']}/{i['default_variant']}",
                "axis": [(kind, book.axis_label(i, i["default_variant"], kind)) for kind in PERIOD_KINDS],
            }
            for i in headlines
        ],
        "groups": comparison(view, [(i, i["default_variant"]) for i in headlines]),
        "after_as_of": after_as_of(view),
        "silent": [_body_link(body) for body in book.silent],
        "body_count": len(book.bodies),
        "grades": grade_table(view),
        "over_time": over_time(view),
        "findings": finding_counts(view),
        "findings_there": book.edition.holds("findings"),
        "rules": rule_totals(view),
        "rules_there": book.edition.holds("rules"),
        "rules_judged": is_any_judged(view, None),
        "signals": [row for row in signal_counts(view) if row["fired"]],
        "signals_there": book.edition.holds("signals"),
        "audit": audit_summary(whole, t),
        "failing": [
            {"label": row[f"label_{t.language}"], "severity": row["severity"], "failing": f"{row['failing']:,}"}
            for row in whole.filter(~pl.col("success"), pl.col("failing") > 0)
            .sort("border", "expectation_id")
            .iter_rows(named=True)
        ],
        "loaded": loaded(book, t),
        "indicators": [
            {**view.indicator_link(indicator), "question": t.of(indicator["question"])} for indicator in book.indicators
        ],
        "months": book.edition.months,
    }


def bodies(view: Language) -> dict[str, Any]:
    """Context of `bodies.html`: every body by peer group."""
    book = view.book
    return {
        **view.common("bodies", view.t("nav.bodies")),
        "body_count": len(book.bodies),
        "groups": [
            {
                "label": book.group_label(row["kind"], row["field"], view.t.language),
                "count": len(members),
                "bodies": [
                    {
                        **_body_link(body),
                        "subject_id": body.subject_id,
                        "agencies": len(book.agencies.get(body.subject_id, [])),
                        "silent": body.subject_id in book.silent_ids,
                    }
                    for body in members
                ],
            }
            for row, members in book.groups
        ],
    }
