"""What all pages of an edition share, whatever the language: cells, axes, groups, names of files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Language
from reports import numbers
from reports.charts.geometry import NO_MARK, Chart, Mark, Trend, axis_top, chart, mark, trend
from reports.contexts.tallies import (
    Changes,
    Fired,
    RuleCounts,
    bodies_of_records,
    changes_by_key,
    fired_signals,
    in_period,
    rows_by,
    rule_counts,
    rule_reasons,
)
from reports.edition import PERIOD_KINDS, TWELVE_MONTHS, Edition, Result

#: Size of a body's trend drawing.
TREND_WIDTH, TREND_HEIGHT = 260, 72


@dataclass(frozen=True, slots=True)
class Cell:
    """One result as a page shows it; `key` is `indicator/variant/kind/period`."""

    key: str
    kind: str
    period: str
    status: str
    value: str
    interval: str
    numerator: str
    denominator: str
    excluded: int
    undecidable: int
    reason: str | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Body:
    """A body: its row of `dimensions/subjects` and the name of its page."""

    subject_id: str
    name: str
    kind: str
    field: str | None
    group: str
    slug: str
    row: dict[str, Any]


def slugs(identifiers: Iterable[str]) -> dict[str, str]:
    """File names of ids, no two alike in lower case; letters, digits, `-`, `_` stay, others become their code."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for identifier in sorted(identifiers):
        slug = re.sub(r"[^A-Za-z0-9_-]", lambda match: f"~{ord(match[0]):x}", identifier) or "~"
        base, number = slug, 2
        while slug.casefold() in taken:
            slug, number = f"{base}~~{number}", number + 1
        taken.add(slug.casefold())
        found[identifier] = slug
    return found


class Book:
    """An edition with what pages of both languages need of it."""

    def __init__(self, edition: Edition, contracts: Contracts) -> None:
        """Index the bodies of `edition`."""
        self.edition = edition
        self.contracts = contracts
        rows = list(edition.subjects.iter_rows(named=True))
        slug_of = slugs(row["subject_id"] for row in rows)
        self.bodies = [
            Body(row["subject_id"], row["name"], row["kind"], row["field"], row["peer_group_id"],
                 slug_of[row["subject_id"]], row)
            for row in rows
        ]  # fmt: skip
        self.body_of = {body.subject_id: body for body in self.bodies}
        self.indicator_slug = slugs(indicator["id"] for indicator in edition.indicators)
        self.agencies: dict[str, list[dict[str, Any]]] = {}
        for row in edition.agencies.iter_rows(named=True):
            self.agencies.setdefault(row["subject_id"], []).append(row)
        self._tops: dict[tuple[str, str, str], float] = {}
        self._trends: dict[tuple[str, str, str, str], Trend] = {}
        self._cells: dict[tuple[str, str, str, str, str, str], Cell | None] = {}

    @property
    def indicators(self) -> list[dict[str, Any]]:
        """The declarations in display order."""
        return self.edition.indicators

    @cached_property
    def headlines(self) -> list[dict[str, Any]]:
        """The declarations of headline indicators."""
        return [indicator for indicator in self.indicators if indicator["headline"]]

    @cached_property
    def groups(self) -> list[tuple[dict[str, Any], list[Body]]]:
        """Peer groups that have bodies, in the order of the code lists, each with its bodies by name."""
        members: dict[str, list[Body]] = {}
        for body in self.bodies:
            members.setdefault(body.group, []).append(body)
        kinds, fields = self._order_of("kind"), self._order_of("field")
        rows = [row for row in self.edition.peer_groups.iter_rows(named=True) if row["peer_group_id"] in members]
        rows.sort(key=lambda r: (kinds.get(r["kind"], 99), fields.get(r["field"] or "", 99), r["peer_group_id"]))
        return [(row, members[row["peer_group_id"]]) for row in rows]

    def _order_of(self, field: str) -> dict[str, int]:
        codes = self.contracts.codes_of(self.contracts.entities["subjects"].field(field))
        return {code: position for position, code in enumerate(codes.codes if codes else ())}

    def code_label(self, entity: str, field: str, code: str | None, language: Language) -> str:
        """The label of a code of the contract, the code itself where no list has it, empty for none."""
        if code is None:
            return ""
        codes = self.contracts.codes_of(self.contracts.entities[entity].field(field))
        label = codes.codes.get(code) if codes else None
        return label.text(language) if label else code

    def group_label(self, kind: str, field: str | None, language: Language) -> str:
        """The name of a peer group: kind · field."""
        parts = [self.code_label("subjects", "kind", kind, language)]
        if field:
            parts.append(self.code_label("subjects", "field", field, language))
        return " · ".join(parts)

    @cached_property
    def counted_by_agency(self) -> list[dict[str, Any]]:
        """Headline indicators whose records name an agency, so that some agency has a result."""
        named = {key[0] for (level, _), rows in self.edition.results.items() if level == "agency" for key in rows}
        return [indicator for indicator in self.headlines if indicator["id"] in named]

    def top(self, indicator: dict[str, Any], variant: str, kind: str) -> float:
        """The upper end of the axis on which bodies are compared; for months, over all months."""
        key = (indicator["id"], variant, kind)
        if key not in self._tops:
            periods = self.edition.months if kind == "month" else [self.edition.month]
            self._tops[key] = axis_top(
                [self.edition.result("subject", b.subject_id, *key, p) for b in self.bodies for p in periods],
                indicator["unit"],
            )
        return self._tops[key]

    def cell(
        self, level: str, entity: str, indicator: dict[str, Any], variant: str, kind: str, period: str | None = None
    ) -> Cell | None:
        """One result as shown, None where the edition has no such row."""
        name = (level, entity, indicator["id"], variant, kind, period or self.edition.month)
        if name not in self._cells:
            result = self.edition.result(*name)
            self._cells[name] = None if result is None else self._made(name, indicator, result, level)
        return self._cells[name]

    def _made(
        self, name: tuple[str, str, str, str, str, str], indicator: dict[str, Any], result: Result, level: str
    ) -> Cell:
        exact = numbers.exact_value(result)
        compared = level in ("subject", "peer_group") and name[5] == self.edition.month
        return Cell(
            "/".join(name[2:]),
            name[4],
            name[5],
            result.status,
            numbers.NO_VALUE if exact is None else numbers.value(exact, indicator["unit"]),
            numbers.interval(result.lower, result.upper, indicator["unit"], exact),
            numbers.amount(result.numerator),
            numbers.amount(result.denominator),
            result.excluded,
            result.undecidable,
            result.reason,
            mark(result, self.top(indicator, name[3], name[4])) if compared else NO_MARK,
        )

    def cells(self, level: str, entity: str, indicator: dict[str, Any], variant: str) -> list[Cell | None]:
        """The cells of the periods that end with the edition's month, in the order of `PERIOD_KINDS`."""
        return [self.cell(level, entity, indicator, variant, kind) for kind in PERIOD_KINDS]

    def monthly(self, level: str, entity: str, indicator: dict[str, Any], variant: str) -> list[Result | None]:
        """The results of the thirteen months, oldest first."""
        return [
            self.edition.result(level, entity, indicator["id"], variant, "month", month)
            for month in self.edition.months
        ]

    def trend(self, level: str, entity: str, indicator: dict[str, Any], variant: str) -> Trend:
        """The trend drawing of thirteen months."""
        key = (level, entity, indicator["id"], variant)
        if key not in self._trends:
            results = self.monthly(level, entity, indicator, variant)
            self._trends[key] = trend(results, self.top(indicator, variant, "month"), TREND_WIDTH, TREND_HEIGHT)
        return self._trends[key]

    def chart(self, indicator: dict[str, Any]) -> Chart:
        """The trend of an indicator's total, with its axes."""
        results = self.monthly("total", "total", indicator, indicator["default_variant"])
        return chart(results, self.edition.months, indicator["unit"])

    def axis_label(self, indicator: dict[str, Any], variant: str, kind: str) -> str:
        """The upper end of the axis in words: `100 %` or `2.5`."""
        top = self.top(indicator, variant, kind)
        if indicator["unit"] == "share":
            return f"{numbers.half_up(top * 100, 0)} %"
        return f"{top:g}"

    @cached_property
    def declared(self) -> dict[str, dict[str, Any]]:
        """The declarations of indicators by id."""
        return {indicator["id"]: indicator for indicator in self.indicators}

    @cached_property
    def scores_of(self) -> dict[str, list[dict[str, Any]]]:
        """The scores of every body, in the order of the scheme's items."""
        return rows_by(self.edition.scores, "subject_id")

    @cached_property
    def findings_of(self) -> dict[str, list[dict[str, Any]]]:
        """The findings of every body."""
        return rows_by(self.edition.findings, "subject_id")

    @cached_property
    def explanations_of(self) -> dict[str, list[dict[str, Any]]]:
        """The sentences about every body, in order."""
        return rows_by(self.edition.explanations.sort("subject_id", "position"), "subject_id")

    @cached_property
    def appeals_of(self) -> dict[str, list[dict[str, Any]]]:
        """The objections of every body, the newest edition's first."""
        frame = self.edition.appeals.sort("month", "edition_id", "decision", "indicator_id", descending=True)
        return rows_by(frame, "subject_id")

    @cached_property
    def restated_of(self) -> dict[str, list[dict[str, Any]]]:
        """The numbers of every body that this revision changed."""
        return rows_by(self.edition.restatement, "subject_id")

    @cached_property
    def restated_records(self) -> dict[Any, str]:
        """(entity, record id) → the body that sent it, of the records behind changed numbers that the edition has."""
        keys = {name: contract.key[0] for name, contract in self.contracts.entities.items()}
        named = {name for row in self.edition.restatement["records"].drop_nulls() for name in row}
        wanted = {(entity, record) for entity, _, record in (name.partition("/") for name in named)}
        return bodies_of_records(self.edition, keys, wanted)

    @cached_property
    def restated_as(self) -> dict[tuple[str, str], str]:
        """(entity, whole key) → what happened to the record, as restatements name it."""
        return {(entity, key): change for entity, _, key, change in self.edition.restated.iter_rows()}

    @cached_property
    def after_as_of(self) -> dict[str | None, dict[str, int]]:
        """Records that count only after the as-of time, by entity: of every body, and under None of all of them."""
        found: dict[str | None, dict[str, int]] = {}
        for row in self.edition.after_as_of.iter_rows(named=True):
            for body in {row["subject_id"], None}:
                counts = found.setdefault(body, {})
                counts[row["entity"]] = counts.get(row["entity"], 0) + row["records"]
        return found

    @cached_property
    def quality_of(self) -> dict[str, list[dict[str, Any]]]:
        """What every expectation found of every body; under None for all of them."""
        return rows_by(self.edition.quality, "subject_id")

    @cached_property
    def completeness_of(self) -> dict[str, list[dict[str, Any]]]:
        """What was to arrive of every body."""
        return rows_by(self.edition.completeness, "subject_id")

    @cached_property
    def completeness_now_of(self) -> dict[str, list[dict[str, Any]]]:
        """What was to arrive of every body in the edition's month."""
        return rows_by(in_period(self.edition.completeness, self.edition.month, PERIOD_KINDS[0]), "subject_id")

    @cached_property
    def failures_of(self) -> dict[str, list[dict[str, Any]]]:
        """The records of every body that failed an expectation."""
        return rows_by(self.edition.failures, "subject_id")

    @cached_property
    def failures_of_expectation(self) -> dict[str, list[dict[str, Any]]]:
        """The records that failed every expectation."""
        return rows_by(self.edition.failures, "expectation_id")

    @cached_property
    def effects_of(self) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
        """What the failing records of every expectation could move, by expectation, level and entity."""
        found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for row in self.edition.quality_effects.iter_rows(named=True):
            found.setdefault((row["expectation_id"], row["level"], row["entity_id"]), []).append(row)
        return found

    @cached_property
    def rule_counts(self) -> RuleCounts:
        """Records by rule, body, period and result."""
        return rule_counts(self.edition)

    @cached_property
    def _judged_by_rules(self) -> pl.DataFrame:
        """The records of the last twelve months that statutory rules judged."""
        return in_period(self.edition.rule_results, self.edition.month, TWELVE_MONTHS)

    @cached_property
    def rule_reasons(self) -> dict[str, list[dict[str, Any]]]:
        """Records of the last twelve months by result and reason, of every rule."""
        return rule_reasons(self._judged_by_rules)

    @cached_property
    def _failed_rules(self) -> pl.DataFrame:
        return self._judged_by_rules.filter(pl.col("result") == "fail")

    @cached_property
    def failed_rules_of(self) -> dict[str, list[dict[str, Any]]]:
        """The records of the last twelve months that failed a statutory rule, by body."""
        return rows_by(self._failed_rules, "subject_id")

    @cached_property
    def failures_of_rule(self) -> dict[str, list[dict[str, Any]]]:
        """The records of the last twelve months that failed a statutory rule, by rule."""
        return rows_by(self._failed_rules, "rule_id")

    @cached_property
    def fired_signals(self) -> list[Fired]:
        """The signals that fired in the edition's months."""
        return fired_signals(self.edition)

    @cached_property
    def signals_of(self) -> dict[str, list[Fired]]:
        """The signals that fired for every body."""
        found: dict[str, list[Fired]] = {}
        for fired in self.fired_signals:
            if fired.row["subject_id"] is not None:
                found.setdefault(fired.row["subject_id"], []).append(fired)
        return found

    @cached_property
    def record_bodies(self) -> dict[Any, str]:
        """(entity, record id) → the body that sent a record behind a signal."""
        keys = {name: contract.key[0] for name, contract in self.contracts.entities.items()}
        wanted = {key for fired in self.fired_signals if fired.row["subject_id"] is None for key in fired.records}
        return bodies_of_records(self.edition, keys, wanted)

    @cached_property
    def matter_names(self) -> dict[str, str]:
        """The names of matters by id."""
        return dict(self.edition.matters.select("matter_id", "name").iter_rows())

    @cached_property
    def changes_of(self) -> Changes:
        """The rows of `changes` by level, entity, indicator and variant, then by comparison."""
        return changes_by_key(self.edition.changes)

    @cached_property
    def silent(self) -> list[Body]:
        """Bodies that sent nothing of the edition's month, as its judgement says; nobody where it judged none."""
        totals = self.edition.scores.filter(pl.col("item_kind") == "total")
        # Editions of an earlier version judged by the month alone, and had no other word for it.
        quiet = pl.col("quiet_month") if "quiet_month" in totals.columns else pl.col("state") == "no_return"
        named = set(totals.filter(quiet)["subject_id"])
        return [body for body in self.bodies if body.subject_id in named]

    @cached_property
    def silent_ids(self) -> frozenset[str]:
        """The ids of `silent`."""
        return frozenset(body.subject_id for body in self.silent)
