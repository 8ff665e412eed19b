"""What changed from one edition to another, number by number, and why.

One row per changed number of a body: a result (kind `result`), its points (kind `points`) or the total
(kind `total`). The cause is derived, never declared: evidence rows that differ are led back to the
records that became known in between (`restated.parquet`), to decisions on objections, to a definition
whose version or text differs, or to the scheme whose hash differs.

A record is a cause only of numbers that it can move. Where a unit is no record (a matter, an officer, a device), what
links to it must be of the body and of the months that the number is about.

Causes: `appeal`, `correction`, `late_record`, `definition`, `scheme`; `as_of` where a number differs
though no record became known (an earlier cut-off), and `unexplained` where nothing of this fits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.editions.catalogue import Edition, find_edition
from pipelines.editions.decisions import DECISION_SCHEMA
from pipelines.editions.restated import RESTATED_SCHEMA
from pipelines.errors import EditionError
from pipelines.settings import Workspace
from pipelines.warehouse.frames import frame_of
from pipelines.warehouse.months import Month

CAUSES = ("appeal", "correction", "late_record", "definition", "scheme", "as_of", "unexplained")

DIFF_SCHEMA: dict[str, Any] = {
    "subject_id": pl.String, "kind": pl.String, "indicator_id": pl.String, "variant": pl.String,
    "period_kind": pl.String, "period": pl.String,
    "old_numerator": pl.Float64, "new_numerator": pl.Float64,
    "old_denominator": pl.Float64, "new_denominator": pl.Float64,
    "old_excluded": pl.Int64, "new_excluded": pl.Int64, "old_undecidable": pl.Int64, "new_undecidable": pl.Int64,
    "old_value": pl.Float64, "new_value": pl.Float64, "old_state": pl.String, "new_state": pl.String,
    "cause": pl.String, "records": pl.List(pl.String),
}  # fmt: skip

#: Kinds of units that stand for more than one record.
_NO_RECORDS = "'matter', 'officer', 'device'"
_KEY = ("subject_id", "indicator_id", "variant", "period_kind", "period")

#: How many records a row names; the evidence of both editions has them all.
MOST_RECORDS = 20


@dataclass(frozen=True)
class Side:
    """An edition, or a draft of one, as one side of a comparison."""

    directory: Path
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class _Trace:
    """What a changed evidence row goes back to."""

    month: Month
    cause: str | None
    record: str


def diff_editions(workspace: Workspace, old: Edition, new: Edition) -> pl.DataFrame:
    """`compare` for two published editions, with everything that became known in the editions between them."""
    frames = [pl.DataFrame(schema=RESTATED_SCHEMA)]
    step: Edition | None = new
    while step is not None and step.edition_id != old.edition_id:
        path = step.directory / "restated.parquet"
        if path.exists():
            frames.append(pl.read_parquet(path))
        before = step.manifest().get("previous")
        step = find_edition(workspace.editions, before["edition_id"]) if before else None
    return compare(
        Side(old.directory, old.manifest()),
        Side(new.directory, new.manifest()),
        # An edition of an earlier version does not say whose and of which months a record is.
        pl.concat(frames, how="diagonal"),
    )


def compare(old: Side, new: Side, restated: pl.DataFrame) -> pl.DataFrame:
    """Rows of `DIFF_SCHEMA`, sorted by body, kind, indicator, variant and period.

    Only numbers that both editions have are compared: another month's edition covers other periods.
    """
    changed = _changed_results(old, new)
    definitions = _changed_definitions(old, new)
    scheme_differs = (old.manifest.get("scheme") or {}).get("sha256") != (new.manifest.get("scheme") or {}).get(
        "sha256"
    )
    parameters_differ = old.manifest.get("parameters") != new.manifest.get("parameters")
    appealed = _appealed(new) - _appealed(old)
    files = _correction_files(new) - _correction_files(old)
    causes_of: dict[str, set[str]] = {}
    rows = []
    with duckdb.connect() as connection:
        traces = {
            indicator: _traces(connection, old, new, indicator, restated, appealed, files)
            for indicator in sorted(set(changed["indicator_id"]))
        }
    for row in changed.iter_rows(named=True):
        months = _months(row["period_kind"], row["period"])
        found = [
            trace
            for trace in traces[row["indicator_id"]].get((row["subject_id"], row["variant"]), [])
            if trace.month in months
        ]
        causes = {trace.cause for trace in found if trace.cause is not None}
        if any(trace.cause is None for trace in found) or not causes:
            if row["indicator_id"] in definitions:
                causes.add("definition")
            elif parameters_differ:
                causes.add("scheme")
            elif not causes:
                causes.add("as_of" if old.manifest["as_of"] > new.manifest["as_of"] else "unexplained")
        row["cause"] = _joined(causes)
        row["records"] = sorted({trace.record for trace in found if trace.cause is not None})[:MOST_RECORDS]
        if row["period"] == new.manifest["month"]:
            causes_of.setdefault(row["subject_id"], set()).update(causes)
        rows.append(row | {"kind": "result"})
    rows += _changed_scores(old, new, rows, causes_of, scheme_differs=scheme_differs)
    return pl.DataFrame(rows, schema=DIFF_SCHEMA).sort("subject_id", "kind", *_KEY[1:])


def _joined(causes: Iterable[str]) -> str:
    return ",".join(sorted(causes, key=CAUSES.index))


def _changed_results(old: Side, new: Side) -> pl.DataFrame:
    """Results of bodies, and those that only one edition has where both cover the period."""
    names = ("numerator", "denominator", "value", "status", "excluded", "undecidable", "definition_version")
    columns = ", ".join(f"{name} as {{side}}_{name}" for name in names)
    with duckdb.connect() as connection:
        return frame_of(
            connection,
            f"""
            with old as (
                select entity_id as subject_id, indicator_id, variant, period_kind, period, {columns.format(side="old")}
                from read_parquet($old) where level = 'subject'
            ),
            new as (
                select entity_id as subject_id, indicator_id, variant, period_kind, period, {columns.format(side="new")}
                from read_parquet($new) where level = 'subject'
            ),
            covered as (
                select distinct period_kind, period from old
                intersect
                select distinct period_kind, period from new
            )
            select
                subject_id, indicator_id, variant, period_kind, period,
                old_numerator, new_numerator, old_denominator, new_denominator, old_excluded, new_excluded,
                old_undecidable, new_undecidable, old_value, new_value,
                old_status as old_state, new_status as new_state
            from old full join new using (subject_id, indicator_id, variant, period_kind, period)
            semi join covered using (period_kind, period)
            where (old_numerator, old_denominator, old_status, old_excluded, old_undecidable)
                is distinct from (new_numerator, new_denominator, new_status, new_excluded, new_undecidable)
            order by all
            """,
            {"old": str(old.directory / "results.parquet"), "new": str(new.directory / "results.parquet")},
        )


def _changed_definitions(old: Side, new: Side) -> set[str]:
    """Indicators whose version or SQL is not the same."""

    def texts(side: Side) -> dict[str, tuple[Any, Any]]:
        declared = json.loads((side.directory / "indicators.json").read_text(encoding="utf-8"))
        return {declaration["id"]: (declaration["version"], declaration.get("sql")) for declaration in declared}

    before, after = texts(old), texts(new)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _accepted(side: Side) -> pl.DataFrame:
    """The decisions of an edition that change a record or a ledger row."""
    path = side.directory / "appeals.parquet"
    frames = [pl.DataFrame(schema=DECISION_SCHEMA), *([pl.read_parquet(path)] if path.exists() else [])]
    # An edition of an earlier version holds fewer columns.
    return pl.concat(frames, how="diagonal").filter(
        (pl.col("kind") == "record") & (pl.col("decision") == "accepted") & (pl.col("action") != "none")
    )


def _appealed(side: Side) -> set[tuple[str, str]]:
    """(entity, key) of the records and ledger rows that an accepted objection corrects."""
    corrected = _accepted(side).select(
        pl.coalesce("ledger_entity", "record_entity").alias("entity"),
        pl.coalesce("ledger_key", "record_id").alias("key"),
    )
    return set(corrected.iter_rows())


def _correction_files(side: Side) -> set[str]:
    """What the files of corrections are called after their entity; those of what hung on a withdrawn record too."""
    return {name.partition("__")[2] for name in _accepted(side)["correction_file"].drop_nulls()}


def _traces(
    connection: duckdb.DuckDBPyConnection,
    old: Side,
    new: Side,
    indicator: str,
    restated: pl.DataFrame,
    appealed: set[tuple[str, str]],
    correction_files: set[str],
) -> dict[tuple[str, str], list[_Trace]]:
    """(subject, variant) → what its changed evidence rows of an indicator go back to.

    A changed row whose record or unit did not change is led back to the records that link to it: a case
    becomes supervised by a record of supervision.
    """
    name = f"evidence/{indicator}.parquet"
    paths = [side.directory / name for side in (old, new)]
    if not all(path.exists() for path in paths):
        return {}
    told = (
        "variant, subject_id, month, unit_kind, unit_id, record_entity, record_id, state, numerator, denominator, "
        "reason"
    )
    links = (
        restated.select(
            "entity",
            "record_id",
            "record_key",
            "change",
            "source_file",
            "subject_ids",
            "act_months",
            pl.col("links").list.concat([pl.col("record_id")]),
        ).explode("links")
        if restated.height
        else pl.DataFrame(schema=RESTATED_SCHEMA | {"links": pl.String})
    )
    # What is counted over twelve months alone is moved by acts of any of them.
    months = ", ".join(
        f"strftime(differing.month - to_months({back}), '%Y-%m')" for back in range(_window(new, indicator))
    )
    connection.register("restated", links.to_arrow())
    rows = connection.execute(
        f"""
        with old as (select {told} from read_parquet($old)),
        new as (select {told} from read_parquet($new)),
        differing as (
            select variant, subject_id, month, unit_kind, unit_id, record_entity, record_id
            from (from old except all from new)
            union
            select variant, subject_id, month, unit_kind, unit_id, record_entity, record_id
            from (from new except all from old)
        ),
        led_back as (
            select differing.*, restated.entity, restated.record_key,
                restated.change, restated.source_file,
                restated.entity = differing.record_entity and restated.record_id = differing.record_id as is_own
            from differing
            -- A power links to its matter, but is another body's no concern.
            left join restated
                on restated.links in (differing.unit_id, differing.record_id)
                and (restated.entity <> 'powers' or restated.record_id = differing.subject_id)
                and (
                    differing.unit_kind not in ({_NO_RECORDS})
                    or restated.links is not distinct from differing.record_id
                    or (
                        -- An officer counts where the posting is, whoever's the activity.
                        (
                            differing.unit_kind = 'officer' or coalesce(len(restated.subject_ids), 0) = 0
                            or list_contains(restated.subject_ids, differing.subject_id)
                        )
                        and (
                            coalesce(len(restated.act_months), 0) = 0
                            or list_has_any(restated.act_months, [{months}])
                        )
                    )
                )
        )
        select distinct
            subject_id, variant, month, record_entity, record_id, entity, change, is_own, record_key,
            source_file
        from led_back order by all
        """,
        {"old": str(paths[0]), "new": str(paths[1])},
    ).fetchall()
    connection.unregister("restated")
    has_own = {(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[7]}
    traces: dict[tuple[str, str], list[_Trace]] = {}
    for subject, variant, month, own_entity, own_id, entity, change, is_own, record_key, file in rows:
        # Where the record itself changed, what merely links to it is no cause.
        if not is_own and (subject, variant, month, own_entity, own_id) in has_own:
            continue
        cause: str | None = None
        if change is not None:
            is_appeal = (entity, record_key) in appealed or (file or "").partition("__")[2] in correction_files
            cause = "appeal" if is_appeal else "late_record" if change == "late_record" else "correction"
        record = f"{entity or own_entity}/{record_key or own_id}"
        traces.setdefault((subject, variant), []).append(_Trace(Month.of(month), cause, record))
    return traces


def _window(side: Side, indicator: str) -> int:
    """How many months an evidence row of an indicator speaks of: twelve where it is counted over them alone."""
    declared = json.loads((side.directory / "indicators.json").read_text(encoding="utf-8"))
    periods = next((one.get("periods") for one in declared if one["id"] == indicator), None)
    return 12 if periods == ["r12"] else 1


def _months(period_kind: str, period: str) -> set[Month]:
    last = Month.parse(period)
    months = {last}
    while min(months) > last.first_of(period_kind):
        months.add(min(months).plus(-1))
    return months


def _changed_scores(
    old: Side,
    new: Side,
    results: list[dict[str, Any]],
    causes_of: Mapping[str, set[str]],
    *,
    scheme_differs: bool,
) -> list[dict[str, Any]]:
    """Points and totals that differ, of editions of the same month."""
    paths = [side.directory / "scores.parquet" for side in (old, new)]
    if old.manifest["month"] != new.manifest["month"] or not all(path.exists() for path in paths):
        return []
    frames = [
        pl.read_parquet(path).filter(pl.col("item_kind").is_in(["total", "indicator", "gate"])).select(
            "subject_id", "item_kind", "item_id", pl.col("variant").fill_null(""), pl.col("period_kind").fill_null(""),
            "points", pl.coalesce("grade", "state").alias("state"),
        )
        for path in paths
    ]  # fmt: skip
    key = ["subject_id", "item_kind", "item_id", "variant", "period_kind"]
    joined = frames[0].join(frames[1], on=key, how="full", suffix="_new", coalesce=True)
    changed = joined.filter(
        ~pl.col("points").eq_missing(pl.col("points_new")) | ~pl.col("state").eq_missing(pl.col("state_new"))
    )
    by_result = {(row["subject_id"], row["indicator_id"], row["variant"], row["period_kind"]): row["cause"]
                 for row in results if row["period"] == new.manifest["month"]}  # fmt: skip
    out = []
    for row in changed.iter_rows(named=True):
        is_total = row["item_kind"] == "total"
        own = by_result.get((row["subject_id"], row["item_id"], row["variant"], row["period_kind"]))
        causes = set(causes_of.get(row["subject_id"], ())) if is_total else set(own.split(",")) if own else set()
        if scheme_differs and (is_total or own is None):
            causes.add("scheme")
        out.append({
            "subject_id": row["subject_id"], "kind": "total" if is_total else "points",
            "indicator_id": None if is_total else row["item_id"], "variant": None if is_total else row["variant"],
            "period_kind": None if is_total else row["period_kind"], "period": new.manifest["month"],
            "old_value": row["points"], "new_value": row["points_new"], "old_state": row["state"],
            "new_state": row["state_new"], "cause": _joined(causes or {"unexplained"}), "records": [],
        })  # fmt: skip
    return out


def check_comparable(old: Edition, new: Edition) -> None:
    """EditionError if the editions share no period."""
    if abs((old.month.year - new.month.year) * 12 + old.month.number - new.month.number) > 12:
        raise EditionError(f"{old.edition_id} and {new.edition_id} share no month. Compare editions within a year.")
