"""What a revision changed: every number that differs from the edition it replaces, why, and by which records."""

from collections.abc import Mapping
from typing import Any

from reports import numbers
from reports.contexts.book import Body
from reports.contexts.judgement import grade_names
from reports.contexts.page import Language, record_link
from reports.contexts.quality import entity_label
from reports.edition import PERIOD_KINDS

#: Kinds of changed numbers in the order pages list them.
KINDS = ("total", "points", "result")


def revision_note(view: Language, depth: int = 0) -> dict[str, Any]:
    """Which revision this is, what it replaces, how many numbers it changed; empty for a first edition."""
    edition = view.book.edition
    if edition.revision == 1:
        return {}
    return {
        "number": edition.revision,
        "replaces": view.edition_link(edition.previous, depth),
        "changed": edition.restatement.height,
        "bodies": edition.restatement["subject_id"].n_unique(),
        "there": edition.holds("restatement"),
    }


def _side(view: Language, row: Mapping[str, Any], side: str) -> dict[str, str]:
    """One of the two numbers: its text and what stands below it (counts, or the grade)."""
    value, state = row[f"{side}_value"], row[f"{side}_state"]
    if state is None:
        return {"value": numbers.NO_VALUE, "below": view.t("revision.not_there")}
    if row["kind"] != "result":
        without = view.t.known(f"assessed.{state}", "") if row["kind"] == "total" else ""
        return {"value": numbers.points(value), "below": grade_names(view).get(state, without)}
    unit = view.book.declared.get(row["indicator_id"], {}).get("unit", "share")
    counts = f"{numbers.amount(row[f'{side}_numerator'] or 0.0)}/{numbers.amount(row[f'{side}_denominator'] or 0.0)}"
    hidden = value is None or state in numbers.HIDDEN
    return {"value": numbers.NO_VALUE if hidden else numbers.value(value, unit), "below": counts}


def _records(view: Language, names: list[str]) -> list[dict[str, str]]:
    """The records behind a change by name; those that the edition has lead to their details."""
    found = []
    for name in names:
        entity, _, record = name.partition("/")
        body = view.book.body_of.get(view.book.restated_records.get((entity, record), ""))
        change = view.book.restated_as.get((entity, record), "")
        found.append(
            {
                "entity": entity_label(view.book, entity, view.t),
                "id": " · ".join(record.split("|")),
                "change": view.t(f"revision.change.{change}") if change else "",
                "page": f"subjects/{body.slug}.html{record_link(entity, record)}" if body else "",
            }
        )
    return found


def _behind(row: Mapping[str, Any], rows: list[dict[str, Any]], month: str) -> list[str]:
    """The records of a changed result; of points those of their result, of the total those of all of the month."""
    if row["kind"] == "result":
        return list(row["records"] or [])
    key = ("indicator_id", "variant", "period_kind", "period")
    of = [
        one
        for one in rows
        if one["kind"] == "result"
        and (one["period"] == month if row["kind"] == "total" else all(one[name] == row[name] for name in key))
    ]
    return sorted({name for one in of for name in one["records"] or []})


def body_revision(view: Language, body: Body) -> list[dict[str, Any]]:
    """The changed numbers of a body: its total, points, then results by indicator; none where nothing changed."""
    book, t = view.book, view.t
    rows = book.restated_of.get(body.subject_id, [])
    place = {indicator["id"]: number for number, indicator in enumerate(book.indicators)}
    kinds = {kind: number for number, kind in enumerate(PERIOD_KINDS)}

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        declared = book.declared.get(row["indicator_id"])
        variant = 0 if declared and row["variant"] == declared["default_variant"] else 1
        kind = kinds.get(row["period_kind"], len(kinds))
        return KINDS.index(row["kind"]), place.get(row["indicator_id"], len(place)), variant, row["variant"] or "", kind

    # Two sorts: periods downwards, the rest upwards.
    ordered = sorted(sorted(rows, key=lambda row: row["period"], reverse=True), key=order)
    made = []
    for row in ordered:
        declared = book.declared.get(row["indicator_id"])
        none = {"name": row["indicator_id"] or t("over_time.total"), "href": ""}
        made.append(
            {
                "kind": "" if row["kind"] == "total" else t(f"revision.kind.{row['kind']}"),
                "indicator": view.indicator_link(declared) if declared else none,
                "variant": view.variant_label(declared, row["variant"]),
                "period": _period(view, row),
                "old": _side(view, row, "old"),
                "new": _side(view, row, "new"),
                "causes": [t(f"revision.cause.{cause}") for cause in row["cause"].split(",")],
                "records": _records(view, _behind(row, rows, book.edition.month)),
            }
        )
    return made


def replaced_value(view: Language, body: Body, indicator: Mapping[str, Any], variant: str, month: str) -> str:
    """What a month's value was in the edition that this revision replaces; empty where it is the same."""
    key = ("result", indicator["id"], variant, PERIOD_KINDS[0], month)
    names = ("kind", "indicator_id", "variant", "period_kind", "period")
    for row in view.book.restated_of.get(body.subject_id, []):
        if tuple(row[name] for name in names) == key:
            old = _side(view, row, "old")
            return f"{old['value']} {old['below']}"
    return ""


def _period(view: Language, row: Mapping[str, Any]) -> str:
    month = view.month(row["period"])
    if row["period_kind"] in (None, "", PERIOD_KINDS[0]):
        return month
    return view.t("revision.until", period=view.t(f"period.{row['period_kind']}"), month=month)


def _causes(view: Language) -> list[dict[str, Any]]:
    """How many numbers of how many bodies each cause changed; a number with two causes counts under both."""
    counted: dict[str, tuple[int, set[str]]] = {}
    for row in view.book.edition.restatement.select("cause", "subject_id").iter_rows(named=True):
        for cause in row["cause"].split(","):
            count, bodies = counted.get(cause, (0, set()))
            counted[cause] = (count + 1, bodies | {row["subject_id"]})
    return [
        {
            "label": view.t(f"revision.cause.{cause}"),
            "meaning": view.t(f"revision.meaning.{cause}"),
            "numbers": f"{count:,}",
            "bodies": len(bodies),
        }
        for cause, (count, bodies) in sorted(counted.items(), key=lambda one: (-one[1][0], one[0]))
    ]


def revision_page(view: Language) -> dict[str, Any]:
    """Context of `revision.html`: what replaces what, causes with their counts, every changed number by body."""
    return {
        **view.common("revision", view.t("revision.title"), section="index"),
        "revision": revision_note(view),
        "causes": _causes(view),
        "bodies": [
            {"name": body.name, "href": f"subjects/{body.slug}.html#revision", "rows": rows}
            for body in view.book.bodies
            if (rows := body_revision(view, body))
        ],
    }
