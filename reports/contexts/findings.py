"""Findings: what a body has to explain or to mend, until when, who follows it up."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.assessment.explanations import finding_name
from reports import numbers
from reports.contexts.page import Language

#: Levels that are findings, graver first.
LEVELS = ("improvement", "attention")


def _is_overdue(view: Language, row: Mapping[str, Any]) -> bool:
    """Whether the day of a finding lies before what the edition knows."""
    as_of = date.fromisoformat(view.book.edition.manifest["as_of"][:10])
    return row["due_on"] is not None and row["due_on"] < as_of


def _records(row: Mapping[str, Any], unit: str) -> str:
    """The fragment that opens the units behind a finding; of a number that is no share, those of its numerator."""
    key = "/".join((row["indicator_id"], row["variant"], row["period_kind"], row["period"]))
    part = row["evidence_state"] if unit == "share" or row["evidence_state"] != "hit" else "numerator"
    return f"#records/{key}/{part}" if part else f"#records/{key}"


def _units(view: Language, row: Mapping[str, Any]) -> str:
    """How many units stand against a body: those that missed, or under a falling band those that count."""
    if not row["evidence_units"] or not row["evidence_state"]:
        return ""
    return view.t(f"finding.units.{row['evidence_state']}", count=row["evidence_units"])


def finding(view: Language, row: Mapping[str, Any]) -> dict[str, Any]:
    """One finding as pages show it."""
    book, t = view.book, view.t
    declared = book.declared.get(row["indicator_id"])
    body = book.body_of.get(row["subject_id"])
    unit = declared["unit"] if declared else "share"
    due: date | None = row["due_on"]
    # What waits for a judgement or left the assessment keeps figures of an earlier month, of which pages have no list.
    is_of_month = row["period"] == book.edition.month
    return {
        "level": row["level"],
        "level_label": t(f"finding.level.{row['level']}"),
        "body": body.name if body else row["subject_id"],
        "body_href": f"subjects/{body.slug}.html" if body else "",
        "indicator": view.indicator_link(declared)
        if declared
        else {"name": t.of(finding_name(row["indicator_id"], None)), "href": ""},
        "variant": view.variant_label(declared, row["variant"]),
        "period": t(f"period.{row['period_kind']}"),
        "value": numbers.NO_VALUE if row["value"] is None else numbers.value(row["value"], unit),
        "interval": numbers.interval(row["lower"], row["upper"], unit, row["value"]),
        # The finding of a return that did not come has none.
        "points": numbers.points(row["points"]) if row["points"] is not None else "",
        "rule": t.known(f"finding.rule.{row['rule']}", row["rule"]),
        "opened_in": row["opened_in"] or "",
        "months_open": row["months_open"],
        "due_on": f"{due:%Y-%m-%d}" if due else "",
        "overdue": _is_overdue(view, row),
        "escalated": bool(row["escalated"]),
        "owner": row[f"owner_{t.language}"] or "",
        "closed_by": t.known(f"finding.closed_by.{row['closed_by']}", row["closed_by"]) if row["closed_by"] else "",
        "figures_of": "" if is_of_month else row["period"],
        "records": _records(row, unit) if is_of_month else "",
        "units": _units(view, row),
    }


def open_findings(view: Language, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The open ones of `rows`, graver and more urgent first."""
    found = [row for row in rows if row["state"] == "open"]
    found.sort(
        key=lambda row: (LEVELS.index(row["level"]), row["due_on"] or date.max, row["subject_id"], row["indicator_id"])
    )
    return [finding(view, row) for row in found]


def closed_findings(view: Language, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ones that were closed in the edition's month."""
    month = view.book.edition.month
    return [finding(view, row) for row in rows if row["state"] == "closed" and row["closed_in"] == month]


def finding_counts(view: Language) -> list[dict[str, Any]]:
    """Per level: open, opened this month, escalated, past their day, closed this month."""
    frame, month = view.book.edition.findings, view.book.edition.month
    counts = []
    for level in LEVELS:
        own = frame.filter(pl.col("level") == level)
        running = own.filter(pl.col("state") == "open")
        counts.append(
            {
                "level": level,
                "label": view.t(f"finding.level.{level}"),
                "open": running.height,
                "opened": running.filter(pl.col("opened_in") == month).height,
                "escalated": running.filter(pl.col("escalated")).height,
                "overdue": sum(_is_overdue(view, row) for row in running.iter_rows(named=True)),
                "closed": own.filter(pl.col("state") == "closed", pl.col("closed_in") == month).height,
            }
        )
    return counts


def findings_page(view: Language) -> dict[str, Any]:
    """Context of `findings.html`: the findings of all bodies."""
    rows = list(view.book.edition.findings.iter_rows(named=True))
    return {
        **view.common("findings", view.t("nav.findings")),
        "there": view.book.edition.holds("findings"),
        "counts": finding_counts(view),
        "findings": open_findings(view, rows),
        "closed": closed_findings(view, rows),
        "levels": [(level, view.t(f"finding.level.{level}")) for level in LEVELS],
    }
