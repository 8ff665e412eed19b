"""An edition as reports read it: the files of one folder `editions/<edition_id>/`, nothing else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from pipelines.assessment.explanations import EXPLANATION_SCHEMA
from pipelines.assessment.findings import FINDING_SCHEMA
from pipelines.editions.decisions import DECISION_SCHEMA
from pipelines.errors import EditionError
from reports.relations import (
    AFTER_AS_OF_SCHEMA,
    CHANGES_SCHEMA,
    COMPLETENESS_SCHEMA,
    EFFECTS_SCHEMA,
    EVIDENCE_SCHEMA,
    FAILURES_SCHEMA,
    LAW_SCHEMA,
    OVER_TIME_SCHEMA,
    RESTATED_SCHEMA,
    RESTATEMENT_SCHEMA,
    RULES_SCHEMA,
    SCOREBOARD_SCHEMA,
    SCORES_SCHEMA,
    SIGNAL_RECORDS_SCHEMA,
    SIGNALS_SCHEMA,
)

#: Periods in the order they are offered; the first is what a page shows when it opens.
PERIOD_KINDS = ("month", "quarter", "ytd", "r12")

#: The period that pages show where they show one alone beside the month.
TWELVE_MONTHS = PERIOD_KINDS[-1]

#: The periods that stand beside each other where there is no room for a switch.
BESIDE = (PERIOD_KINDS[0], TWELVE_MONTHS)


class Result(NamedTuple):
    """One row of `results.parquet`; `value` is None where none may be shown."""

    numerator: float
    denominator: float
    excluded: int
    undecidable: int
    value: float | None
    lower: float | None
    upper: float | None
    status: str
    reason: str | None


#: (level, entity) → (indicator, variant, period kind, period) → result.
Results = dict[tuple[str, str], dict[tuple[str, str, str, str], Result]]

_REQUIRED = (
    "manifest.json",
    "indicators.json",
    "results.parquet",
    "quality.parquet",
    "files.parquet",
    "dimensions/subjects.parquet",
    "dimensions/agencies.parquet",
    "dimensions/matters.parquet",
    "dimensions/peer_groups.parquet",
)


def month_before(month: str, steps: int) -> str:
    """The month `steps` before `month` ("2026-10", 10 → "2025-12")."""
    year, number = (int(part) for part in month.split("-"))
    index = year * 12 + number - 1 - steps
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def period_months(month: str, kind: str) -> list[str]:
    """The months of the period of `kind` that ends with `month`, oldest first.

    A quarter is the three months that end with it, r12 the twelve; ytd begins in January.
    """
    length = {"month": 1, "quarter": 3, "ytd": int(month[5:]), "r12": 12}[kind]
    return [month_before(month, step) for step in range(length - 1, -1, -1)]


def revision_of(edition_id: str) -> int:
    """Which edition of its month an id names: `2026-10` → 1, `2026-10.r2` → 2."""
    return int(edition_id.partition(".r")[2] or 1)


@dataclass(frozen=True)
class Edition:
    """One published month; frames are read when asked for."""

    path: Path
    manifest: dict[str, Any]
    indicators: list[dict[str, Any]]

    @classmethod
    def open(cls, path: Path) -> "Edition":
        """Read the manifest and the declarations; EditionError names the file that is missing or unreadable."""
        for name in _REQUIRED:
            if not (path / name).is_file():
                raise EditionError(
                    f"{path}: not a whole edition, `{name}` is missing. "
                    "Give the folder of a published edition, such as editions/2026-10."
                )
        try:
            manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
            indicators = json.loads((path / "indicators.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise EditionError(f"{path}: not readable as JSON ({error}). Publish the month again.") from error
        return cls(path, manifest, indicators)

    @property
    def edition_id(self) -> str:
        """Such as `2026-10` or `2026-10.r2`."""
        return str(self.manifest["edition_id"])

    @property
    def revision(self) -> int:
        """Which edition of its month it is: 1 for the first, 2 and more for revisions."""
        return revision_of(self.edition_id)

    @property
    def previous(self) -> str:
        """The edition it follows: the one that a revision replaces, else the last of an earlier month; "" for none."""
        return str((self.manifest.get("previous") or {}).get("edition_id", ""))

    @property
    def month(self) -> str:
        """The month assessed, `2026-10`."""
        return str(self.manifest["month"])

    @cached_property
    def months(self) -> list[str]:
        """The month assessed and the twelve before it, oldest first."""
        return [month_before(self.month, step) for step in range(12, -1, -1)]

    def _frame(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.path / f"{name}.parquet")

    @cached_property
    def subjects(self) -> pl.DataFrame:
        """The bodies, by name: characters of GB 18030's first level stand in the order of their pinyin."""
        frame = self._frame("dimensions/subjects")
        keys = [name.encode("gb18030", "replace").hex() for name in frame["name"]]
        return frame.with_columns(pl.Series("_by_name", keys)).sort("_by_name", "subject_id").drop("_by_name")

    @cached_property
    def agencies(self) -> pl.DataFrame:
        """The agencies of all bodies, by id."""
        return self._frame("dimensions/agencies").sort("agency_id")

    @cached_property
    def matters(self) -> pl.DataFrame:
        """The newest version of every matter."""
        return self._frame("dimensions/matters")

    @cached_property
    def peer_groups(self) -> pl.DataFrame:
        """The peer groups (kind × field)."""
        return self._frame("dimensions/peer_groups").sort("peer_group_id")

    @cached_property
    def quality(self) -> pl.DataFrame:
        """What the audits found, by border and expectation; texts that an older edition lacks are null."""
        frame = self._frame("quality")
        lacking = [name for name in ("dimension", "reason_zh", "reason_en", "indicators") if name not in frame.columns]
        return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in lacking)

    def _frame_if_there(self, name: str, schema: dict[str, Any]) -> pl.DataFrame:
        path = self.path / f"{name}.parquet"
        return pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema=schema)

    @cached_property
    def failures(self) -> pl.DataFrame:
        """The records that failed an expectation, personal data masked."""
        return self._frame_if_there("failures", FAILURES_SCHEMA)

    @cached_property
    def completeness(self) -> pl.DataFrame:
        """What was to arrive of every body, entity and month, and what did."""
        return self._frame_if_there("completeness", COMPLETENESS_SCHEMA)

    @cached_property
    def quality_effects(self) -> pl.DataFrame:
        """Within which range failing expectations could move the indicators of the month and of twelve months."""
        return self._frame_if_there("quality_effects", EFFECTS_SCHEMA)

    @cached_property
    def scoreboard(self) -> dict[tuple[str, str, str, str], float | None]:
        """(level, entity, dimension, month) → share of the scoreboard of data quality."""
        frame = self._frame_if_there("scoreboard", SCOREBOARD_SCHEMA)
        named = frame.select("level", "entity_id", "dimension", pl.col("month").dt.strftime("%Y-%m"), "share")
        return {row[:4]: row[4] for row in named.iter_rows()}  # type: ignore[misc]

    def holds(self, name: str) -> bool:
        """Whether the edition has the relation, be it empty."""
        return (self.path / f"{name}.parquet").is_file()

    def _declared(self, name: str) -> Any:
        path = self.path / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    @cached_property
    def scheme(self) -> dict[str, Any] | None:
        """The assessment scheme in force, None where the month was not judged."""
        return self._declared("scheme")  # type: ignore[no-any-return]

    @cached_property
    def scores(self) -> pl.DataFrame:
        """A row per body and item of the scheme: total, pillar, indicator, gate."""
        return self._frame_if_there("scores", SCORES_SCHEMA)

    @cached_property
    def findings(self) -> pl.DataFrame:
        """Findings, open and closed, and the bodies and indicators that meet the scheme."""
        return self._frame_if_there("findings", FINDING_SCHEMA)

    @cached_property
    def explanations(self) -> pl.DataFrame:
        """The sentences about every body, in order."""
        return self._frame_if_there("explanations", EXPLANATION_SCHEMA)

    @cached_property
    def over_time(self) -> pl.DataFrame:
        """Mean total and pillars of the bodies assessed in this and the last edition, total first."""
        return self._frame_if_there("over_time", OVER_TIME_SCHEMA)

    @cached_property
    def restatement(self) -> pl.DataFrame:
        """A row per number of a body that a revision changed, with its cause and records; none in a first edition."""
        return self._frame_if_there("restatement", RESTATEMENT_SCHEMA)

    @cached_property
    def restated(self) -> pl.DataFrame:
        """The records that the edition knows and the one before did not, or knew otherwise."""
        return self._frame_if_there("restated", RESTATED_SCHEMA).select(list(RESTATED_SCHEMA))

    @cached_property
    def appeals(self) -> pl.DataFrame:
        """The objections to this month's and earlier editions; an earlier version wrote fewer columns."""
        frame = self._frame_if_there("appeals", DECISION_SCHEMA)
        return pl.concat([pl.DataFrame(schema=DECISION_SCHEMA), frame], how="diagonal").select(list(DECISION_SCHEMA))

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        """The declarations of statutory rules that records decide, in order."""
        return sorted(self._declared("rules") or [], key=lambda rule: rule["position"])

    @cached_property
    def undecided_rules(self) -> list[dict[str, Any]]:
        """The statutory rules that no field decides, with the reason."""
        return sorted(self._declared("rules_undecided") or [], key=lambda rule: rule["position"])

    def _of_declared(self, name: str, schema: dict[str, Any], key: str, declared: list[dict[str, Any]]) -> pl.DataFrame:
        """A relation of which every row has a declaration; EditionError names what has none."""
        frame = self._frame_if_there(name, schema)
        unknown = sorted(set(frame[key].drop_nulls()) - {one["id"] for one in declared})
        if unknown:
            raise EditionError(
                f"{self.path / name}.parquet: {key} {', '.join(unknown)} is not declared in {name}.json. "
                "Publish the month again."
            )
        return frame

    @cached_property
    def rule_results(self) -> pl.DataFrame:
        """A row per rule and record it judges; EditionError names a rule that is not declared."""
        return self._of_declared("rules", RULES_SCHEMA, "rule_id", self.rules)

    @cached_property
    def signals(self) -> list[dict[str, Any]]:
        """The declarations of signals, in order."""
        return sorted(self._declared("signals") or [], key=lambda signal: signal["position"])

    @cached_property
    def signal_results(self) -> pl.DataFrame:
        """A row per signal, scope and month tested; EditionError names a signal that is not declared."""
        return self._of_declared("signals", SIGNALS_SCHEMA, "signal_id", self.signals)

    @cached_property
    def signal_records(self) -> pl.DataFrame:
        """The records behind the signals that fired."""
        return self._frame_if_there("signal_records", SIGNAL_RECORDS_SCHEMA)

    @cached_property
    def law_application(self) -> pl.DataFrame:
        """How often laws, articles and matters were applied, in the district, by body, by street."""
        return self._frame_if_there("law_application", LAW_SCHEMA)

    @cached_property
    def changes(self) -> pl.DataFrame:
        """What every domain adds to the difference of two months, as mix and rate effect."""
        return self._frame_if_there("changes", CHANGES_SCHEMA)

    @cached_property
    def after_as_of(self) -> pl.DataFrame:
        """Records of the month that were loaded and count only after the as-of time, by entity and body."""
        return self._frame_if_there("after_as_of", AFTER_AS_OF_SCHEMA)

    @cached_property
    def files(self) -> pl.DataFrame:
        """What was loaded, a row per file and entity."""
        return self._frame("files")

    def _results(self, wanted: pl.Expr) -> Results:
        frame = self._frame("results").filter(wanted)

        def rows(*columns: str) -> Iterator[tuple[Any, ...]]:
            # Lists side by side take two thirds of the time of rows that are then cut into keys and values.
            return zip(*(frame[column].to_list() for column in columns), strict=True)

        entities = rows("level", "entity_id")
        keys = rows("indicator_id", "variant", "period_kind", "period")
        found: Results = {}
        for entity, key, values in zip(entities, keys, rows(*Result._fields), strict=True):
            found.setdefault(entity, {})[key] = Result._make(values)  # type: ignore[index]
        return found

    @cached_property
    def results(self) -> Results:
        """All results, of agencies those of headline indicators, which alone are shown; see `Results`."""
        headlines = [indicator["id"] for indicator in self.indicators if indicator["headline"]]
        return self._results((pl.col("level") != "agency") | pl.col("indicator_id").is_in(headlines))

    def linked_results(self) -> Results:
        """The results of bodies and agencies to whose records a page leads.

        Of a body all that end with the edition's month, and the months before of headline defaults; of an agency
        the defaults of headlines.
        """
        headlines = [f"{i['id']}/{i['default_variant']}" for i in self.indicators if i["headline"]]
        is_headline = pl.concat_str("indicator_id", pl.lit("/"), "variant").is_in(headlines)
        is_of_month = (pl.col("level") == "subject") & (pl.col("period") == self.month)
        return self._results(pl.col("level").is_in(["subject", "agency"]) & (is_headline | is_of_month))

    def result(self, level: str, entity: str, indicator: str, variant: str, kind: str, period: str) -> Result | None:
        """One result, None where the edition holds none."""
        return self.results.get((level, entity), {}).get((indicator, variant, kind, period))

    @property
    def evidence(self) -> pl.LazyFrame:
        """The evidence of all indicators that have any, to be read by who asks for columns of it."""
        paths = [self.path / "evidence" / f"{indicator['id']}.parquet" for indicator in self.indicators]
        there = [path for path in paths if path.is_file()]
        return pl.scan_parquet(there) if there else pl.LazyFrame(schema=EVIDENCE_SCHEMA)

    @cached_property
    def records(self) -> dict[str, pl.DataFrame]:
        """The records that evidence names, by entity."""
        folder = self.path / "records"
        return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
