"""The data-quality page, and the parts of it that the overview shows."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports.contexts.book import Book
from reports.contexts.page import Language
from reports.i18n import Texts

SEVERITIES = ("error", "warning", "info")
BORDERS = ("landed", "publish")


def audit_summary(whole: pl.DataFrame, t: Texts) -> list[dict[str, Any]]:
    """Per border: how many expectations held, how many failed by severity."""
    rows = []
    for border in BORDERS:
        own = whole.filter(pl.col("border") == border)
        failed = own.filter(~pl.col("success"))
        rows.append(
            {
                "label": t(f"border.{border}"),
                "expectations": len(own),
                "held": int(own["success"].sum()),
                "failed": [
                    (t(f"severity.{severity}"), len(failed.filter(pl.col("severity") == severity)))
                    for severity in SEVERITIES
                ],
            }
        )
    return rows


def entity_label(book: Book, entity: str | None, t: Texts) -> str:
    """The contract's name of an entity, the id itself where there is none."""
    contract = book.contracts.entities.get(entity or "")
    return contract.label.text(t.language) if contract else (entity or t("quality.no_entity"))


def field_label(book: Book, entity: str | None, field: str | None, t: Texts) -> str:
    """The contract's name of a field, the name itself where there is none."""
    contract = book.contracts.entities.get(entity or "")
    if contract is None or field not in contract.by_name:
        return field or ""
    return contract.field(field).label.text(t.language)


def loaded(book: Book, t: Texts) -> list[dict[str, str]]:
    """Files and rows by entity, in the order of the contract; files of no known entity last."""
    counts = ["rows_read", "rows_loaded", "rows_quarantined", "rows_filtered"]
    sums = book.edition.files.group_by("entity").agg(pl.len().alias("files"), *(pl.col(c).sum() for c in counts))
    order = {name: position for position, name in enumerate(book.contracts.entities)}
    rows = sorted(sums.iter_rows(named=True), key=lambda r: (order.get(r["entity"], len(order)), r["entity"] or ""))
    return [
        {"entity": entity_label(book, row["entity"], t), **{name: f"{row[name]:,}" for name in ("files", *counts)}}
        for row in rows
    ]


def after_as_of(view: Language, subject_id: str | None = None) -> str | None:
    """What came too late for the month, of one body or of all; None if nothing did."""
    book, t = view.book, view.t
    counts = book.after_as_of.get(subject_id, {})
    parts = [
        t("after_as_of.part", entity=entity_label(book, entity, t), records=f"{counts[entity]:,}")
        for entity in book.contracts.entities
        if entity in counts
    ]
    return t("after_as_of.note", as_of=view.as_of(), parts=t("after_as_of.between").join(parts)) if parts else None


def quality_page(view: Language, slug_of: Mapping[str, str]) -> dict[str, Any]:
    """Context of `quality.html`: every expectation, with the bodies that fail it; every file.

    `slug_of` gives the pages of the expectations that have one.
    """
    book, t = view.book, view.t
    quality = book.edition.quality
    by_body: dict[tuple[str, str], list[dict[str, str]]] = {}
    failing = quality.filter(pl.col("subject_id").is_not_null(), ~pl.col("success"))
    for row in failing.iter_rows(named=True):
        body = book.body_of.get(row["subject_id"])
        by_body.setdefault((row["border"], row["expectation_id"]), []).append(
            {
                "name": body.name if body else row["subject_id"],
                "href": f"audit/{body.slug}.html" if body else "",
                "failing": f"{row['failing']:,}",
                "evaluated": f"{row['evaluated']:,}",
            }
        )
    position = {body.name: index for index, body in enumerate(book.bodies)}
    borders = []
    for border in BORDERS:
        own = quality.filter(pl.col("border") == border)
        whole = own.filter(pl.col("subject_id").is_null())
        # An expectation that is counted by body only still gets its line, summed over bodies.
        only_by_body = own.filter(~pl.col("expectation_id").is_in(whole["expectation_id"].to_list()))
        summed = only_by_body.group_by("expectation_id", maintain_order=True).agg(
            *(pl.col(c).first() for c in own.columns if c not in ("expectation_id", "evaluated", "failing", "success")),
            pl.col("evaluated").sum(),
            pl.col("failing").sum(),
            pl.col("success").all(),
        )
        rows = pl.concat([whole, summed.select(whole.columns).cast(dict(whole.schema))])  # type: ignore[arg-type]
        # First what failed on rows, then what had no row to check, then what held.
        rows = rows.sort("success", pl.col("evaluated") == 0, "entity", "expectation_id")
        borders.append(
            {
                "label": t(f"border.{border}"),
                "expectations": [
                    {
                        "id": row["expectation_id"],
                        "href": f"quality/{slug_of[row['expectation_id']]}.html"
                        if row["expectation_id"] in slug_of
                        else "",
                        "label": row[f"label_{t.language}"],
                        "entity": entity_label(book, row["entity"], t),
                        "field": field_label(book, row["entity"], row["field"], t),
                        "severity": row["severity"],
                        "owner": row[f"owner_{t.language}"],
                        "remedy": row[f"remedy_{t.language}"],
                        "evaluated": f"{row['evaluated']:,}",
                        "failing": f"{row['failing']:,}",
                        "success": row["success"],
                        "bodies": sorted(
                            by_body.get((border, row["expectation_id"]), []), key=lambda b: position.get(b["name"], 0)
                        ),
                    }
                    for row in rows.iter_rows(named=True)
                ],
            }
        )
    files = book.edition.files.sort("name", "entity", "sha256", nulls_last=True)
    return {
        **view.common("quality", t("nav.quality")),
        "audit": audit_summary(quality.filter(pl.col("subject_id").is_null()), t),
        "borders": borders,
        "loaded": loaded(book, t),
        "files": [
            {
                "name": row["name"],
                "entity": entity_label(book, row["entity"], t),
                "status": t.known(f"file_status.{row['status']}", row["status"]),
                "refused": row["status"] == "refused",
                "reason": row.get("reason") or "",
                "sha256": row["sha256"][:12],
                **{
                    name: f"{row[name]:,}" for name in ("rows_read", "rows_loaded", "rows_quarantined", "rows_filtered")
                },
            }
            for row in files.iter_rows(named=True)
        ],
    }
