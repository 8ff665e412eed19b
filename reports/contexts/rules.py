"""Statutory rules: what each one found, for which body, and the records that failed."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from reports import numbers
from reports.contexts.book import Body
from reports.contexts.page import Language, record_link
from reports.contexts.quality import field_label
from reports.contexts.tallies import RULE_RESULTS
from reports.edition import PERIOD_KINDS, TWELVE_MONTHS


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"


def _counts(view: Language, rule: str, subject: str | None) -> list[str]:
    """Records that failed in the month, then those of twelve months by result in the order of `RULE_RESULTS`."""
    found = view.book.rule_counts.get((rule, subject), {})
    year = found.get(TWELVE_MONTHS, {})
    return [f"{found.get('month', {}).get('fail', 0):,}", *(f"{year.get(result, 0):,}" for result in RULE_RESULTS)]


def count_labels(view: Language) -> list[str]:
    """The heads of `_counts`."""
    labels = [view.t(f"rule.result.{result}") for result in RULE_RESULTS]
    return [view.t("rule.failed_month"), view.t("rule.failed_year"), *labels[1:]]


def _reason(view: Language, rule: Mapping[str, Any], code: str | None) -> str:
    if code is None:
        return ""
    label = rule["reasons"].get(code)
    return view.t.of(label) if label else code


def _slug(rule: Mapping[str, Any]) -> str:
    return str(rule["id"]).lower()


def rule_link(view: Language, rule: Mapping[str, Any]) -> dict[str, str]:
    """Id, name, article and page of a rule."""
    return {
        "id": rule["id"],
        "name": view.t.of(rule["name"]),
        "article": view.t.of(rule["article"]),
        "severity": rule["severity"],
        "href": f"rules/{_slug(rule)}.html",
    }


def _measured(view: Language, rule: Mapping[str, Any], number: float | None, limit: float | None = None) -> str:
    """What a rule compares, with its unit where the rule declares one (an edition of an earlier version does not)."""
    if number is None:
        return ""
    measure = rule.get("measure")
    text = numbers.statistic(number, limit)
    return f"{text} {view.t.of(measure)}" if measure else text


def _failed(view: Language, rule: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    body = view.book.body_of.get(row["subject_id"])
    return {
        "rule": rule_link(view, rule),
        "body": body.name if body else row["subject_id"],
        "body_href": f"subjects/{body.slug}.html" if body else "",
        "record": row["record_id"],
        "record_link": record_link(row["record_entity"], row["record_id"]),
        "month": f"{row['month']:%Y-%m}",
        "from": _moment(row["from_at"]),
        "to": _moment(row["to_at"]),
        "observed": _measured(view, rule, row["observed"], row["allowed"]),
        "allowed": _measured(view, rule, row["allowed"]),
        "reason": _reason(view, rule, row["reason"]),
    }


def failed_records(view: Language, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The failing records of `rows`, the newest month first, by rule within a month."""
    declared = {rule["id"]: rule for rule in view.book.edition.rules}
    # Two sorts: months downwards, the rest upwards.
    ordered = sorted(rows, key=lambda row: (row["rule_id"], row["record_id"]))
    ordered.sort(key=lambda row: row["month"], reverse=True)
    return [_failed(view, declared[row["rule_id"]], row) for row in ordered]


def is_any_judged(view: Language, subject: str | None) -> bool:
    """Whether some rule has a record of the last twelve months, of a body or (None) of any."""
    return any((rule["id"], subject) in view.book.rule_counts for rule in view.book.edition.rules)


def body_rules(view: Language, body: Body) -> dict[str, Any]:
    """What `subject.html` shows of the rules: counts of those with a failing record, and these records."""
    failed = [rule for rule in view.book.edition.rules if _fails(view, rule, body)]
    return {
        "rows": [{**rule_link(view, rule), "counts": _counts(view, rule["id"], body.subject_id)} for rule in failed],
        "records": failed_records(view, view.book.failed_rules_of.get(body.subject_id, [])),
        "judged": is_any_judged(view, body.subject_id),
        "there": view.book.edition.holds("rules"),
    }


def _fails(view: Language, rule: Mapping[str, Any], body: Body) -> bool:
    return view.book.rule_counts.get((rule["id"], body.subject_id), {}).get(TWELVE_MONTHS, {}).get("fail", 0) > 0


def rule_totals(view: Language) -> list[dict[str, Any]]:
    """The rules that some record of the edition's month fails, most records first."""
    rows = []
    for rule in view.book.edition.rules:
        found = view.book.rule_counts.get((rule["id"], None), {}).get(PERIOD_KINDS[0], {})
        if found.get("fail"):
            judged = found["fail"] + found.get("pass", 0)
            rows.append({**rule_link(view, rule), "failed": found["fail"], "judged": judged})
    return sorted(rows, key=lambda row: (-row["failed"], row["id"]))


def rules_page(view: Language) -> dict[str, Any]:
    """Context of `rules.html`: every rule with its counts, and those that no field decides."""
    book, t = view.book, view.t
    return {
        **view.common("rules", t("nav.rules")),
        "there": book.edition.holds("rules"),
        "judged": is_any_judged(view, None),
        "results": count_labels(view),
        "rules": [
            {
                **rule_link(view, rule),
                "text": t.of(rule["text"]),
                "counts": _counts(view, rule["id"], None),
            }
            for rule in book.edition.rules
        ],
        "undecided": [
            {
                **rule_link(view, rule),
                "why": t.of(rule["why"]),
                "fields": [field.replace(".", " · ") for field in rule["missing_fields"]],
            }
            for rule in book.edition.undecided_rules
        ],
    }


def rule_page(view: Language, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Context of `rule.html`: what it asks, what it found by body and reason, the records that fail it."""
    book, t = view.book, view.t
    order = {result: place for place, result in enumerate(RULE_RESULTS)}
    link = rule_link(view, rule)
    return {
        **view.common(f"rules/{_slug(rule)}", link["name"], depth=1, section="rules"),
        "rule": link,
        "there": book.edition.holds("rules"),
        "results": count_labels(view),
        "text": t.of(rule["text"]),
        "exceptions": t.of(rule["exceptions"]) if rule.get("exceptions") else "",
        "fields": [
            field_label(book, *field.split(".", 1), t) if "." in field else field  # type: ignore[call-arg]
            for field in rule.get("fields", [])
        ],
        "counts": _counts(view, rule["id"], None),
        "reasons": [
            {
                "label": _reason(view, rule, row["reason"]),
                "result": t(f"rule.result.{row['result']}"),
                "count": f"{row['len']:,}",
            }
            for row in sorted(
                book.rule_reasons.get(rule["id"], []),
                key=lambda row: (order[row["result"]], -row["len"], row["reason"]),
            )
        ],
        "bodies": [
            {
                "name": body.name,
                "href": f"subjects/{body.slug}.html",
                "counts": _counts(view, rule["id"], body.subject_id),
            }
            for body in book.bodies
            if TWELVE_MONTHS in book.rule_counts.get((rule["id"], body.subject_id), {})
        ],
        "records": failed_records(view, book.failures_of_rule.get(rule["id"], [])),
        "sql": rule["sql"],
    }
