"""Law application: the laws, articles and matters that decided cases rest on, discretion, and what changed."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from reports import numbers
from reports.contexts.page import Language
from reports.edition import TWELVE_MONTHS

#: Classes of use, most used first.
CLASSES = ("frequent", "occasional", "rare", "dormant", "unused", "not_in_force")

#: Where a fine may lie, lowest first; the columns of the relation.
BANDS = (
    "below_band", "at_minimum", "lower_third", "middle_third", "upper_third", "at_maximum", "above_band", "no_band",
)  # fmt: skip

#: Grounds of discretion beside the amount.
GROUNDS = ("lighter", "mitigated", "heavier")

#: The period whose uses stand beside those of twelve months as a count.
COUNTED_TOO = "ytd"


def _slice(frame: pl.DataFrame, unit: str, scope: str, period: str = TWELVE_MONTHS) -> pl.DataFrame:
    return frame.filter(pl.col("period_kind") == period, pl.col("unit_kind") == unit, pl.col("scope_kind") == scope)


def _classes(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    found = [row["usage_class"] for row in rows]
    return [found.count(name) for name in CLASSES]


def _discretion(view: Language, row: Mapping[str, Any]) -> dict[str, Any]:
    """The fines of a row by their place in the band, with widths in percent for the bar."""
    counts = [row[name] or 0 for name in BANDS]
    whole = sum(counts)
    return {
        "whole": whole,
        "parts": [
            {
                "band": name,
                "label": view.t(f"law.band.{name}"),
                "count": count,
                "width": numbers.half_up(100 * count / whole, 2).replace(",", "") if whole else "0",
                "share": f"{numbers.half_up(100 * count / whole, 1)} %" if whole else numbers.NO_VALUE,
            }
            for name, count in zip(BANDS, counts, strict=True)
        ],
        "grounds": [(view.t(f"law.ground.{name}"), row[name] or 0) for name in GROUNDS],
    }


def _by_scope(view: Language, scope: str) -> list[dict[str, Any]]:
    """Bodies or streets: decided cases, laws applied, matters by class, discretion."""
    book, frame = view.book, view.book.edition.law_application
    matters = _slice(frame, "matter", scope)
    laws = _slice(frame, "law", scope)
    applied = dict(laws.filter(pl.col("uses") > 0).group_by("scope_id").len().iter_rows())
    areas = {body.row.get("area_code"): body.name for body in book.bodies if body.kind == "street_town"}
    sums = [pl.col(name).sum() for name in ("uses", *BANDS, *GROUNDS)]
    classes = [(pl.col("usage_class") == name).sum().alias(f"class_{name}") for name in CLASSES]
    rows = {row["scope_id"]: row for row in matters.group_by("scope_id").agg(*sums, *classes).to_dicts()}
    if scope == "subject":
        order = [(body.subject_id, body.name, f"subjects/{body.slug}.html") for body in book.bodies]
    else:
        order = [(area, areas.get(area, area), "") for area in sorted(rows)]
    return [
        {
            "name": name,
            "href": href,
            "uses": f"{rows[key]['uses']:,}",
            "laws": applied.get(key, 0),
            "classes": [rows[key][f"class_{name}"] for name in CLASSES],
            "discretion": _discretion(view, rows[key]),
        }
        for key, name, href in order
        if key in rows
    ]


def _changed(view: Language) -> list[dict[str, Any]]:
    """Articles that began, ended or were replaced in the period, with their uses, the newest change first."""
    articles = _slice(view.book.edition.law_application, "article", "total")
    number = dict(articles.select("unit_id", "article_number").iter_rows())
    changed = articles.filter(pl.col("law_change").is_not_null()).sort(
        "changed_on", "unit_id", descending=[True, False]
    )
    return [
        {
            "law": row["unit_name"],
            "article": row["article_number"] or "",
            "id": row["unit_id"],
            "change": view.t.known(f"law.change.{row['law_change']}", row["law_change"]),
            "on": f"{row['changed_on']:%Y-%m-%d}" if row["changed_on"] else "",
            "replaced_by": number.get(row["replaced_by"]) or row["replaced_by"] or "",
            "uses": f"{row['uses']:,}",
            "out_of_force": row["uses_out_of_force"],
        }
        for row in changed.iter_rows(named=True)
    ]


def _labels(view: Language) -> dict[str, Any]:
    return {
        "classes": [view.t(f"law.class.{name}") for name in CLASSES],
        "bands": [(name, view.t(f"law.band.{name}")) for name in BANDS],
    }


def law_page(view: Language) -> dict[str, Any]:
    """Context of `law.html`: levels, discretion, changed articles, bodies and streets."""
    book, t = view.book, view.t
    frame = book.edition.law_application
    units = [(unit, _slice(frame, unit, "total").to_dicts()) for unit in ("law", "article", "matter")]
    by_law = _slice(frame, "law", "total").to_dicts()
    whole = _slice(frame, "matter", "total").select(pl.col(name).sum() for name in (*BANDS, *GROUNDS)).to_dicts()
    return {
        **view.common("law", t("nav.law")),
        **_labels(view),
        "there": book.edition.holds("law_application"),
        "empty": frame.is_empty(),
        "units": [
            {"label": t(f"law.unit.{unit}"), "count": f"{len(rows):,}", "classes": _classes(rows)}
            for unit, rows in units
        ],
        "levels": [
            {
                "label": book.code_label("laws", "level", row["unit_id"], t.language),
                "laws": sum(law["law_level"] == row["unit_id"] for law in by_law),
                "uses": f"{row['uses']:,}",
                "bodies": row["bodies"],
                "discretion": _discretion(view, row),
            }
            for row in sorted(
                _slice(frame, "level", "total").to_dicts(), key=lambda row: (-row["uses"], row["unit_id"])
            )
        ],
        "discretion": _discretion(view, whole[0]) if whole and not frame.is_empty() else None,
        "changed": _changed(view),
        "bodies": _by_scope(view, "subject"),
        "areas": _by_scope(view, "area"),
    }


def laws_page(view: Language) -> dict[str, Any]:
    """Context of `laws.html`: every law with its articles by class of use."""
    book, t = view.book, view.t
    frame = book.edition.law_application
    articles: dict[str, list[dict[str, Any]]] = {}
    for row in _slice(frame, "article", "total").iter_rows(named=True):
        articles.setdefault(row["law_id"], []).append(row)
    beside = dict(_slice(frame, "law", "total", COUNTED_TOO).select("unit_id", "uses").iter_rows())
    laws = _slice(frame, "law", "total").sort("uses", "unit_id", descending=[True, False])
    return {
        **view.common("law/laws", t("law.laws"), depth=1, section="law"),
        **_labels(view),
        "laws": [
            {
                "id": row["unit_id"],
                "name": row["unit_name"] or row["unit_id"],
                "level": book.code_label("laws", "level", row["law_level"], t.language),
                "class": row["usage_class"],
                "class_label": t(f"law.class.{row['usage_class']}"),
                "uses": f"{row['uses']:,}",
                "beside": beside.get(row["unit_id"], 0),
                "bodies": row["bodies"],
                "last": f"{row['last_used_on']:%Y-%m-%d}" if row["last_used_on"] else "",
                "changed": row["changed_articles"] or 0,
                "classes": _classes(articles.get(row["unit_id"], [])),
                "discretion": _discretion(view, row),
            }
            for row in laws.iter_rows(named=True)
        ],
    }


def matters_page(view: Language) -> dict[str, Any]:
    """Context of `matters.html`: the matters of penalties by class of use."""
    t = view.t
    frame = _slice(view.book.edition.law_application, "matter", "total")
    beside = dict(
        _slice(view.book.edition.law_application, "matter", "total", COUNTED_TOO).select("unit_id", "uses").rows()
    )
    rows = frame.sort("uses", "unit_id", descending=[True, False]).to_dicts()
    return {
        **view.common("law/matters", t("law.matters"), depth=1, section="law"),
        "classes": [
            {
                "class": name,
                "label": t(f"law.class.{name}"),
                "meaning": t(f"law.class_meaning.{name}"),
                "matters": [
                    {
                        "id": row["unit_id"],
                        "name": row["unit_name"] or row["unit_id"],
                        "uses": f"{row['uses']:,}",
                        "beside": beside.get(row["unit_id"], 0),
                        "bodies": row["bodies"],
                        "last": f"{row['last_used_on']:%Y-%m-%d}" if row["last_used_on"] else "",
                    }
                    for row in rows
                    if row["usage_class"] == name
                ],
            }
            for name in CLASSES
        ],
    }
