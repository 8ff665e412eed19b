"""The decisions on objections that a workspace holds, as editions read them.

`appeals/decisions.jsonl` has one line per decision; `pipelines.appeals` writes it. An edition of a month
holds the decisions on editions of that month and of earlier ones.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from pipelines.errors import EditionError
from pipelines.settings import Workspace
from pipelines.warehouse.months import Month

DECISIONS_NAME = "decisions.jsonl"

DECISION_SCHEMA = {
    "decision_id": pl.String, "edition_id": pl.String, "month": pl.String, "subject_id": pl.String,
    "kind": pl.String, "indicator_id": pl.String, "variant": pl.String, "record_entity": pl.String,
    "record_id": pl.String, "unit_kind": pl.String, "unit_id": pl.String, "unit_month": pl.String,
    "ledger_entity": pl.String, "ledger_key": pl.String, "finding_id": pl.String,
    "objection": pl.String, "reason": pl.String,
    "decision": pl.String, "action": pl.String, "field": pl.String, "value": pl.String,
    "decided_by": pl.String, "decided_on": pl.String, "decision_reason": pl.String, "correction_file": pl.String,
}  # fmt: skip


def read_decisions(workspace: Workspace, month: Month | None = None) -> pl.DataFrame:
    """Every decision on editions up to `month`, columns `DECISION_SCHEMA`, sorted; EditionError names a broken line."""
    path = workspace.appeals / DECISIONS_NAME
    rows: list[dict[str, Any]] = []
    if path.exists():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                rows.append(json.loads(line))
            except ValueError as error:
                raise EditionError(f"{path}, line {number}: not JSON ({error}). Restore the line.") from error
    frame = pl.DataFrame(rows, schema=DECISION_SCHEMA)
    if month is not None:
        frame = frame.filter(pl.col("month") <= str(month))
    return frame.sort("month", "edition_id", "subject_id", "decision_id")


def accepted_findings(decisions: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """finding_id → (decision_id, decided_on) of the findings that an accepted objection closes."""
    accepted = decisions.filter((pl.col("kind") == "finding") & (pl.col("decision") == "accepted"))
    return {row[0]: row[1:] for row in accepted.select("finding_id", "decision_id", "decided_on").iter_rows()}


def lines_of(decisions: Iterable[Mapping[str, Any]]) -> str:
    """Decisions as lines of the file."""
    return "".join(
        json.dumps({name: one.get(name) for name in DECISION_SCHEMA}, ensure_ascii=False) + "\n" for one in decisions
    )
