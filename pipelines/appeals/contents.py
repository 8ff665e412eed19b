"""What the pack of a body lists: the units behind its numbers, the rules its records failed, its findings, in words.

Officers go by the number of their certificate, as the body knows them; no name of a person is in a pack.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.appeals.columns import LEVELS, STATES, UNIT_ENTITIES, UNITS_WITHOUT_ENTITY, Language
from pipelines.assessment.explanations import finding_name, measure
from pipelines.contract.loader import Contracts
from pipelines.editions.catalogue import Edition, shortest_period

_EVIDENCE = (
    "month, state, unit_kind, unit_id, record_entity, record_id, agency_id, happened_at, numerator, denominator, "
    "reason as left_out"
)
#: Row of the sheet of records in which the first of them stands, below the headings.
_FIRST_ROW = 2


@dataclass(frozen=True)
class PackRows:
    """The rows of the three sheets, each by the names of its columns."""

    records: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    rules: list[dict[str, Any]]


class Contents:
    """What packs of an edition say, in one language."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, edition: Edition, contracts: Contracts, language: Language
    ) -> None:
        """Read the declarations and the names of agencies and matters."""
        self._connection = connection
        self._edition = edition
        self._contracts = contracts
        self._language = language
        self._between = "；" if language == "zh" else "; "
        self._declared = {declaration["id"]: declaration for declaration in edition.declarations()}
        path = edition.directory / "rules.json"
        self._rules = {rule["id"]: rule for rule in json.loads(path.read_text("utf-8"))} if path.exists() else {}
        self._matters = self._names("matters", "matter_id")
        self._agencies = self._names("agencies", "agency_id")
        self._readings = self._first_months()

    def of(self, subject: str) -> PackRows:
        """The rows of one body."""
        records = self._records(subject)
        failed = self._failed(subject)
        there = {(row["record_entity"], row["record_id"]) for row in records}
        missing = sorted({(row["record_entity"], row["record_id"]) for row in failed} - there)
        records += self._named(subject, missing)
        self._name_units(records)
        texts: dict[tuple[str, str], list[str]] = {}
        for row in failed:
            texts.setdefault((row["record_entity"], row["record_id"]), []).append(row["text"])
        # A record stands behind many numbers: an objection to it is written once, in its row of the lawful rate
        # if it has one.
        place: dict[tuple[str, str], tuple[int, int]] = {}
        for number, row in enumerate(records, start=_FIRST_ROW):
            key = (row["record_entity"], row["record_id"])
            row["failed_rules"] = self._between.join(texts[key]) if key in texts else None
            place[key] = min(place.get(key, (2, 0)), (int(row["indicator_id"] != "lawful_rate"), number))
        rules = [{**row, "row": place.get((row["record_entity"], row["record_id"]), (0, None))[1]} for row in failed]
        return PackRows(records, self._findings(subject), rules)

    def _names(self, dimension: str, key: str) -> dict[str, str]:
        path = self._edition.directory / "dimensions" / f"{dimension}.parquet"
        return dict(self._connection.execute(f"select {key}, name from read_parquet(?)", [str(path)]).fetchall())

    def _first_months(self) -> list[tuple[str, str, Any]]:
        """(indicator, variant, first month): what the scheme weighs or gates by, then every other's default variant."""
        scheme = json.loads((self._edition.directory / "scheme.json").read_text(encoding="utf-8"))
        entries = [entry for pillar in scheme["pillars"] for entry in pillar["indicators"]] + scheme["gates"]
        readings: dict[tuple[str, str], Any] = {}
        for entry in entries:
            if entry["indicator"] in self._declared:
                variant = entry["variant"] or self._declared[entry["indicator"]]["default_variant"]
                readings[entry["indicator"], variant] = self._first_day(entry["period"] or scheme["period"])
        weighed = {indicator for indicator, _ in readings}
        for indicator, declaration in self._declared.items():
            if indicator not in weighed:
                readings[indicator, declaration["default_variant"]] = self._first_day(shortest_period(declaration))
        return [(indicator, variant, first) for (indicator, variant), first in sorted(readings.items())]

    def _first_day(self, period_kind: str) -> Any:
        return self._edition.month.first_of(period_kind).first_day

    def _rows(self, query: str, values: list[Any]) -> list[dict[str, Any]]:
        relation = self._connection.execute(query, values)
        names = [column[0] for column in relation.description]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]

    def _evidence(self, indicator: str) -> str:
        return str(self._edition.directory / "evidence" / f"{indicator}.parquet")

    def _records(self, subject: str) -> list[dict[str, Any]]:
        rows = []
        for indicator, variant, first in self._readings:
            found = self._rows(
                f"select {_EVIDENCE} from read_parquet(?) where variant = ? and subject_id = ? "
                "and month between ? and ? order by month desc, state, unit_kind, unit_id, record_id",
                [self._evidence(indicator), variant, subject, first, self._edition.month.first_day],
            )
            rows += [self._worded(row, indicator, variant) for row in found]
        return rows

    def _named(self, subject: str, keys: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """One row of each record, of the first indicator whose evidence has it; none of a record in no evidence."""
        rows: list[dict[str, Any]] = []
        wanted = set(keys)
        for indicator, declaration in self._declared.items():
            if not wanted:
                break
            found = self._rows(
                f"select distinct on (record_entity, record_id) {_EVIDENCE} from read_parquet(?) "
                "where variant = ? and subject_id = ? and record_id in (select unnest(?)) "
                "order by record_entity, record_id, month desc, unit_kind, unit_id",
                [self._evidence(indicator), declaration["default_variant"], subject,
                 sorted(record for _, record in wanted)],
            )  # fmt: skip
            for row in found:
                if (row["record_entity"], row["record_id"]) in wanted:
                    wanted.discard((row["record_entity"], row["record_id"]))
                    rows.append(self._worded(row, indicator, declaration["default_variant"]))
        return rows

    def _worded(self, row: dict[str, Any], indicator: str, variant: str) -> dict[str, Any]:
        declaration = self._declared[indicator]
        reasons = declaration["reasons"]
        code = row["left_out"]
        if code in self._rules:
            told = self._rules[code]["name"][self._language]
        else:
            told = reasons.get(code, {}).get(self._language, code)
        return row | {
            "indicator_id": indicator, "indicator": declaration["name"][self._language], "variant": variant,
            "variant_label": self._variant(declaration, variant), "month": str(row["month"])[:7],
            "state": STATES[self._language][row["state"]], "left_out": told,
            "unit_label": self._unit(row["unit_kind"]), "record_label": self._entity(row["record_entity"]),
            "agency": self._agencies.get(row["agency_id"], row["agency_id"]),
        }  # fmt: skip

    def _variant(self, declaration: Mapping[str, Any], variant: str | None) -> str | None:
        """The name of a variant, None where the indicator has no other."""
        variants = declaration["variants"]
        return variants[variant][self._language] if len(variants) > 1 and variant in variants else None

    def _entity(self, entity: str | None) -> str | None:
        contract = self._contracts.entities.get(entity or "")
        return contract.label.text(self._language) if contract else entity

    def _unit(self, kind: str) -> str | None:
        named = UNITS_WITHOUT_ENTITY.get(kind)
        return named[self._language] if named else self._entity(UNIT_ENTITIES.get(kind, kind))

    def _name_units(self, rows: list[dict[str, Any]]) -> None:
        """Write beside every unit the names of its matters: its own, or those of its record."""
        of_record: dict[tuple[str, str], str] = {}
        for entity in sorted({row["record_entity"] for row in rows if row["record_entity"]}):
            contract = self._contracts.entities.get(entity)
            path = self._edition.directory / "records" / f"{entity}.parquet"
            if contract is not None and "matter_id" in contract.by_name and path.exists():
                own = sorted({row["record_id"] for row in rows if row["record_entity"] == entity})
                for record, matters in self._connection.execute(
                    f"select {contract.key[0]}, matter_id from read_parquet(?) "
                    f"where {contract.key[0]} in (select unnest(?)) and matter_id is not null",
                    [str(path), own],
                ).fetchall():
                    of_record[entity, str(record)] = matters
        for row in rows:
            matter = row["unit_id"] if row["unit_kind"] in ("matter", "power") else None
            codes = matter or of_record.get((row["record_entity"], row["record_id"])) or ""
            names = [self._matters[code] for code in codes.split(";") if code in self._matters]
            row["unit_name"] = self._between.join(names) or None

    def _failed(self, subject: str) -> list[dict[str, Any]]:
        """The records of the last twelve months that failed a statutory rule, the newest first."""
        path = self._edition.directory / "rules.parquet"
        if not self._rules or not path.exists():
            return []
        found = self._rows(
            "select rule_id, record_entity, record_id, month, reason, observed, allowed from read_parquet(?) "
            "where result = 'fail' and subject_id = ? and month between ? and ? "
            "order by month desc, rule_id, record_entity, record_id",
            [str(path), subject, self._first_day("r12"), self._edition.month.first_day],
        )
        rows = []
        for row in found:
            rule = self._rules[row["rule_id"]]
            name, article = rule["name"][self._language], rule["article"][self._language]
            reason = rule["reasons"].get(row["reason"], {}).get(self._language, row["reason"])
            told = f"：{reason}" if self._language == "zh" else f": {reason}"
            rows.append(
                row | {
                    "rule": name, "article": article, "reason": reason, "month": str(row["month"])[:7],
                    "record_label": self._entity(row["record_entity"]),
                    "text": f"{name}（{article}）{told}" if self._language == "zh" else f"{name} ({article}){told}",
                }
            )  # fmt: skip
        return rows

    def _findings(self, subject: str) -> list[dict[str, Any]]:
        rows = self._rows(
            "select finding_id, indicator_id, variant, level, opened_in, due_on, value from read_parquet(?) "
            "where subject_id = ? and state = 'open' order by level desc, indicator_id, variant",
            [str(self._edition.directory / "findings.parquet"), subject],
        )
        for row in rows:
            declaration = self._declared.get(row["indicator_id"])
            row |= {
                "indicator": finding_name(row["indicator_id"], declaration)[self._language],
                "variant_label": self._variant(declaration, row["variant"]) if declaration else row["variant"],
                "level": LEVELS[self._language][row["level"]],
                "value_text": measure(row["value"], declaration["unit"])
                if declaration and row["value"] is not None
                else None,
            }
        return rows
