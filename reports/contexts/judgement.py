"""What a scheme makes of a body: the explanation in words, points and grade, gates, what was not scored and why."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports import numbers
from reports.contexts.book import Body
from reports.contexts.page import Language

#: States of a body's total without points, in the order pages list them.
WITHOUT_GRADE = ("not_assessed", "no_return")

#: Rules of sentences about an indicator that has points.
_SCORED = "indicator.value"


def grade_names(view: Language) -> dict[str, str]:
    """Grade id → its name, best first; empty where the edition has no scheme."""
    scheme = view.book.edition.scheme
    return {grade["id"]: view.t.of(grade["name"]) for grade in scheme["grades"]} if scheme else {}


def _paragraphs(view: Language, body: Body) -> list[dict[str, Any]]:
    """The sentences about a body, joined by paragraph; `scored` tells those that gave points."""
    joined: dict[int, dict[str, Any]] = {}
    blank = "" if view.t.language == "zh" else " "
    for row in view.book.explanations_of.get(body.subject_id, []):
        found = joined.setdefault(row["paragraph"], {"sentences": [], "scored": False})
        found["sentences"].append(row[view.t.language])
        found["scored"] |= row["rule"].startswith(_SCORED)
    return [{"text": blank.join(found["sentences"]), "scored": found["scored"]} for _, found in sorted(joined.items())]


def _interval(row: Mapping[str, Any]) -> str:
    if row["points_lower"] is None or row["points_upper"] is None:
        return ""
    return f"{numbers.points(row['points_lower'])}–{numbers.points(row['points_upper'])}"


def _reason(view: Language, row: Mapping[str, Any]) -> str:
    return view.t.known(f"not_scored.{row['reason']}", row["reason"]) if row["reason"] else ""


def _item(view: Language, row: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator or a gate of the scheme, as one body has it."""
    declared = view.book.declared.get(row["item_id"])
    unit = declared["unit"] if declared else "share"
    return {
        **(view.indicator_link(declared) if declared else {"name": row["item_id"], "href": ""}),
        "variant": view.variant_label(declared, row["variant"]),
        "weight": _percent(row["weight"]),
        "value": numbers.NO_VALUE if row["value"] is None else numbers.value(row["value"], unit),
        "points": numbers.points(row["points"]),
        "interval": _interval(row),
        "reason": _reason(view, row),
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{numbers.half_up(share * 100, 1)} %"


def _gate(view: Language, row: Mapping[str, Any]) -> dict[str, Any]:
    # The edition holds a gate's factor times 100.
    factor = None if row["points"] is None else row["points"] / 100
    return {
        **_item(view, row),
        "factor": numbers.NO_VALUE if factor is None else numbers.half_up(factor, 3),
        "lowers": factor is not None and factor < 1,
    }


def judgement(view: Language, body: Body) -> dict[str, Any]:
    """What `subject.html` shows at its top; `state` is empty where the edition judged nothing."""
    rows = view.book.scores_of.get(body.subject_id, [])
    total = next((row for row in rows if row["item_kind"] == "total"), None)
    paragraphs = _paragraphs(view, body)
    scheme = view.book.edition.scheme or {"pillars": [], "name": {"zh": "", "en": ""}}
    names = {pillar["id"]: view.t.of(pillar["name"]) for pillar in scheme["pillars"]}
    grades = grade_names(view)
    ends = [grades.get(total[end] or "", "") for end in ("grade_lower", "grade_upper")] if total else ["", ""]
    return {
        "state": total["state"] if total else "",
        "scheme": view.t.of(scheme["name"]),
        "opening": next((p["text"] for p in paragraphs), ""),
        "scored": [p["text"] for p in paragraphs[1:] if p["scored"]],
        "unscored": [p["text"] for p in paragraphs[1:] if not p["scored"]],
        "points": numbers.points(total["points"]) if total else "",
        "interval": _interval(total) if total else "",
        "grade": grades.get(total["grade"], "") if total else "",
        "grade_range": "–".join(ends) if ends[0] != ends[1] else "",
        "reason": _reason(view, total) if total else "",
        "gates": [_gate(view, row) for row in rows if row["item_kind"] == "gate"],
        "pillars": [
            {
                "name": names.get(pillar["item_id"], pillar["item_id"]),
                "weight": _percent(pillar["weight"]),
                "points": numbers.points(pillar["points"]),
                "interval": _interval(pillar),
                "indicators": [
                    _item(view, row)
                    for row in rows
                    if row["item_kind"] == "indicator" and row["pillar_id"] == pillar["item_id"]
                ],
            }
            for pillar in rows
            if pillar["item_kind"] == "pillar"
        ],
    }


def grade_table(view: Language) -> dict[str, Any]:
    """How many bodies of every peer group have which grade; bodies are counted, never put in an order."""
    book, t = view.book, view.t
    totals = book.edition.scores.filter(pl.col("item_kind") == "total")
    of_body = {
        row["subject_id"]: row["grade"] if row["state"] == "assessed" else row["state"]
        for row in totals.iter_rows(named=True)
    }
    columns: dict[str | None, str] = dict(grade_names(view).items())
    columns |= {state: t(f"assessed.{state}") for state in WITHOUT_GRADE}
    if any(body.subject_id not in of_body for body in book.bodies):
        columns[None] = t("assessed.no_total")
    rows = []
    sums = [0] * len(columns)
    for group, bodies in book.groups:
        found = [of_body.get(body.subject_id) for body in bodies]
        counts = [found.count(column) for column in columns]
        sums = [before + count for before, count in zip(sums, counts, strict=True)]
        label = book.group_label(group["kind"], group["field"], t.language)
        rows.append({"label": label, "count": len(bodies), "counts": counts})
    return {
        "columns": list(columns.values()),
        "rows": rows if of_body else [],
        "sums": sums,
        "count": len(book.bodies),
    }


def over_time(view: Language) -> dict[str, Any]:
    """Mean points now and in the last edition, of the same bodies in both; no rows where there is no last edition."""
    scheme = view.book.edition.scheme or {"pillars": []}
    names = {pillar["id"]: view.t.of(pillar["name"]) for pillar in scheme["pillars"]}
    found = list(view.book.edition.over_time.iter_rows(named=True))
    rows = [
        {
            "name": view.t("over_time.total")
            if row["item_kind"] == "total"
            else names.get(row["item_id"], row["item_id"]),
            "bodies": row["bodies"],
            "left_out": row["left_out"],
            "before": numbers.points(row["base_points"]),
            "now": numbers.points(row["points"]),
            "difference": numbers.points_difference(row["points"], row["base_points"]),
        }
        for row in found
    ]
    return {
        "rows": rows,
        "base_month": found[0]["base_period"] if found else "",
        "month": found[0]["period"] if found else "",
        "same_scheme": all(row["same_scheme"] for row in found),
    }
