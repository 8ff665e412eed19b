"""What bodies have mended since the audit before: failing records of then held against those of now."""

import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.failures import FILE as FAILURES

if TYPE_CHECKING:
    import polars as pl

FILE = "mended.parquet"
#: The rules of a whole audit, beside what it found: a rule that nobody failed is in no other file.
RULES = "rules.json"
_RECORD = ["expectation_id", "entity", "record_id"]


def keep_rules(work: Path, rules: Collection[str], as_of: datetime) -> None:
    """Write down which rules the audit in `work` judged, of what was known at `as_of`."""
    kept = {"as_of": as_of.isoformat(), "rules": sorted(rules)}
    (work / RULES).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def audit_before(work: Path, as_of: datetime) -> "tuple[pl.DataFrame, frozenset[str]] | None":
    """`failures.parquet` and the rules of the audit before, None if there was none.

    It is that of the same month, else of the last month audited before. `work` is the folder of the month's audit;
    those of other months lie beside it, each named by its month. One that knew more than is known at `as_of` is none:
    what it found and this one does not is not mended, but not known yet.
    """
    import polars as pl

    earlier = sorted((other for other in work.parent.glob("????-??") if other.name < work.name), reverse=True)
    for folder in (work, *earlier):
        path = folder / "relations" / FAILURES
        if path.is_file() and (folder / RULES).is_file():
            kept = json.loads((folder / RULES).read_text(encoding="utf-8"))
            # An audit of an earlier build did not write down what it knew.
            if isinstance(kept, dict) and datetime.fromisoformat(kept["as_of"]) <= as_of:
                return pl.read_parquet(path), frozenset(kept["rules"])
    return None


def mended(before: "pl.DataFrame", now: "pl.DataFrame", rules: Collection[str]) -> "pl.DataFrame":
    """One row per rule and body: expectation_id, subject_id, mended, left (fail as before), added (fail since).

    `rules` are those that both audits judged: of a rule that was removed, renamed or is new nobody can tell what was
    mended. A record that was withdrawn is mended, too. Rows that are no record (a body's volume, a stated total) are
    left out. A mended or left record counts for the body it was of before.
    """
    import polars as pl

    def records(failures: pl.DataFrame) -> pl.DataFrame:
        judged = pl.col("expectation_id").is_in(sorted(rules)) & pl.col("source_row").is_not_null()
        return failures.filter(judged).unique(_RECORD, maintain_order=True)

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
