"""The page of one body: its judgement in words, findings, rules, signals, every indicator, agencies, data quality."""

from typing import Any

from reports.contexts.appeals import body_appeals
from reports.contexts.audit import completeness_rows
from reports.contexts.book import Body
from reports.contexts.changes import body_changes
from reports.contexts.findings import closed_findings, open_findings
from reports.contexts.judgement import judgement
from reports.contexts.page import Language
from reports.contexts.quality import after_as_of
from reports.contexts.revision import body_revision, replaced_value, revision_note
from reports.contexts.rules import body_rules, count_labels
from reports.contexts.signals import body_signals
from reports.edition import BESIDE, PERIOD_KINDS


def _indicator(view: Language, body: Body, indicator: dict[str, Any]) -> dict[str, Any]:
    """A headline indicator: its default variant over the four periods and the months, the others beside each other."""
    book, default = view.book, indicator["default_variant"]
    own = book.cells("subject", body.subject_id, indicator, default)
    peers = book.cells("peer_group", body.group, indicator, default)
    first, *others = view.variants(indicator)
    return {
        **view.indicator_link(indicator),
        "id": indicator["id"],
        "key": f"{indicator['id']}/{default}",
        "unit": indicator["unit"],
        "question": view.t.of(indicator["question"]),
        "variant": view.variant_label(indicator, default),
        "value_head": first["label"],
        "cells": list(zip(PERIOD_KINDS, own, peers, strict=True)),
        "others": [{**variant, **_beside(view, body, indicator, variant["name"])} for variant in others],
        "trend": book.trend("subject", body.subject_id, indicator, default),
        "axis": book.axis_label(indicator, default, "month"),
        "axes": [(kind, book.axis_label(indicator, default, kind)) for kind in PERIOD_KINDS],
        "months": [
            {
                "month": month,
                "own": book.cell("subject", body.subject_id, indicator, default, "month", month),
                "peers": book.cell("peer_group", body.group, indicator, default, "month", month),
                "replaced": replaced_value(view, body, indicator, default, month),
            }
            for month in reversed(book.edition.months)
        ],
    }


def _beside(view: Language, body: Body, indicator: dict[str, Any], variant: str) -> dict[str, Any]:
    """A variant in the month and in twelve months, beside the peer group."""
    book = view.book
    return {
        "key": f"{indicator['id']}/{variant}",
        "cells": [book.cell("subject", body.subject_id, indicator, variant, kind) for kind in BESIDE],
        "peers": book.cell("peer_group", body.group, indicator, variant, BESIDE[-1]),
    }


def _row(view: Language, body: Body, indicator: dict[str, Any]) -> dict[str, Any]:
    """An indicator outside the headlines, by its default variant."""
    return {
        **view.indicator_link(indicator),
        "id": indicator["id"],
        "question": view.t.of(indicator["question"]),
        **_beside(view, body, indicator, indicator["default_variant"]),
    }


def _failures(view: Language, body: Body) -> tuple[list[dict[str, Any]], int]:
    quality = view.book.quality_of.get(body.subject_id, [])
    failed = sorted((row for row in quality if not row["success"]), key=lambda r: (r["border"], r["expectation_id"]))
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
        for row in failed
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
        "after_as_of": after_as_of(view, body.subject_id),
        "judgement": judgement(view, body),
        "findings": open_findings(view, findings),
        "closed": closed_findings(view, findings),
        "appeals": body_appeals(view, body),
        "revision": revision_note(view, 1),
        "revised": body_revision(view, body),
        "findings_there": book.edition.holds("findings"),
        "rules": body_rules(view, body),
        "rule_results": count_labels(view),
        "signals": body_signals(view, body),
        "changes": body_changes(view, body),
        "indicators": [_indicator(view, body, indicator) for indicator in book.headlines],
        "beside": [(kind, t(f"period.{kind}")) for kind in BESIDE],
        "others": [_row(view, body, indicator) for indicator in book.indicators if not indicator["headline"]],
        "months": book.edition.months,
        "agency_columns": [
            {**view.indicator_link(indicator), "key": f"{indicator['id']}/{indicator['default_variant']}"}
            for indicator in book.counted_by_agency
        ],
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
        "arrivals": completeness_rows(view, body.subject_id),
        "audit_href": f"audit/{body.slug}.html",
    }
