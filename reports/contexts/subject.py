"""The page of one body: its judgement in words, findings, rules, signals, every indicator, agencies, data quality."""

from typing import Any

import polars as pl

from reports.contexts.audit import completeness_rows
from reports.contexts.book import Body
from reports.contexts.changes import body_changes
from reports.contexts.findings import closed_findings, open_findings
from reports.contexts.judgement import judgement
from reports.contexts.page import Language
from reports.contexts.rules import body_rules
from reports.contexts.signals import body_signals
from reports.contexts.tallies import RULE_RESULTS
from reports.edition import PERIOD_KINDS


def _indicator(view: Language, body: Body, indicator: dict[str, Any]) -> dict[str, Any]:
    book = view.book
    variants = []
    for variant in view.variants(indicator):
        own = book.cells("subject", body.subject_id, indicator, variant["name"])
        peers = book.cells("peer_group", body.group, indicator, variant["name"])
        variants.append({**variant, "cells": list(zip(PERIOD_KINDS, own, peers, strict=True))})
    default = indicator["default_variant"]
    return {
        **view.indicator_link(indicator),
        "id": indicator["id"],
        "unit": indicator["unit"],
        "question": view.t.of(indicator["question"]),
        "variants": variants,
        "trend": book.trend("subject", body.subject_id, indicator, default),
        "axis": book.axis_label(indicator, default, "month"),
        "axes": [(kind, book.axis_label(indicator, default, kind)) for kind in PERIOD_KINDS],
        "months": [
            {
                "month": month,
                "own": book.cell("subject", body.subject_id, indicator, default, "month", month),
                "peers": book.cell("peer_group", body.group, indicator, default, "month", month),
            }
            for month in reversed(book.edition.months)
        ],
    }


def _row(view: Language, body: Body, indicator: dict[str, Any]) -> dict[str, Any]:
    """An indicator outside the headlines: its default variant over the four periods, beside the peer group."""
    book, default = view.book, indicator["default_variant"]
    own = book.cells("subject", body.subject_id, indicator, default)
    peers = book.cells("peer_group", body.group, indicator, default)
    return {
        **view.indicator_link(indicator),
        "id": indicator["id"],
        "question": view.t.of(indicator["question"]),
        "cells": list(zip(PERIOD_KINDS, own, peers, strict=True)),
    }


def _failures(view: Language, body: Body) -> tuple[list[dict[str, Any]], int]:
    quality = view.book.edition.quality.filter(pl.col("subject_id") == body.subject_id)
    language = view.t.language
    failures = [
        {
            "label": row[f"label_{language}"],
            "owner": row[f"owner_{language}"],
            "remedy": row[f"remedy_{language}"],
            "severity": row["severity"],
            "evaluated": f"{row['evaluated']:,}",
            "failing": f"{row['failing']:,}",
        }
        for row in quality.filter(~pl.col("success")).sort("border", "expectation_id").iter_rows(named=True)
    ]
    return failures, len(quality)


def subject(view: Language, body: Body) -> dict[str, Any]:
    """Context of `subject.html`."""
    book, t = view.book, view.t
    failures, audited = _failures(view, body)
    agencies = book.agencies.get(body.subject_id, [])
    row = body.row
    facts = [
        (t("subject.id"), body.subject_id),
        (t("subject.group"), book.group_label(body.kind, body.field, t.language)),
    ]
    if row.get("population") is not None:
        facts.append((t("subject.population"), f"{row['population']:,}"))
    if row.get("area_km2") is not None:
        facts.append((t("subject.area"), f"{row['area_km2']:g} km²"))
    facts.append((t("subject.agencies"), str(len(agencies))))
    findings = book.findings_of.get(body.subject_id, [])
    return {
        **view.common(f"subjects/{body.slug}", body.name, depth=1, section="bodies"),
        "slug": body.slug,
        "name": body.name,
        "facts": facts,
        "silent": body.subject_id in book.silent_ids,
        "judgement": judgement(view, body),
        "findings": open_findings(view, findings),
        "closed": closed_findings(view, findings),
        "findings_there": book.edition.holds("findings"),
        "rules": body_rules(view, body),
        "rule_results": [t(f"rule.result.{result}") for result in RULE_RESULTS],
        "signals": body_signals(view, body),
        "changes": body_changes(view, body),
        "indicators": [_indicator(view, body, indicator) for indicator in book.headlines],
        "others": [_row(view, body, indicator) for indicator in book.indicators if not indicator["headline"]],
        "months": book.edition.months,
        "agency_columns": [view.indicator_link(indicator) for indicator in book.counted_by_agency],
        "agencies": [
            {
                "id": agency["agency_id"],
                "name": agency["name"],
                "workflow": book.code_label("agencies", "workflow", agency["workflow"], t.language),
                "columns": [
                    list(
                        zip(
                            PERIOD_KINDS,
                            book.cells("agency", agency["agency_id"], indicator, indicator["default_variant"]),
                            strict=True,
                        )
                    )
                    for indicator in book.counted_by_agency
                ],
            }
            for agency in agencies
        ],
        "failures": failures,
        "audited": audited,
        "arrivals": completeness_rows(view, body.subject_id, book.edition.month),
        "audit_href": f"audit/{body.slug}.html",
    }
