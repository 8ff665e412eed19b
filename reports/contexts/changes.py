"""Why a number moved: what the mix of domains and the rates within them add to the difference of two months."""

from collections.abc import Iterator, Mapping
from typing import Any

from reports import numbers
from reports.contexts.book import Body
from reports.contexts.page import Language

COMPARISONS = ("previous_month", "year_before")

#: The cause of a difference between months of two versions of the definition.
BY_DEFINITION = "definition"

#: The stratum of units that have no matter.
NO_DOMAIN = "none"


def _split(view: Language, indicator: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One difference: both values, their difference as printed, mix over all domains and, the rest of it, the rate.

    Between months of two versions of the definition, or of few units, there is no mix and no rate: `unsplit` says why.
    """
    unit, first = indicator["unit"], rows[0]
    found = numbers.difference(first["value"], first["base_value"], unit)
    unsplit = _unsplit(view, rows)
    mix, rate = found.split(sum(row["mix_effect"] for row in rows)) if found and not unsplit else ("", "")
    return {
        "comparison": first["comparison"],
        "base_month": first["base_period"],
        "before": numbers.value(first["base_value"], unit) if first["base_value"] is not None else numbers.NO_VALUE,
        "now": numbers.value(first["value"], unit) if first["value"] is not None else numbers.NO_VALUE,
        "difference": str(found) if found else "",
        "mix": mix,
        "rate": rate,
        "unsplit": unsplit,
    }


def _unsplit(view: Language, rows: list[dict[str, Any]]) -> str:
    """Why a difference is not split into mix and rate, as a body's text says too; empty if it is."""
    first = rows[0]
    if first.get("cause") == BY_DEFINITION:
        return view.t("changes.definition", before=first["base_definition_version"], now=first["definition_version"])
    needed = int(view.book.edition.manifest.get("parameters", {}).get("small_below", 0))
    fewest = min(sum(row["denominator"] for row in rows), sum(row["base_denominator"] for row in rows))
    return view.t("changes.too_few", needed=needed) if fewest < needed else ""


def splits(
    view: Language, level: str, entity: str, indicator: Mapping[str, Any], variant: str
) -> Iterator[dict[str, Any]]:
    """The differences to the month before and to the same month a year before, those that the edition holds."""
    found = view.book.changes_of.get((level, entity, indicator["id"], variant), {})
    return (_split(view, indicator, found[comparison]) for comparison in COMPARISONS if comparison in found)


def body_changes(view: Language, body: Body) -> list[dict[str, Any]]:
    """The changes of a body's default variants since the month before."""
    rows = []
    for indicator in view.book.indicators:
        newest = next(splits(view, "subject", body.subject_id, indicator, indicator["default_variant"]), None)
        if newest is not None:
            rows.append({**view.indicator_link(indicator), "splits": [newest]})
    return rows


def domain_table(view: Language, indicator: Mapping[str, Any], variant: str) -> list[dict[str, Any]]:
    """Per comparison what every domain adds to the total's difference, what adds most first."""
    unit = indicator["unit"]
    found = view.book.changes_of.get(("total", "total", indicator["id"], variant), {})
    tables = []
    for comparison in COMPARISONS:
        rows = found.get(comparison)
        if not rows:
            continue
        if _unsplit(view, rows):
            tables.append({**_split(view, indicator, rows), "label": view.t(f"changes.{comparison}"), "domains": []})
            continue
        found_difference = numbers.difference(rows[0]["value"], rows[0]["base_value"], unit)
        digits = found_difference.digits if found_difference else 2
        rows = sorted(rows, key=lambda row: (-abs(row["mix_effect"] + row["rate_effect"]), row["domain"]))
        tables.append(
            {
                **_split(view, indicator, rows),
                "label": view.t(f"changes.{comparison}"),
                "domains": [
                    {
                        "name": view.t("changes.no_domain") if row["domain"] == NO_DOMAIN else row["domain"],
                        "before": f"{numbers.amount(row['base_numerator'])}/{numbers.amount(row['base_denominator'])}",
                        "now": f"{numbers.amount(row['numerator'])}/{numbers.amount(row['denominator'])}",
                        "mix": numbers.signed(row["mix_effect"], unit, digits=digits),
                        "rate": numbers.signed(row["rate_effect"], unit, digits=digits),
                    }
                    for row in rows
                ],
            }
        )
    return tables


def changes_page(view: Language) -> dict[str, Any]:
    """Context of `changes.html`: the total of every indicator and variant, split."""
    book, t = view.book, view.t
    rows = []
    for indicator in book.indicators:
        for variant in view.variants(indicator):
            found = list(splits(view, "total", "total", indicator, variant["name"]))
            if found:
                default = variant["name"] == indicator["default_variant"]
                rows.append(
                    {**view.indicator_link(indicator), "variant": variant["label"], "default": default, "splits": found}
                )
    return {
        **view.common("changes", t("nav.changes")),
        "there": book.edition.holds("changes"),
        "default": [row for row in rows if row["default"]],
        "others": [row for row in rows if not row["default"]],
    }
