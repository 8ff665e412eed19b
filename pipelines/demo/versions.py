"""From what happened to the rows that were exported: versions, corrections, withdrawals, by month of export.

An export of month M is taken at the end of the 5th day of M+1 and holds the acts of M, and older acts that were
entered or changed since the export before. A record that changed twice between two exports is sent once, as it then
stood. Corrections and withdrawals of what was sent wrongly travel in files of their own.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from pipelines.demo.arguments import EXPORT_DAY, DemoArguments
from pipelines.demo.clock import MINUTES_A_DAY, NONE, month_of, times
from pipelines.demo.volumes import Volumes

_GRACE = EXPORT_DAY * MINUTES_A_DAY


def export_month(arguments: DemoArguments, acted: np.ndarray, entered: np.ndarray) -> np.ndarray:
    """Index of the month whose export first holds a change made at `acted` and entered at `entered`."""
    month = np.maximum(month_of(np.maximum(acted, 0)), month_of(entered - _GRACE)) - int(arguments.month_numbers[0])
    return np.clip(month, 0, len(arguments.months) - 1)


def withdrawn_at(generator: np.random.Generator, arguments: DemoArguments, entered: np.ndarray) -> np.ndarray:
    """When a record entered by mistake was withdrawn: one to twenty days later, before the last export."""
    longest = np.minimum(20 * MINUTES_A_DAY, arguments.cutoff - entered)
    return entered + np.maximum(1, (longest * generator.random(len(entered))).astype(np.int64))


def exported(
    volumes: Volumes,
    frame: pl.DataFrame,
    states: Sequence[tuple[str, str]],
    gates: Mapping[str, str] | None = None,
    *,
    corrected: np.ndarray | None = None,
    corrected_at: np.ndarray | None = None,
    wrong: Mapping[str, pl.Expr] | None = None,
) -> pl.DataFrame:
    """Every exported version of the records of `frame`.

    `states` names pairs of columns (minute of entry, minute of the act); the first must be set in every row,
    the entry of a later one may be NONE. A field in `gates` is null in a version entered before the minute in the
    gate's column. Where there is a column `_s`, nothing is sent in a silent month of that subject. Rows with `_gone`
    end with a withdrawal at `_out`. Rows of `corrected` were first sent with the values of `wrong` and put right at
    `corrected_at`. Adds submitted_at, updated_at, operation, `_month` (index), `_fix`.
    """
    arguments = volumes.arguments

    def sent(column: str) -> np.ndarray:
        minutes = frame[column].to_numpy()
        return volumes.awake(frame["_s"].to_numpy(), minutes) if "_s" in frame.columns else minutes

    numbered = frame.with_columns(_row=pl.int_range(pl.len(), dtype=pl.Int64))
    first_entry = sent(states[0][0])
    first_act = numbered[states[0][1]].to_numpy()
    is_wrong = np.zeros(len(frame), dtype=bool) if corrected is None else corrected
    pieces: list[pl.DataFrame] = []

    def add(
        rows: np.ndarray, entry: np.ndarray, month: np.ndarray, order: int, operation: str, *, fix: bool, right: bool
    ) -> None:
        part = numbered[rows] if len(rows) != len(numbered) else numbered
        at = pl.Series("_at", entry)
        bad = pl.Series(is_wrong[rows] & (not right))
        changes = []
        for field in {**(gates or {}), **(wrong or {})}:
            gate = (gates or {}).get(field)
            known: pl.Expr = pl.lit(part[gate].is_between(0, at)) if gate else pl.lit(value=True)
            value = pl.when(known).then(pl.col(field))
            mistake = (wrong or {}).get(field)
            changes.append(
                value.alias(field) if mistake is None else pl.when(bad).then(mistake).otherwise(value).alias(field)
            )
        pieces.append(
            part.with_columns(changes).with_columns(
                times("submitted_at", first_entry[rows]),
                times("updated_at", entry),
                pl.lit(operation).alias("operation"),
                pl.Series("_month", month),
                pl.lit(fix).alias("_fix"),
                pl.lit(order).alias("_order"),
            )
        )

    cutoff = arguments.cutoff
    gone = frame["_gone"].to_numpy() if "_gone" in frame.columns else np.zeros(len(frame), dtype=bool)
    before = np.full(len(frame), NONE, dtype=np.int64)
    for order, (entry_column, act_column) in enumerate(states):
        entry, act = sent(entry_column), numbered[act_column].to_numpy()
        # No two versions of a record bear the same minute; what was withdrawn is never updated.
        entry = np.where(entry == NONE, NONE, np.maximum(entry, before + 1))
        before = np.maximum(before, entry)
        rows = np.flatnonzero((entry != NONE) & (entry <= cutoff) & ((order == 0) | ~gone))
        month = export_month(arguments, act[rows], entry[rows])
        add(rows, entry[rows], month, order, "i" if order == 0 else "u", fix=False, right=False)
    if corrected is not None and corrected_at is not None:
        put_right = volumes.awake(frame["_s"].to_numpy(), np.maximum(corrected_at, before + 1))
        rows = np.flatnonzero(corrected & (put_right <= cutoff))
        month = export_month(arguments, first_act[rows], put_right[rows])
        add(rows, put_right[rows], month, 90, "u", fix=True, right=True)
    if gone.any():
        rows = np.flatnonzero(gone)
        out = np.maximum(sent("_out"), first_entry + 1)[rows]
        add(rows, out, export_month(arguments, first_act[rows], out), 99, "d", fix=True, right=False)
    if len(states) == 1:
        return pl.concat(pieces)
    return (
        pl.concat(pieces)
        .sort("_row", "_order")
        .unique(["_row", "_month", "_fix"], keep="last", maintain_order=True)
        .with_columns(
            pl.when(pl.col("_row").is_first_distinct()).then(pl.lit("i")).otherwise("operation").alias("operation")
        )
    )
