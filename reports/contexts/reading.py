"""The pages that explain: method and glossary; and the labels that scripts need."""

from typing import Any

from reports.contexts.page import Language
from reports.edition import PERIOD_KINDS, period_months

STATUSES = ("ok", "small", "tiny", "none", "bounds")
STATES = ("hit", "miss", "excluded", "undecidable")

#: The intervals of domain §5.1, shown as examples: hits, units, interval.
EXAMPLES = (("6", "6", "61.0–100.0 %"), ("5", "6", "43.6–97.0 %"), ("265", "288", "88.3–94.6 %"))


def method(view: Language) -> dict[str, Any]:
    """Context of `method.html`."""
    t = view.t
    month = view.book.edition.month
    return {
        **view.common("method", t("nav.method")),
        "statuses": [{"status": s, "label": t(f"status.{s}"), "meaning": t(f"status_meaning.{s}")} for s in STATUSES],
        "states": [{"label": t(f"state.{s}"), "meaning": t(f"state_meaning.{s}")} for s in STATES],
        "period_rows": [
            {
                "label": t(f"period.{kind}"),
                "meaning": t(f"period_meaning.{kind}"),
                "span": _span(view, period_months(month, kind)),
            }
            for kind in PERIOD_KINDS
        ],
        "examples": EXAMPLES,
    }


def _span(view: Language, months: list[str]) -> str:
    first, last = view.month(months[0]), view.month(months[-1])
    return first if first == last else f"{first} – {last}"


def glossary(view: Language) -> dict[str, Any]:
    """Context of `glossary.html`: the terms of reports, then the indicators, both languages side by side."""
    t = view.t
    names = dict.fromkeys(key.split(".")[0] for key in t.below("term."))
    return {
        **view.common("glossary", t("nav.glossary")),
        "terms": [
            {"zh": t(f"term.{name}.zh"), "en": t(f"term.{name}.en"), "meaning": t(f"term.{name}.meaning")}
            for name in names
        ],
        "indicators": [
            {
                "href": view.indicator_link(i)["href"],
                "zh": i["name"]["zh"],
                "en": i["name"]["en"],
                "meaning": t.of(i["question"]),
            }
            for i in view.book.indicators
        ],
    }


def script_labels(view: Language) -> dict[str, Any]:
    """What `assets/records.js` says in one language: texts, indicators, entities, fields, codes."""
    book, t = view.book, view.t
    language = t.language
    contracts = book.contracts
    return {
        "language": t.language,
        "month": book.edition.month,
        "texts": t.below("records."),
        "states": {s: t(f"state.{s}") for s in STATES},
        "statuses": {s: t(f"status.{s}") for s in STATUSES},
        "periods": {kind: t(f"period.{kind}") for kind in PERIOD_KINDS},
        "reasons": t.below("reason."),
        "units": t.below("unit_kind."),
        "subjects": {body.subject_id: body.name for body in book.bodies},
        "agencies": {row["agency_id"]: row["name"] for rows in book.agencies.values() for row in rows},
        "indicators": {
            i["id"]: {
                "name": t.of(i["name"]),
                "unit": i["unit"],
                "variants": {name: view.variant_label(i, name) for name in i["variants"]},
                "states": {s: t.known(f"state_of.{i['id']}.{s}", t(f"state.{s}")) for s in STATES},
                "reasons": {code: t.of(label) for code, label in i["reasons"].items()},
            }
            for i in book.indicators
        },
        "entities": {
            name: {
                "label": contract.label.text(language),
                "key": contract.key[0],
                "fields": {
                    f.name: [f.label.text(language), f.type, f.codes or "", f.references or ""] for f in contract.fields
                },
                "hidden": [f.label.text(language) for f in contract.fields if f.pii],
            }
            for name, contract in contracts.entities.items()
        },
        "codes": {
            name: {code: label.text(language) for code, label in codes.codes.items()}
            for name, codes in contracts.code_lists.items()
        },
    }
