"""Accepted objections as files of corrected records, which are loaded like any export.

Each correction is the record as it was known, with the change, as two versions: one known at the edition's
as-of time, so that a revision of that edition applies it and nothing else, and one known at the decision's
day, so that later editions hold it against what the source sent in between. A ledger counts as it stands, so
a corrected row of one is a single version, which holds until the ledger is sent again.

What hangs on a withdrawn record is withdrawn with it, or no longer names it, at the same times (`hanging`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.appeals.checks import orders_broken
from pipelines.appeals.hanging import hanging_on
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.editions.catalogue import Edition
from pipelines.errors import AppealError


@dataclass(frozen=True)
class Correction:
    """One change of one record: `action` withdraw, or correct with `field` and `value`.

    `record_key` is its key, the parts joined by `|`. What follows from another correction has in `hangs_by` the field
    that named the record withdrawn, and in `hangs_on` that record's id.
    """

    entity: str
    record_key: str
    action: str
    field: str | None
    value: str | None
    decided_on: str
    hangs_by: str | None = None
    hangs_on: str | None = None


@dataclass(frozen=True)
class CorrectionFiles:
    """The file of each entity, and how many records that hung on withdrawn ones went with them or were cut loose."""

    files: Mapping[str, Path]
    withdrawn_with: int
    cut_loose: int


def correction_files(
    connection: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    corrections: Sequence[Correction],
    *,
    folder: Path,
    edition: Edition,
    subject_id: str,
    name: str,
) -> CorrectionFiles:
    """The file of corrections of each entity, all named by their content.

    Several corrections of one record are one version; a withdrawal goes before them. Raises AppealError if a record
    is not there, or if a corrected one has its dates in the wrong order.
    """
    as_of = datetime.fromisoformat(edition.manifest()["as_of"])
    by_entity: dict[str, dict[str, list[Correction]]] = {}
    for one in [*corrections, *_following(connection, contracts, corrections)]:
        by_entity.setdefault(one.entity, {}).setdefault(one.record_key, []).append(one)
    contents: dict[str, str] = {}
    withdrawn_with: set[tuple[str, str]] = set()
    cut_loose: set[tuple[str, str]] = set()
    for entity, by_record in sorted(by_entity.items()):
        contract = contracts.entities[entity]
        rows: list[dict[str, str | None]] = []
        for record_key, changes in sorted(by_record.items()):
            decided = max(datetime.combine(date.fromisoformat(one.decided_on), time(23, 59, 59)) for one in changes)
            for moment in sorted({as_of, max(as_of, decided)}) if contract.group == "activity" else (decided,):
                base = _known(connection, contract, record_key, moment)
                own = [one for one in changes if one.hangs_by is None or _still_hangs(base, one)]
                if not own:
                    continue
                if base is None:
                    raise AppealError(f"{name}: {entity} {record_key} of {subject_id} is not in the warehouse.")
                row = _changed(contract, base, own, moment)
                _check_order(contract, contracts, base, row, f"{name}: {entity} {record_key}")
                rows.append(row)
                if all(one.hangs_by is not None for one in own):
                    gone = any(one.action == "withdraw" for one in own)
                    (withdrawn_with if gone else cut_loose).add((entity, record_key))
        if rows:
            frame = pl.DataFrame(rows, schema=dict.fromkeys((field.name for field in contract.fields), pl.String))
            contents[entity] = frame.write_csv()
    # One name for all files of an import, so that what followed from a decision is known by it too.
    digest = hashlib.sha256("".join(contents[entity] for entity in sorted(contents)).encode()).hexdigest()[:8]
    files = {}
    for entity, content in contents.items():
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{entity}__appeal-{edition.edition_id}-{digest}.csv"
        path.write_text(content, encoding="utf-8")
        files[entity] = path
    return CorrectionFiles(files, len(withdrawn_with), len(cut_loose))


def _following(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, corrections: Sequence[Correction]
) -> list[Correction]:
    """What the withdrawals among `corrections` do to the records that hang on them."""
    found = []
    for one in corrections:
        if one.action == "withdraw":
            for record in hanging_on(connection, contracts, one.entity, one.record_key):
                action, field = ("withdraw", None) if record.is_withdrawn else ("correct", record.field)
                found.append(
                    Correction(
                        record.entity,
                        record.record_key,
                        action,
                        field,
                        None,
                        one.decided_on,
                        record.field,
                        record.hangs_on,
                    )
                )
    return found


def _still_hangs(base: Mapping[str, Any] | None, one: Correction) -> bool:
    """Whether the version known at a time stands, and names the record withdrawn."""
    if base is None or one.hangs_by is None:
        return False
    return base["operation"] != "d" and base[one.hangs_by] == one.hangs_on


def _check_order(
    contract: Contract, contracts: Contracts, base: Mapping[str, Any], row: Mapping[str, str | None], place: str
) -> None:
    if row.get("operation") == "d":
        return
    before = {name: _text(value) for name, value in base.items() if not name.startswith("_")}
    broken = orders_broken(contract, contracts, before, row)
    if broken:
        raise AppealError(
            f"{place}: the corrected value contradicts the record: {broken[0].label.zh} ({broken[0].label.en}). "
            "Write the value that the file of the case has, or correct the other date first."
        )


def _known(
    connection: duckdb.DuckDBPyConnection, contract: Contract, record_key: str, moment: datetime
) -> dict[str, Any] | None:
    """The newest version of a record known at `moment`, as the staging models choose it; of a ledger, the last sent."""
    keyed = f"select * from raw.{contract.entity} where concat_ws('|', {', '.join(contract.key)}) = ? "
    if contract.group == "activity":
        known_at = "coalesce(updated_at, submitted_at, _loaded_at)"
        relation = connection.execute(
            keyed + f"and {known_at} <= ? order by {known_at} desc, _load_order desc limit 1", [record_key, moment]
        )
    else:
        relation = connection.execute(keyed + "order by _load_order desc limit 1", [record_key])
    names = [column[0] for column in relation.description]
    found = relation.fetchone()
    return None if found is None else dict(zip(names, found, strict=True))


def _changed(
    contract: Contract, base: Mapping[str, Any], changes: Sequence[Correction], moment: datetime
) -> dict[str, str | None]:
    row = {name: _text(value) for name, value in base.items() if not name.startswith("_")}
    for one in changes:
        if one.action == "correct" and one.field is not None:
            row[one.field] = one.value
    if contract.group == "ledger":
        return row
    # Without a time of its own a record counts from its load; the corrected version counts from then too.
    row["submitted_at"] = _text(base["submitted_at"] or base["_loaded_at"])
    row["updated_at"] = _text(moment)
    row["operation"] = "d" if any(one.action == "withdraw" for one in changes) else "u"
    return row


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
