"""The page of one indicator: what it means, how it is computed, what it is for every body."""

from datetime import date
from typing import Any

from reports.contexts.book import Cell
from reports.contexts.changes import domain_table
from reports.contexts.overview import comparison
from reports.contexts.page import Language
from reports.edition import BESIDE, PERIOD_KINDS


def indicator_page(view: Language, indicator: dict[str, Any]) -> dict[str, Any]:
    """Context of `indicator.html`."""
    book, t = view.book, view.t
    slug = book.indicator_slug[indicator["id"]]
    default = indicator["default_variant"]
    declaration = [(t(f"indicator.{key}"), t.of(indicator[key])) for key in ("numerator", "denominator", "exclusions")]
    return {
        **view.common(f"indicators/{slug}", t.of(indicator["name"]), depth=1, section="indicators"),
        "id": indicator["id"],
        "unit": indicator["unit"],
        "name": t.of(indicator["name"]),
        "other_name": indicator["name"]["en" if t.language == "zh" else "zh"],
        "question": t.of(indicator["question"]),
        "declaration": declaration,
        "caveat": t.of(indicator["caveat"]),
        "legal_basis": [t.of(basis) for basis in indicator["legal_basis"]],
        "facts": [
            (t("indicator.unit"), t(f"unit.{indicator['unit']}")),
            (t("indicator.direction"), t(f"direction.{indicator['direction']}")),
            (t("indicator.interval"), t(f"interval.{indicator['interval']}")),
            (t("indicator.version"), str(indicator["version"])),
            (t("indicator.valid_from"), view.day(date.fromisoformat(str(indicator["valid_from"])[:10]))),
            (t("indicator.owner"), _text(view, indicator["owner"])),
            (t("indicator.model"), indicator["model"]),
        ],
        "reasons": [(code, t.of(label)) for code, label in indicator["reasons"].items()],
        "sql": indicator["sql"],
        "chart": book.chart(indicator),
        "domains": domain_table(view, indicator, default),
        "months": book.edition.months,
        "totals": [
            {
                **variant,
                "cells": list(zip(PERIOD_KINDS, book.cells("total", "total", indicator, variant["name"]), strict=True)),
            }
            for variant in view.variants(indicator)
        ],
        "beside": [(kind, t(f"period.{kind}")) for kind in BESIDE],
        "variants": [
            {
                **variant,
                "key": f"{indicator['id']}/{variant['name']}",
                "axis": [(kind, book.axis_label(indicator, variant["name"], kind)) for kind in PERIOD_KINDS],
                "groups": comparison(view, [(indicator, variant["name"])])
                if variant["name"] == default
                else _beside(view, indicator, variant["name"]),
            }
            for variant in view.variants(indicator)
        ],
    }


def _beside(view: Language, indicator: dict[str, Any], variant: str) -> list[dict[str, Any]]:
    """Peer groups with their bodies, a cell for the month and one for twelve months."""
    book = view.book

    def cells(level: str, entity: str) -> list[Cell | None]:
        return [book.cell(level, entity, indicator, variant, kind) for kind in BESIDE]

    return [
        {
            "label": book.group_label(row["kind"], row["field"], view.t.language),
            "count": len(bodies),
            "cells": cells("peer_group", row["peer_group_id"]),
            "bodies": [
                {"name": b.name, "href": f"subjects/{b.slug}.html", "cells": cells("subject", b.subject_id)}
                for b in bodies
            ],
        }
        for row, bodies in book.groups
    ]


def _text(view: Language, value: Any) -> str:
    return view.t.of(value) if isinstance(value, dict) else str(value)


def indicators_page(view: Language) -> dict[str, Any]:
    """Context of `indicators.html`: every indicator with its question and total."""
    book = view.book
    return {
        **view.common("indicators", view.t("nav.indicators")),
        "indicators": [
            {
                **view.indicator_link(indicator),
                "question": view.t.of(indicator["question"]),
                "headline": indicator["headline"],
                "cells": list(
                    zip(
                        PERIOD_KINDS,
                        book.cells("total", "total", indicator, indicator["default_variant"]),
                        strict=True,
                    )
                ),
            }
            for indicator in book.indicators
        ],
    }
