"""The history of one record: every version that was loaded, where it came from, what changed, and which one counts.

Which version counts is decided as the staging models decide it (`macros/staged.sql`): of those known at a moment the
newest, unless it withdraws the record or was not submitted yet.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.contract.model import MASK, Contract, ContractField, Label

#: The fields of a version itself; that they change is no change of the record.
_OF_THE_VERSION = ("submitted_at", "updated_at", "operation")

#: Since when a version `r` of an activity is known, and since when its record counts.
KNOWN_AT, COUNTS_FROM = "coalesce(r.updated_at, r.submitted_at, r._loaded_at)", "coalesce(r.submitted_at, r._loaded_at)"

COUNTS = Label(zh="计入", en="counts")
SUPERSEDED = Label(zh="已被第 {newest} 版取代", en="superseded by version {newest}")
WITHDRAWS = Label(zh="撤回记录，不计入", en="withdraws the record, which does not count")
NOT_YET_KNOWN = Label(zh="当时尚未更新，不计入", en="not known yet at that time")
NOT_YET_SUBMITTED = Label(zh="当时尚未录入，不计入", en="not submitted yet at that time")


@dataclass(frozen=True)
class Change:
    """A field that differs from the version before; both values are masked if they are personal data."""

    field: ContractField
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Version:
    """One version, numbered from 1 in the order in which versions replace one another.

    `known_at` is when it came to hold, `row_number` its row in `file` with the header counted, `state` whether it
    counts and if not why.
    """

    number: int
    known_at: datetime
    loaded_at: datetime
    batch_id: int
    operation: str | None
    file: str
    row_number: int
    changes: tuple[Change, ...]
    state: Label


def record_history(
    connection: duckdb.DuckDBPyConnection, contract: Contract, record_id: str, *, as_of: datetime
) -> list[Version]:
    """Every version of the record whose key, joined by `|`, is `record_id`; empty if there is none."""
    versioned = "updated_at" in contract.by_name
    known_at = KNOWN_AT if versioned else "r._loaded_at"
    counts_from = COUNTS_FROM if versioned else "r._loaded_at"
    order = "known_at, r._load_order" if versioned else "r._load_order"
    key = ", ".join(f'cast(r."{name}" as varchar)' for name in contract.key)
    fields = [field for field in contract.fields if field.name not in _OF_THE_VERSION]
    values = ", ".join(f'cast(r."{field.name}" as varchar)' for field in fields)
    found = connection.execute(
        f"select {known_at} as known_at, {counts_from} as counts_from, r._loaded_at, f.batch_id, "
        f"{'r.operation' if versioned else 'null'}, f.name, r._row_number, {values} "
        f"from raw.{contract.entity} as r join raw.files as f on f.file_id = r._file_id "
        f"where concat_ws('|', {key}) = ? order by {order}",
        [record_id],
    ).fetchall()
    # A ledger counts as it stands; of an activity only what was known at the moment.
    known = [at for at, row in enumerate(found) if not versioned or row[0] <= as_of]
    newest = known[-1] if known else None
    versions = []
    before: tuple[str | None, ...] | None = None
    for at, (moment, since, loaded_at, batch_id, operation, file, row_number, *own) in enumerate(found):
        after = tuple(own)
        changes = () if before is None else _changes(fields, before, after)
        if at not in known:
            state = NOT_YET_KNOWN
        elif at != newest:
            number = (newest or 0) + 1
            state = Label(zh=SUPERSEDED.zh.format(newest=number), en=SUPERSEDED.en.format(newest=number))
        elif operation == "d":
            state = WITHDRAWS
        else:
            state = NOT_YET_SUBMITTED if versioned and since > as_of else COUNTS
        versions.append(Version(at + 1, moment, loaded_at, batch_id, operation, file, row_number, changes, state))
        before = after
    return versions


def _changes(
    fields: list[ContractField], before: tuple[str | None, ...], after: tuple[str | None, ...]
) -> tuple[Change, ...]:
    return tuple(
        Change(field, _shown(field, old), _shown(field, new))
        for field, old, new in zip(fields, before, after, strict=True)
        if old != new
    )


def _shown(field: ContractField, value: str | None) -> str | None:
    return MASK if value is not None and field.pii else value
