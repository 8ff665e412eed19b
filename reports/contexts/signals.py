"""Integrity signals: what was tested, where it fired, with which statistic. A signal is a question, not a verdict."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports import numbers
from reports.contexts.book import Body
from reports.contexts.page import Language, record_link
from reports.contexts.tallies import Fired

#: How many records behind one signal a page lists.
LISTED_RECORDS = 300

#: Parts of a scope that say what kind of thing the next part is.
_KINDS_OF_SCOPE = ("matter", "domain")


def _slug(signal: Mapping[str, Any]) -> str:
    return str(signal["id"])


def _scope(view: Language, row: Mapping[str, Any]) -> str:
    """What was tested in words: a body, a matter and a kind of body, an officer, a run of cases."""
    book, t = view.book, view.t
    parts = [] if row["scope_id"] == row["subject_id"] else row["scope_id"].split(":")
    body = book.body_of.get(row["subject_id"] or "")
    words = [body.name] if body else []
    for part in parts:
        if part in _KINDS_OF_SCOPE or part == row["subject_id"]:
            continue
        named = book.body_of.get(part)
        word = named.name if named else book.matter_names.get(part)
        words.append(word or t.known(f"signals.scope.{part}", book.code_label("subjects", "kind", part, t.language)))
    return " · ".join(words)


def _records(view: Language, fired: Fired) -> list[dict[str, str]]:
    """The records behind a signal, each with the page of the body that sent it."""
    found = []
    for key in fired.records[:LISTED_RECORDS]:
        body = view.book.body_of.get(view.book.record_bodies.get(key) or fired.row["subject_id"] or "")
        found.append({"id": key[1], "link": record_link(*key), "page": f"subjects/{body.slug}.html" if body else ""})
    return found


def _fired(view: Language, fired: Fired) -> dict[str, Any]:
    row, book = fired.row, view.book
    body = book.body_of.get(row["subject_id"] or "")
    return {
        "signal": row["signal_id"],
        "scope": _scope(view, row),
        "body_href": f"subjects/{body.slug}.html" if body else "",
        "month": fired.month,
        "now": fired.month == book.edition.month,
        "earlier": list(fired.months[:-1]),
        "statistic": numbers.statistic(row["statistic"], row["threshold"] if row["p_value"] is None else None),
        "p_value": "" if row["p_value"] is None else numbers.probability(row["p_value"], row["threshold"]),
        "threshold": numbers.statistic(row["threshold"]),
        "units": f"{row['units']:,}",
        "records": _records(view, fired),
        "record_count": len(fired.records),
    }


def signal_link(view: Language, signal: Mapping[str, Any]) -> dict[str, str]:
    """Id, name and page of a signal."""
    return {"id": signal["id"], "name": view.t.of(signal["name"]), "href": f"signals/{_slug(signal)}.html"}


def body_signals(view: Language, body: Body) -> dict[str, Any]:
    """What `subject.html` shows: the signals that fired for this body in the edition's months, newest first."""
    declared = {signal["id"]: signal for signal in view.book.edition.signals}
    rows = [
        {
            **_fired(view, fired),
            "link": signal_link(view, declared[fired.row["signal_id"]]),
            "question": view.t.of(declared[fired.row["signal_id"]]["question"]),
            "caveat": view.t.of(declared[fired.row["signal_id"]]["caveat"]),
        }
        for fired in view.book.signals_of.get(body.subject_id, [])
    ]
    return {
        "now": [row for row in rows if row["now"]],
        "earlier": [row for row in rows if not row["now"]],
        "there": view.book.edition.holds("signals"),
    }


def signal_counts(view: Language) -> list[dict[str, Any]]:
    """Every signal: scopes tested and fired in the edition's month, scopes that fired in any of its months."""
    edition = view.book.edition
    month = edition.signal_results.filter(pl.col("month").dt.to_string("%Y-%m") == edition.month)
    counted = {
        row["signal_id"]: row
        for row in month.group_by("signal_id").agg(tested=pl.len(), fired=pl.col("has_fired").sum()).to_dicts()
    }
    rows = []
    for signal in edition.signals:
        own = counted.get(signal["id"], {"tested": 0, "fired": 0})
        scopes = [fired for fired in view.book.fired_signals if fired.row["signal_id"] == signal["id"]]
        rows.append(
            {
                **signal_link(view, signal),
                "question": view.t.of(signal["question"]),
                "tested": own["tested"],
                "fired": own["fired"],
                "ever": len(scopes),
                "judged_by": view.t(f"signals.by.{signal['threshold_of']}"),
                "threshold": numbers.statistic(signal["threshold"]),
            }
        )
    return rows


def signals_page(view: Language) -> dict[str, Any]:
    """Context of `signals.html`."""
    return {
        **view.common("signals", view.t("nav.signals")),
        "there": view.book.edition.holds("signals"),
        "tested": not view.book.edition.signal_results.is_empty(),
        "signals": signal_counts(view),
        "months": view.book.edition.months,
    }


def signal_page(view: Language, signal: Mapping[str, Any]) -> dict[str, Any]:
    """Context of `signal.html`: what it asks, how it tests, where it fired."""
    book, t = view.book, view.t
    alarm = signal.get("false_alarm_rate")
    own = book.edition.signal_results.filter(pl.col("signal_id") == signal["id"])
    months = dict(
        own.group_by(pl.col("month").dt.to_string("%Y-%m").alias("at"))
        .agg(pl.struct(pl.len().alias("tested"), pl.col("has_fired").sum().alias("fired")).first().alias("counts"))
        .iter_rows()
    )
    fired = [_fired(view, one) for one in book.fired_signals if one.row["signal_id"] == signal["id"]]
    labels = signal.get("parameter_labels", {})
    return {
        **view.common(f"signals/{_slug(signal)}", t.of(signal["name"]), depth=1, section="signals"),
        "id": signal["id"],
        "there": book.edition.holds("signals"),
        "question": t.of(signal["question"]),
        "test": t.of(signal["test"]),
        "caveat": t.of(signal["caveat"]),
        "legal_basis": [t.of(basis) for basis in signal.get("legal_basis", [])],
        "facts": [
            (t("signals.judged_by"), t(f"signals.by.{signal['threshold_of']}")),
            (t("signals.threshold"), numbers.statistic(signal["threshold"])),
            (t("signals.false_alarm"), t("signals.no_model") if alarm is None else numbers.statistic(alarm)),
            (t("quality.owner"), t.of(signal["owner"])),
            *((t.of(labels[name]), str(value)) for name, value in signal["parameters"].items() if name in labels),
        ],
        "now": [row for row in fired if row["now"]],
        "earlier": [row for row in fired if not row["now"]],
        "months": [
            {"month": month, **(months.get(month) or {"tested": 0, "fired": 0})}
            for month in reversed(book.edition.months)
        ],
        "sql": signal["sql"],
    }
