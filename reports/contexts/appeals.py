"""The objections of one body: to what, what was decided, when and to what effect.

What was written about them and the name of who decided may hold personal data: no page shows them, as the page on
method promises.
"""

from typing import Any

from reports.contexts.book import Body
from reports.contexts.page import Language, record_link

#: Outcomes of an objection in the order pages count them.
OUTCOMES = ("accepted", "refused", "pending")


def _row(view: Language, row: dict[str, Any]) -> dict[str, Any]:
    declared = view.book.declared.get(row["indicator_id"])
    about = row["record_id"] or row["unit_id"] if row["kind"] == "record" else None
    is_correction = row["decision"] == "accepted" and row["kind"] == "record"
    return {
        "indicator": view.indicator_link(declared) if declared else {"name": row["indicator_id"] or "", "href": ""},
        "about": about or view.t("appeals.finding"),
        "record_link": record_link(row["record_entity"], row["record_id"])
        if row["kind"] == "record" and row["record_id"]
        else "",
        "edition": row["edition_id"],
        "decision_label": view.t(f"appeals.{row['decision']}"),
        "effect": view.t(f"appeals.action.{row['action']}") if is_correction else "",
        "decided_on": row["decided_on"] or "",
    }


def body_appeals(view: Language, body: Body) -> dict[str, Any]:
    """The rows of a body's objections and how many of each outcome there are; no rows where it made none."""
    rows = view.book.appeals_of.get(body.subject_id, [])
    counts = {outcome: sum(row["decision"] == outcome for row in rows) for outcome in OUTCOMES}
    return {"rows": [_row(view, row) for row in rows], "counts": counts}
