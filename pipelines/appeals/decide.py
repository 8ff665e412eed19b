"""Reads the decisions of a filled-in pack and turns accepted ones into corrections.

A pack is taken whole or refused whole, with sheet and row. The same pack twice changes nothing. An
objection without a decision is kept as pending until a later pack decides it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import polars as pl

from pipelines import log
from pipelines.appeals.checks import refused_as
from pipelines.appeals.columns import (
    ABOUT_SHEET,
    ACTIONS,
    DECISIONS,
    FINDING_COLUMNS,
    FINDINGS_SHEET,
    RECORD_COLUMNS,
    RECORDS_SHEET,
    Column,
)
from pipelines.appeals.corrections import Correction, correction_files
from pipelines.appeals.ledgers import end_field, key_in_force, ledger_of
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, ContractField
from pipelines.editions.catalogue import MANIFEST_NAME, Edition, find_edition
from pipelines.editions.decisions import DECISIONS_NAME, lines_of, read_decisions
from pipelines.editions.restated import ABOUT_VERSION
from pipelines.editions.verify import sha256_of
from pipelines.errors import AppealError
from pipelines.ingest.load import load_paths
from pipelines.settings import Workspace
from pipelines.warehouse.months import Month

#: What a decision is about, and what it says.
_IDENTITY = (
    "edition_id", "subject_id", "kind", "indicator_id", "variant", "record_entity", "record_id", "finding_id",
)  # fmt: skip
_SAID = (
    "objection", "reason", "decision", "action", "field", "value", "decided_by", "decided_on", "decision_reason",
)  # fmt: skip


@dataclass(frozen=True)
class ImportSummary:
    """What a pack brought: decisions by outcome, those that were known, the corrections that were loaded.

    `withdrawn_with` records hung on withdrawn ones and went with them, `cut_loose` records no longer name them.
    """

    subject_id: str
    edition_id: str
    accepted: int
    refused: int
    pending: int
    known: int
    corrections: int
    withdrawn_with: int = 0
    cut_loose: int = 0


def import_decisions(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    contracts: Contracts,
    path: Path,
    *,
    loaded_at: datetime,
) -> ImportSummary:
    """Take the decisions of the pack at `path`; call inside `hold_warehouse`.

    Raises AppealError naming sheet, row and column; nothing of the pack is taken then.
    """
    book = _open(path)
    about = _about(book, path)
    edition = find_edition(workspace.editions, about["edition_id"])
    if sha256_of(edition.directory / MANIFEST_NAME) != about["manifest_sha256"]:
        raise AppealError(
            f"{path.name}: the pack was made from another edition {edition.edition_id} than this workspace has."
        )
    rows = [
        _decision(row, "record", place, about, edition, contracts)
        for place, row in _rows(book, path, RECORDS_SHEET, RECORD_COLUMNS)
    ] + [
        _decision(row, "finding", place, about, edition, contracts)
        for place, row in _rows(book, path, FINDINGS_SHEET, FINDING_COLUMNS)
    ]
    _check_against_edition(rows, edition, about["subject_id"], path)
    known = {row["decision_id"]: row for row in read_decisions(workspace).iter_rows(named=True)}
    fresh = []
    for row in rows:
        before = known.get(row["decision_id"])
        if before is None or before["decision"] == "pending":
            fresh.append(row)
        elif _said(before) != _said(row):
            raise AppealError(
                f"{path.name}: {row['record_id'] or row['finding_id']} was decided before ({before['decision']} by "
                f"{before['decided_by']} on {before['decided_on']}). A decision stands; object to the next edition."
            )
    fresh = [
        row for row in fresh if known.get(row["decision_id"]) is None or _said(known[row["decision_id"]]) != _said(row)
    ]
    correcting = [row for row in fresh if row["decision"] == "accepted" and row["action"] in ("withdraw", "correct")]
    for row in correcting:
        if row["record_id"] is None:
            row |= _in_ledger(connection, contracts, row, path)
    corrections = [
        Correction(
            row["ledger_entity"] or row["record_entity"], row["ledger_key"] or row["record_id"], row["action"],
            row["field"], row["value"], row["decided_on"],
        )
        for row in correcting
    ]  # fmt: skip
    made = correction_files(
        connection, contracts, corrections, folder=workspace.appeals / "corrections", edition=edition,
        subject_id=about["subject_id"], name=path.name,
    )  # fmt: skip
    files = made.files
    if files:
        report = load_paths(
            connection, sorted(files.values()), contracts=contracts, loaded_at=loaded_at,
            quarantine=workspace.quarantine, landing=workspace.landing,
        )  # fmt: skip
        if report.refused or report.rows_quarantined:
            raise AppealError(f"{path.name}: a correction breaks the contract; see {workspace.quarantine}.")
    for row in correcting:
        row["correction_file"] = files[row["ledger_entity"] or row["record_entity"]].name
    _write(workspace, {**known, **{row["decision_id"]: row for row in fresh}})
    counts = {state: sum(row["decision"] == state for row in fresh) for state in ("accepted", "refused", "pending")}
    log.event("appeals_imported", file=path.name, edition=edition.edition_id, **counts)
    return ImportSummary(
        about["subject_id"], edition.edition_id, counts["accepted"], counts["refused"], counts["pending"],
        len(rows) - len(fresh), len(corrections), made.withdrawn_with, made.cut_loose,
    )  # fmt: skip


def _write(workspace: Workspace, decisions: Mapping[str, Mapping[str, Any]]) -> None:
    workspace.appeals.mkdir(parents=True, exist_ok=True)
    path = workspace.appeals / DECISIONS_NAME
    draft = path.with_suffix(".unfinished")
    ordered = sorted(
        decisions.values(), key=lambda one: (one["month"], one["edition_id"], one["subject_id"], one["decision_id"])
    )
    draft.write_text(lines_of(ordered), encoding="utf-8")
    draft.replace(path)


def _open(path: Path) -> fastexcel.ExcelReader:
    try:
        return fastexcel.read_excel(path)
    except (OSError, fastexcel.FastExcelError) as error:
        raise AppealError(f"{path}: not readable as an Excel workbook ({type(error).__name__}).") from error


def _sheet(book: fastexcel.ExcelReader, names: Mapping[str, str], path: Path) -> pl.DataFrame:
    name = next((name for name in book.sheet_names if name in names.values()), None)
    if name is None:
        raise AppealError(
            f"{path.name}: there is no sheet {' or '.join(names.values())}. Use the pack as it was exported."
        )
    sheet = book.load_sheet(name, header_row=None, dtypes="string", skip_whitespace_tail_rows=True)
    frame = pl.from_arrow(sheet.to_arrow())
    if not isinstance(frame, pl.DataFrame):
        raise AppealError(f"{path.name}, sheet {name}: it holds no table.")
    return frame


def _about(book: fastexcel.ExcelReader, path: Path) -> dict[str, str]:
    frame = _sheet(book, ABOUT_SHEET, path)
    said = {row[0]: row[1] for row in frame.select(frame.columns[:2]).iter_rows() if row[0]}
    keys = {"subject_id": ("主体编码", "Subject id"), "edition_id": ("版次", "Edition"),
            "manifest_sha256": ("清单哈希", "Manifest hash")}  # fmt: skip
    found = {}
    for key, labels in keys.items():
        value = next((said[label] for label in labels if said.get(label)), None)
        if value is None:
            raise AppealError(
                f"{path.name}: the first sheet does not say `{labels[0]}`. Use the pack as it was exported."
            )
        found[key] = value.strip()
    return found


def _rows(
    book: fastexcel.ExcelReader, path: Path, names: Mapping[str, str], columns: Sequence[Column]
) -> list[tuple[str, dict[str, str]]]:
    """(place, row) of every row in which the body or the bureau wrote something."""
    frame = _sheet(book, names, path)
    if not frame.height:
        return []
    headings = [(cell or "").strip() for cell in frame.row(0)]
    positions = {}
    for column in columns:
        at = [i for i, heading in enumerate(headings) if heading in (column.zh, column.en)]
        if not at:
            raise AppealError(f"{path.name}, sheet {names['zh']}: the column {column.zh} ({column.en}) is missing.")
        positions[column.name] = at[0]
    filled = [column.name for column in columns if column.filled_by != "edition"]
    found = []
    for number, cells in enumerate(frame.rows()[1:], start=2):
        row = {name: (cells[at] or "").strip() for name, at in positions.items()}
        if any(row[name] for name in filled):
            found.append((f"{path.name}, sheet {names['zh']}, row {number}", row))
    return found


def _decision(
    row: Mapping[str, str], kind: str, place: str, about: Mapping[str, str], edition: Edition, contracts: Contracts
) -> dict[str, Any]:
    if not row["objection"]:
        raise AppealError(f"{place}: there is no objection (异议), so there is nothing to decide.")
    written = row["decision"]
    if written and written not in DECISIONS:
        raise AppealError(f"{place}: 决定 `{written}` is not known. Write 采纳 or 不采纳 (accepted, refused).")
    decision = DECISIONS[written] if written else "pending"
    made: dict[str, Any] = {
        "edition_id": edition.edition_id, "month": str(edition.month), "subject_id": about["subject_id"], "kind": kind,
        "indicator_id": row["indicator_id"] or None, "variant": row["variant"] or None,
        "record_entity": row.get("record_entity") or None, "record_id": row.get("record_id") or None,
        "unit_kind": row.get("unit_kind") or None, "unit_id": row.get("unit_id") or None,
        "unit_month": row.get("month") or None, "ledger_entity": None, "ledger_key": None,
        "finding_id": row.get("finding_id") or None, "objection": row["objection"], "reason": row["reason"] or None,
        "decision": decision, "action": "none", "field": None, "value": None, "decided_by": None, "decided_on": None,
        "decision_reason": None, "correction_file": None,
    }  # fmt: skip
    # Units without a record (an officer without an act) are told apart by themselves and their month.
    names = _IDENTITY if kind == "finding" or made["record_id"] else (*_IDENTITY, "unit_kind", "unit_id", "unit_month")
    identity = [made[name] or "" for name in names]
    made["decision_id"] = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:12]
    if decision == "pending":
        return made
    for name, label in (("decided_by", "决定人"), ("decided_on", "决定日期"), ("decision_reason", "决定理由")):
        if not row[name]:
            raise AppealError(f"{place}: {label} is empty. A decision says who decided, when and why.")
    made |= {"decided_by": row["decided_by"], "decision_reason": row["decision_reason"]}
    made["decided_on"] = _day(row["decided_on"], place)
    known_until = str(edition.manifest()["as_of"])[:10]
    if made["decided_on"] < known_until:
        raise AppealError(
            f"{place}: 决定日期 {made['decided_on']} lies before {known_until}, up to which the edition knows its "
            "records; nobody can have decided on it then. Write the day of the decision."
        )
    if decision == "accepted" and kind == "record":
        made |= _action(row, made, place, contracts)
    return made


def _action(row: Mapping[str, str], made: Mapping[str, Any], place: str, contracts: Contracts) -> dict[str, Any]:
    if row["action"] not in ACTIONS:
        raise AppealError(
            f"{place}: 处理 `{row['action']}` is not known. Write 撤回, 更正 or 不处理 (withdraw, correct, none)."
        )
    action = ACTIONS[row["action"]]
    if action == "none":
        return {"action": action}
    if made["record_id"] is None:
        contract = ledger_of(contracts, made["unit_kind"])
    else:
        contract = contracts.entities.get(made["record_entity"] or "")
    if contract is None:
        raise AppealError(
            f"{place}: a {made['unit_kind'] or 'row'} without a record is in no ledger, so nothing can be corrected. "
            "Write 不处理 (none) as the action, and have the source send what is missing."
        )
    if action == "withdraw":
        if contract.group == "ledger":
            raise AppealError(
                f"{place}: a row of the ledger `{contract.entity}` is not withdrawn but ended. Write 更正 (correct) as "
                f"the action, `{end_field(made['unit_kind'])}` as the field and its last day as the value."
            )
        return {"action": action}
    named = {written: field for field in contract.fields for written in (field.name, field.label.zh, field.label.en)}
    field = named.get(row["field"])
    if field is None or not _is_correctable(field, contract):
        choices = ", ".join(f"{f.name} ({f.label.zh})" for f in contract.fields if _is_correctable(f, contract))
        why = "" if field is None else (
            " An objection changes neither which record it is, nor whose, nor when it was submitted: have the source "
            "send the correction."
        )  # fmt: skip
        raise AppealError(f"{place}: 更正字段 `{row['field']}` cannot be corrected.{why} Fields are: {choices}.")
    return {"action": action, "field": field.name, "value": _value(row["value"], field, place, contracts)}


def _is_correctable(field: ContractField, contract: Contract) -> bool:
    """Whether an objection may change a field: not what makes the record, its body or its versions another's."""
    if field.name in (*contract.key, *ABOUT_VERSION) or field.references == "subjects.subject_id":
        return False
    # An officer and a device belong to the body of their agency.
    return contract.group != "ledger" or field.references != "agencies.agency_id"


def _in_ledger(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, row: Mapping[str, Any], path: Path
) -> dict[str, str]:
    """The ledger row that corrects a unit without a record; AppealError if it is not one row."""
    contract = ledger_of(contracts, row["unit_kind"])
    if contract is None:
        raise AppealError(f"{path.name}: no ledger lists a {row['unit_kind']}.")
    month = Month.parse(row["unit_month"])
    try:
        key = key_in_force(connection, contract, row["unit_kind"], row["unit_id"], row["subject_id"], month)
    except AppealError as error:
        raise AppealError(f"{path.name}: {error}") from error
    return {"ledger_entity": contract.entity, "ledger_key": key}


def _value(text: str, field: ContractField, place: str, contracts: Contracts) -> str | None:
    """A correct value as the loader will read it; AppealError if the contract would refuse it."""
    if not text:
        if field.required:
            raise AppealError(f"{place}: 更正值 is empty, but `{field.name}` is required.")
        return None
    if field.codes is not None:
        codes = contracts.code_lists[field.codes].codes
        by_text = {code: code for code in codes} | {label.zh: code for code, label in codes.items()}
        parts = text.split(";") if field.type == "list" else [text]
        if any(part.strip() not in by_text for part in parts):
            raise AppealError(f"{place}: 更正值 `{text}` is no code of `{field.name}`. Codes are: {', '.join(codes)}.")
        return ";".join(by_text[part.strip()] for part in parts)
    reason = refused_as(text, field, contracts)
    if reason is not None:
        raise AppealError(f"{place}: 更正值 is no {field.type} that `{field.name}` can hold ({reason}).")
    return text


def _day(text: str, place: str) -> str:
    try:
        return date.fromisoformat(text[:10].replace("/", "-")).isoformat()
    except ValueError as error:
        raise AppealError(f"{place}: 决定日期 `{text}` is not a day. Write 2026-11-20.") from error


def _check_against_edition(rows: Sequence[Mapping[str, Any]], edition: Edition, subject: str, path: Path) -> None:
    """A pack may only object to what the edition holds of this body."""
    with duckdb.connect() as connection:
        for row in rows:
            if row["kind"] == "finding":
                file, column, value = "findings.parquet", "finding_id", row["finding_id"]
            else:
                file, column, value = f"evidence/{row['indicator_id']}.parquet", "record_id", row["record_id"]
            if not (edition.directory / file).exists():
                raise AppealError(
                    f"{path.name}: edition {edition.edition_id} has no indicator `{row['indicator_id']}`."
                )
            query = f"select count(*) from read_parquet(?) where subject_id = ? and {column} is not distinct from ?"
            values = [str(edition.directory / file), subject, value]
            if row["kind"] == "record":
                # The whole row as the pack held it: an id written over would correct another record of the body.
                query += (
                    " and variant = ? and record_entity is not distinct from ? and unit_kind = ? and unit_id = ? "
                    "and strftime(month, '%Y-%m') = ?"
                )
                values += [row[name] for name in ("variant", "record_entity", "unit_kind", "unit_id", "unit_month")]
            if not connection.execute(query, values).fetchall()[0][0]:
                of_unit = f" with the unit `{row['unit_id']}` in {row['unit_month']}" if row["kind"] == "record" else ""
                raise AppealError(
                    f"{path.name}: edition {edition.edition_id} holds no {row['kind']} `{value or '—'}` of {subject}"
                    f"{of_unit}. Only what the edition holds can be objected to; leave the first columns of the pack "
                    "as they are."
                )


def _said(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _SAID)
