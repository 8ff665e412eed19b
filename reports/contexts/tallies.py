"""Counts of an edition's rows that several pages show, made once for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.edition import BESIDE, Edition, period_months

#: What a statutory rule can find in a record, worst first.
RULE_RESULTS = ("fail", "undecidable", "pass", "not_applicable")

#: (rule, body or None for all) → period kind → result → records.
RuleCounts = dict[tuple[str, str | None], dict[str, dict[str, int]]]

#: (level, entity, indicator, variant) → comparison → rows by domain.
Changes = dict[tuple[str, str, str, str], dict[str, list[dict[str, Any]]]]


def rows_by(frame: pl.DataFrame, column: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a frame under the values of one column, in the order they stand."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row[column], []).append(row)
    return found


def in_period(frame: pl.DataFrame, month: str, kind: str) -> pl.DataFrame:
    """The rows whose `month` lies in the period of `kind` that ends with `month`."""
    return frame.filter(pl.col("month").dt.to_string("%Y-%m").is_in(period_months(month, kind)))


def rule_counts(edition: Edition) -> RuleCounts:
    """How many records of a period every rule passed, failed, could not judge, for all bodies and each."""
    found: RuleCounts = {}
    for kind in BESIDE:
        inside = in_period(edition.rule_results, edition.month, kind)
        counted = inside.group_by("rule_id", "subject_id", "result").len().sort("rule_id", "subject_id", "result")
        for rule, subject, result, count in counted.iter_rows():
            for key in ((rule, subject), (rule, None)):
                results = found.setdefault(key, {}).setdefault(kind, {})
                results[result] = results.get(result, 0) + count
    return found


def rule_reasons(judged: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """How many of the records of `judged` every rule judged for which reason, by rule."""
    counted = judged.filter(pl.col("reason").is_not_null()).group_by("rule_id", "result", "reason").len()
    return rows_by(counted, "rule_id")


@dataclass(frozen=True)
class Fired:
    """A signal that fired for a scope: the newest month in which it did, all of them, and the records behind it."""

    row: Mapping[str, Any]
    months: tuple[str, ...]
    records: tuple[tuple[str, str], ...]

    @property
    def month(self) -> str:
        """The newest month in which it fired."""
        return self.months[-1]


def fired_signals(edition: Edition) -> list[Fired]:
    """Every signal and scope that fired in the edition's months: newest first, then by signal and scope."""
    fired = edition.signal_results.filter(pl.col("has_fired")).sort("month", "signal_id", "scope_id")
    behind: dict[tuple[str, str, Any], list[tuple[str, str]]] = {}
    named = edition.signal_records.select("signal_id", "scope_id", "month", "record_entity", "record_id")
    for signal, scope, month, entity, record in named.sort(pl.all()).iter_rows():
        behind.setdefault((signal, scope, month), []).append((entity, record))
    months: dict[tuple[str, str], list[str]] = {}
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in fired.iter_rows(named=True):
        key = (row["signal_id"], row["scope_id"])
        months.setdefault(key, []).append(f"{row['month']:%Y-%m}")
        newest[key] = row
    made = [Fired(row, tuple(months[key]), tuple(behind.get((*key, row["month"]), ()))) for key, row in newest.items()]
    # A sort is stable: within a month the signals stay in order.
    return sorted(made, key=lambda one: one.month, reverse=True)


def bodies_of_records(edition: Edition, keys: Mapping[str, str], wanted: set[tuple[str, str]]) -> dict[Any, str]:
    """(entity, record id) → the body that sent it, of the `wanted`; `keys` are the entities' key fields."""
    found: dict[Any, str] = {}
    for entity, frame in edition.records.items():
        ids = [record for of, record in wanted if of == entity]
        key = keys.get(entity)
        if ids and key in frame.columns and "subject_id" in frame.columns:
            own = frame.filter(pl.col(key).cast(pl.String).is_in(ids)).select(pl.col(key).cast(pl.String), "subject_id")
            found |= {(entity, record): body for record, body in own.iter_rows() if body is not None}
    return found


def changes_by_key(frame: pl.DataFrame) -> Changes:
    """The rows of `changes` under what they explain."""
    found: Changes = {}
    for row in frame.iter_rows(named=True):
        key = (row["level"], row["entity_id"], row["indicator_id"], row["variant"])
        found.setdefault(key, {}).setdefault(row["comparison"], []).append(row)
    return found
