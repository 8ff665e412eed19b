"""Accepted objections as files of corrected records, which are loaded like any export.

Each correction is the record as it was known, with the change, as two versions: one known at the edition's
as-of time, so that a revision of that edition applies it and nothing else, and one known at the decision's
day, so that later editions hold it against what the source sent in between. A ledger counts as it stands, so
a corrected row of one is a single version, which holds until the ledger is sent again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.editions.catalogue import Edition
from pipelines.errors import AppealError


@dataclass(frozen=True)
class Correction:
    """One change of one record: `action` withdraw, or correct with `field` and `value`.

    `record_key` is its key, the parts joined by `|`.
    """

    entity: str
    record_key: str
    action: str
    field: str | None
    value: str | None
    decided_on: str


def correction_files(
    connection: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    corrections: Sequence[Correction],
    *,
    folder: Path,
    edition: Edition,
    subject_id: str,
    name: str,
) -> dict[str, Path]:
    """The file of corrections of each entity, named by its content; AppealError if a record is not there.

    Several corrections of one record are one version; a withdrawal goes before them.
    """
    as_of = datetime.fromisoformat(edition.manifest()["as_of"])
    by_entity: dict[str, dict[str, list[Correction]]] = {}
    for one in corrections:
        by_entity.setdefault(one.entity, {}).setdefault(one.record_key, []).append(one)
    files = {}
    for entity, by_record in sorted(by_entity.items()):
        contract = contracts.entities[entity]
        rows: list[dict[str, str | None]] = []
        for record_key, changes in sorted(by_record.items()):
            decided = max(datetime.combine(date.fromisoformat(one.decided_on), time(23, 59, 59)) for one in changes)
            for moment in sorted({as_of, max(as_of, decided)}) if contract.group == "activity" else (decided,):
                base = _known(connection, contract, record_key, moment)
                if base is None:
                    raise AppealError(f"{name}: {entity} {record_key} of {subject_id} is not in the warehouse.")
                rows.append(_changed(contract, base, changes, moment))
        frame = pl.DataFrame(rows, schema=dict.fromkeys((field.name for field in contract.fields), pl.String))
        content = frame.write_csv()
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{entity}__appeal-{edition.edition_id}-{digest}.csv"
        path.write_text(content, encoding="utf-8")
        files[entity] = path
    return files


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
