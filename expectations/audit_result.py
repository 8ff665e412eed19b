"""What an audit says: one row per rule and body."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.suite_model import Border, Dimension, Severity

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class AuditRow:
    """One line of `quality.parquet`: a rule over all bodies (`subject_id` None) or over one.

    `indicators` are the ids of those that a failing record endangers, joined by `;`.
    """

    border: Border
    expectation_id: str
    entity: str
    field: str | None
    severity: Severity
    dimension: Dimension
    owner_zh: str
    owner_en: str
    label_zh: str
    label_en: str
    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str
    indicators: str
    subject_id: str | None
    evaluated: int
    failing: int
    success: bool


@dataclass(frozen=True)
class AuditResult:
    """What an audit found.

    `rows` are sorted by the order of the suites, all bodies first, then by body. `failed_errors` are the
    ids of the failed rules of severity `error`; at the border `publish` they stop publication.
    `examples` holds, per failed rule and body, the smallest few record ids. `record` is the result as
    Great Expectations gives it; `relations` is the folder of what an edition keeps of the audit. `mended` is the
    file of what was mended since the audit before, None where there was none or only some entities were judged.
    """

    border: Border
    rows: tuple[AuditRow, ...]
    failed_errors: tuple[str, ...]
    examples: Mapping[tuple[str, str | None], tuple[str, ...]]
    record: Path
    relations: Path
    mended: Path | None = None

    def to_frame(self) -> "pl.DataFrame":
        """The rows as a polars frame with the columns of `quality.parquet`."""
        import polars as pl

        whole = {"evaluated": pl.Int64, "failing": pl.Int64, "success": pl.Boolean}
        schema = {column.name: whole.get(column.name, pl.String) for column in fields(AuditRow)}
        rows = [[getattr(row, name) for name in schema] for row in self.rows]
        return pl.DataFrame(rows, schema=schema, orient="row")
