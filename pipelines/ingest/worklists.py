"""Quarantined rows by body, as a workbook to be corrected and loaded again.

The rows come from the worklists that a load leaves in `quarantine/<batch>/`, with personal data masked: a mask that is
left as it is takes the row's own value when the list is loaded (`originals`). A row whose key was loaded by a later
batch is mended and not listed again; one that withdraws its record is when that was withdrawn. A list that comes back
with rows not yet mended has them refused again: of the refused rows of one record the newest is listed.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.contract.forms import write_filled_form
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, Language
from pipelines.existing import refuse_existing
from pipelines.ingest.casting import cast_field
from pipelines.ingest.first_look import Look
from pipelines.ingest.headers import ROW_ORIGIN, HeaderMatch, folded_header, known_headers
from pipelines.ingest.keeping import worklist_path
from pipelines.ingest.originals import has_whole_key, key_sql, key_text
from pipelines.ingest.withdrawals import OPERATION, WITHDRAWN

#: The body of a row that names none.
UNKNOWN = "unknown"
_ASIDE: dict[Language, tuple[str, ...]] = {
    "zh": (*ROW_ORIGIN, "_原因"),
    "en": (*ROW_ORIGIN, "_reasons"),
}


@dataclass(frozen=True)
class Worklist:
    """The workbook of one body and how many rows it lists by entity; `subject` is `UNKNOWN` for rows that name none."""

    path: Path
    subject: str
    rows: dict[str, int]


def export_worklists(
    connection: duckdb.DuckDBPyConnection,
    quarantine: Path,
    out: Path,
    contracts: Contracts,
    *,
    language: Language,
    subject: str | None = None,
    force: bool = False,
) -> list[Worklist]:
    """Write `out/<subject>.xlsx` for every body with rows to mend, or for `subject` alone; the workbooks, sorted.

    Raises UsageError if one of them exists (unless `force`): it may hold corrections.
    """
    agencies = dict(connection.execute("select agency_id, subject_id from raw.agencies").fetchall())
    rows: dict[tuple[object, ...], tuple[str, dict[str, str | None]]] = {}
    files = connection.execute(
        "select batch_id, entity, name from raw.files where status = 'loaded' and rows_quarantined > 0 "
        "order by batch_id, name"
    ).fetchall()
    for batch_id, entity, name in files:
        path = worklist_path(quarantine, batch_id, name)
        if not path.is_file():
            continue
        contract = contracts.entities[entity]
        mended = _keys_loaded_after(connection, contract, batch_id)
        for key, operation, row in _rows_of(path, batch_id, name, contract, contracts):
            if key in mended[operation == WITHDRAWN]:
                continue
            # Without its whole key a row is a record of its own: which one nobody can tell.
            record = (entity, key) if has_whole_key(key) else (batch_id, name, len(rows))
            rows.pop(record, None)
            rows[record] = (entity, row)
    by_subject: dict[str, dict[str, list[dict[str, str | None]]]] = {}
    for entity, row in rows.values():
        body = row.get("subject_id") or agencies.get(row.get("agency_id") or "") or UNKNOWN
        if subject is None or body == subject:
            by_subject.setdefault(body, {}).setdefault(entity, []).append(row)
    paths = {body: out / f"{_safe(body)}.xlsx" for body in sorted(by_subject)}
    refuse_existing(paths.values(), force=force)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for body, path in paths.items():
        write_filled_form(path, by_subject[body], contracts, language=language, aside=_ASIDE[language])
        written.append(Worklist(path, body, {entity: len(rows) for entity, rows in by_subject[body].items()}))
    return written


def _safe(body: str) -> str:
    """A body's id comes from a file: only letters, digits and a few signs of it become a name on disk."""
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in body)[:80] or UNKNOWN


def _rows_of(
    path: Path, batch_id: int, name: str, contract: Contract, contracts: Contracts
) -> list[tuple[str, str | None, dict[str, str | None]]]:
    """The rows of a worklist: the text of the key, the operation, the values and what is said about them by field."""
    frame = pl.read_csv(path, infer_schema_length=0)
    frame = frame.with_columns(_without_mark(column) for column in frame.columns)
    known = known_headers(contract)
    names = [column if column.startswith("_") else known.get(folded_header(column)) for column in frame.columns]
    places = {field: at for at, field in enumerate(names) if field in contract.by_name}
    positioned = frame.rename({column: str(at) for at, column in enumerate(frame.columns)})
    keys = key_text(positioned, HeaderMatch(places, {}), contract, contracts)
    operations: list[str | None] = [None] * frame.height
    if OPERATION in places:
        written = positioned[str(places[OPERATION])]
        operations = cast_field(written, contract.field(OPERATION), contracts, Look())[0].to_list()
    # Also for lists that were written before they named their batch and file.
    origin: dict[str, str | None] = dict(zip(ROW_ORIGIN, (str(batch_id), name), strict=False))
    return [
        (key, operation, {field: value for field, value in zip(names, values, strict=True) if field} | origin)
        for key, operation, values in zip(keys, operations, frame.iter_rows(), strict=True)
    ]


def _without_mark(column: str) -> pl.Expr:
    """The values without the apostrophe that keeps a spreadsheet from running them; a form writes texts as texts."""
    return pl.col(column).str.replace(r"^'([=@+-])", "$1")


def _keys_loaded_after(
    connection: duckdb.DuckDBPyConnection, contract: Contract, batch_id: int
) -> dict[bool, set[str]]:
    """The texts of the keys of the entity's records in later batches: of any version, and under True of withdrawals."""
    withdraws = f"r.{OPERATION} = '{WITHDRAWN}'" if OPERATION in contract.by_name else "false"
    found = connection.execute(
        f"select distinct {key_sql(contract, 'r')}, coalesce({withdraws}, false) from raw.{contract.entity} as r "
        "join raw.files as f on f.file_id = r._file_id where f.batch_id > ?",
        [batch_id],
    ).fetchall()
    return {False: {key for key, _ in found}, True: {key for key, is_withdrawal in found if is_withdrawal}}
