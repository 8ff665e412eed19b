"""What bodies have mended since the audit before: failing records of then held against those of now."""

from pathlib import Path
from typing import TYPE_CHECKING

from expectations.failures import FILE as FAILURES

if TYPE_CHECKING:
    import polars as pl

FILE = "mended.parquet"
_RECORD = ["expectation_id", "entity", "record_id"]


def failures_before(work: Path) -> "pl.DataFrame | None":
    """`failures.parquet` of the audit before: of the same month, else of the last month audited before; None if none.

    `work` is the folder of the month's audit; those of other months lie beside it, each named by its month.
    """
    import polars as pl

    earlier = sorted((other for other in work.parent.glob("????-??") if other.name < work.name), reverse=True)
    for folder in (work, *earlier):
        path = folder / "relations" / FAILURES
        if path.is_file():
            return pl.read_parquet(path)
    return None


def mended(before: "pl.DataFrame", now: "pl.DataFrame") -> "pl.DataFrame":
    """One row per rule and body: expectation_id, subject_id, mended, left (fail as before), added (fail since).

    A record that was withdrawn is mended, too. Rows that are no record (a body's volume, a stated total) are left
    out. A mended or left record counts for the body it was of before.
    """
    import polars as pl

    def records(failures: pl.DataFrame) -> pl.DataFrame:
        return failures.filter(pl.col("source_row").is_not_null()).unique(_RECORD, maintain_order=True)

    was, are = records(before), records(now)
    found = {
        "mended": was.join(are, on=_RECORD, how="anti"),
        "left": was.join(are, on=_RECORD, how="semi"),
        "added": are.join(was, on=_RECORD, how="anti"),
    }
    marked = pl.concat(
        [frame.select("expectation_id", "subject_id", state=pl.lit(name)) for name, frame in found.items()]
    )
    return (
        marked.group_by("expectation_id", "subject_id")
        .agg((pl.col("state") == name).sum().cast(pl.Int64).alias(name) for name in found)
        .sort("expectation_id", "subject_id")
    )
