"""Filled correction forms become ordinary versions of the records they mend.

A row of the form changes one field of a record: the newest version of the record with that field changed is
written as an update (`u`), or as a withdrawal (`d`), and loaded like any other file, so that every value is
cast, checked and quarantined by the contract. A field of the key cannot be changed in place: the record is
withdrawn under its old key and entered under the new one.
"""

import hashlib
import re
import zipfile
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.contract.correction_form import COLUMNS, CORRECTED, ENTITY, FIELD, MARKER_SHEET, RECORD, WITHDRAW
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.errors import FileRefusedError
from pipelines.ingest.discover import Candidate, entity_of
from pipelines.ingest.headers import folded_header, known_headers
from pipelines.ingest.reasons import refused
from pipelines.ingest.spreadsheets import Workbook

_READ = (ENTITY, RECORD, FIELD, CORRECTED, WITHDRAW)


def is_correction_form(path: Path) -> bool:
    """Whether the workbook at `path` has the marker sheet; only its list of sheets is read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as listed:
            return f'"{MARKER_SHEET}"'.encode() in listed.read(1 << 20)
    except (OSError, KeyError, zipfile.BadZipFile):
        # What is wrong with the file is told by the reader of workbooks.
        return False


@dataclass(frozen=True)
class _Change:
    entity: str
    record_id: str
    field: str | None
    corrected: str | None
    withdraw: bool


def _text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _changes(candidate: Candidate, contracts: Contracts) -> list[_Change]:
    """The filled rows of a form; refuses one whose columns, entities or fields are not known."""
    workbook = Workbook(candidate.name, candidate.path.read_bytes())
    sheet = next((name for name in workbook.sheets if name != MARKER_SHEET), None)
    known = {folded_header(text): name for name, label in COLUMNS.items() for text in (label.zh, label.en)}
    table = workbook.table(sheet, lambda header: folded_header(header) in known) if sheet is not None else None
    places = (
        {known[folded_header(h)]: n for n, h in enumerate(table.headers) if folded_header(h) in known} if table else {}
    )
    if table is None or not set(_READ) <= set(places):
        raise refused(
            candidate.name,
            zh=f"更正表缺少列：{'、'.join(COLUMNS[name].zh for name in _READ if name not in places)}。请用原表填写。",
            en=f"columns are missing: {', '.join(COLUMNS[name].en for name in _READ if name not in places)}. "
            "Fill in the form as it was made.",
        )
    changes = []
    for row in table.frame.iter_rows():
        cells = {name: _text(row[place]) for name, place in places.items()}
        withdraw = (cells[WITHDRAW] or "").lower() == "d"
        if cells[CORRECTED] is None and not withdraw:
            continue
        entity = entity_of(cells[ENTITY] or "", contracts)
        record = cells[RECORD]
        if entity is None or record is None:
            raise refused(
                candidate.name,
                zh="更正表有一行的数据表或记录编号无法识别。请不要改动这两列。",
                en="a row names no known table or record. Leave these two columns as they were.",
            )
        field = known_headers(contracts.entities[entity]).get(folded_header(cells[FIELD] or ""))
        if field is None and not withdraw:
            raise refused(
                candidate.name,
                zh=f"{contracts.entities[entity].label.zh}没有所填的字段。请在“{COLUMNS[FIELD].zh}”列填写字段名。",
                en=f"{entity} has no such field. Name the field in the column `{COLUMNS[FIELD].en}`.",
            )
        changes.append(_Change(entity, record, field, cells[CORRECTED], withdraw))
    return changes


def _newest(
    connection: duckdb.DuckDBPyConnection, contract: Contract, record_ids: list[str]
) -> dict[str, dict[str, str | None]]:
    """Record id → the newest version's fields as text, whatever it may be withdrawn or not."""
    versioned = "updated_at" in contract.by_name
    version = "coalesce(updated_at, submitted_at, _loaded_at)" if versioned else "_loaded_at"
    order = f"{version} desc, _load_order desc" if versioned else "_load_order desc"
    keys = ", ".join(f'"{name}"' for name in contract.key)
    columns = ", ".join(f'cast("{field.name}" as varchar)' for field in contract.fields)
    parts = ", ".join(f'cast("{name}" as varchar)' for name in contract.key)
    found = connection.execute(
        f"select concat_ws('|', {parts}) as record_id, {columns} from raw.{contract.entity} "
        f"where concat_ws('|', {parts}) in (select unnest(?)) "
        f"qualify row_number() over (partition by {keys} order by {order}) = 1",
        [record_ids],
    ).fetchall()
    names = [field.name for field in contract.fields]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


def _versions(
    candidate: Candidate,
    contract: Contract,
    changes: list[_Change],
    newest: dict[str, dict[str, str | None]],
    at: datetime,
) -> list[dict[str, str | None]]:
    """The rows to load: per record one update or withdrawal, or both where the key changes."""
    moment = at.isoformat(sep=" ")
    by_record: dict[str, list[_Change]] = {}
    for change in changes:
        by_record.setdefault(change.record_id, []).append(change)
    rows = []
    for record_id, own in by_record.items():
        before = newest.get(record_id)
        if before is None:
            raise refused(
                candidate.name,
                zh=f"{contract.label.zh}没有更正表所指的记录。请核对记录编号。",
                en=f"{contract.entity} has no record of an id in the form. Check the record ids.",
            )
        versioned = "operation" in contract.by_name
        corrected = {
            change.field: change.corrected for change in own if change.field is not None and not change.withdraw
        }
        after = {**before, **corrected}
        stamp = {"updated_at": max(moment, before.get("updated_at") or "")} if versioned else {}
        is_withdrawn = any(change.withdraw for change in own)
        moves = any(corrected.get(name, before[name]) != before[name] for name in contract.key)
        if (is_withdrawn or moves) and not versioned:
            raise refused(
                candidate.name,
                zh=f"{contract.label.zh}是台账，不能撤回或改编号。请重新导出该台账。",
                en=f"{contract.entity} is a ledger: its rows cannot be withdrawn or renamed. Export the ledger again.",
            )
        if is_withdrawn or moves:
            rows.append({**before, **stamp, "operation": "d"})
        if not is_withdrawn and after != before:
            rows.append({**after, **stamp, **({"operation": "i" if moves else "u"} if versioned else {})})
    return rows


def with_corrections(
    connection: duckdb.DuckDBPyConnection,
    candidates: Sequence[Candidate],
    contracts: Contracts,
    *,
    loaded_at: datetime,
    folder: Path,
    waiting: AbstractSet[Path] = frozenset(),
) -> tuple[list[Candidate], dict[Path, FileRefusedError | None], list[Candidate]]:
    """`candidates` with every filled correction form replaced by the versions it stands for, one file per entity.

    The files are written to `folder` and named after the form and its content, so that a form loaded before
    brings nothing new. The path of every form comes with its refusal, if it names what is not there, and the forms
    refused come once more as candidates. `waiting` are files that may still be written: they are left as they are.
    """
    loaded = {row[0] for row in connection.execute("select name from raw.files where status = 'loaded'").fetchall()}
    found: list[Candidate] = []
    forms: dict[Path, FileRefusedError | None] = {}
    refused_forms: list[Candidate] = []
    for candidate in candidates:
        if (
            candidate.format not in ("xlsx", "xls")
            or not candidate.is_regular
            or candidate.path in waiting
            or not is_correction_form(candidate.path)
        ):
            found.append(candidate)
            continue
        forms[candidate.path] = None
        try:
            found += _made(connection, candidate, contracts, loaded, loaded_at, folder)
        except FileRefusedError as error:
            forms[candidate.path] = error
            refused_forms.append(candidate)
    return sorted(found, key=lambda candidate: candidate.order), forms, refused_forms


def _made(
    connection: duckdb.DuckDBPyConnection,
    candidate: Candidate,
    contracts: Contracts,
    loaded: set[str],
    loaded_at: datetime,
    folder: Path,
) -> list[Candidate]:
    digest = hashlib.sha256(candidate.path.read_bytes()).hexdigest()[:12]
    stem = re.sub(r"\W+", "_", candidate.path.stem)
    by_entity: dict[str, list[_Change]] = {}
    for change in _changes(candidate, contracts):
        by_entity.setdefault(change.entity, []).append(change)
    # All rows are made before any is written: a form is taken whole or not at all.
    made: dict[str, list[dict[str, str | None]]] = {}
    for entity, changes in by_entity.items():
        if f"{entity}__{stem}_{digest}.parquet" not in loaded:
            newest = _newest(connection, contracts.entities[entity], [change.record_id for change in changes])
            made[entity] = _versions(candidate, contracts.entities[entity], changes, newest, loaded_at)
    files = []
    for entity, rows in made.items():
        if rows:
            name = f"{entity}__{stem}_{digest}.parquet"
            schema = {field.name: pl.String for field in contracts.entities[entity].fields}
            pl.DataFrame(rows, schema=schema).write_parquet(folder / name)
            files.append(Candidate(folder / name, name, entity, "parquet", zipped=False))
    return files
