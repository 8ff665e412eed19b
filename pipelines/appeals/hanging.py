"""What hangs on a record that an appeal withdraws: it would be left pointing at nothing.

What cannot stand without the record goes with it: its participations, recordings, documents and supervisions, and
whatever must name it (the disputes of a case, the faults of a review). What can, because it only may name it (a
measure, a lead), keeps standing and no longer names it.
"""

from dataclasses import dataclass

import duckdb

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract


@dataclass(frozen=True)
class Hanging:
    """A record that hangs on the record `hangs_on` by `field`: to be withdrawn, or cut loose if it can stand alone."""

    entity: str
    record_key: str
    field: str
    hangs_on: str
    is_withdrawn: bool


def hanging_on(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, entity: str, record_key: str
) -> list[Hanging]:
    """All that hangs on a record, and on what goes with it, by entity and key; ledgers are never touched."""
    found: dict[tuple[str, str, str], Hanging] = {}
    waiting = [(entity, record_key)]
    while waiting:
        for one in _directly_on(connection, contracts, *waiting.pop()):
            key = (one.entity, one.record_key, one.field)
            if key not in found:
                found[key] = one
                if one.is_withdrawn:
                    waiting.append((one.entity, one.record_key))
    return [found[key] for key in sorted(found)]


def _directly_on(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, entity: str, record_key: str
) -> list[Hanging]:
    target = contracts.entities[entity]
    if len(target.key) > 1:
        return []
    kind = target.key[0].removesuffix("_id")
    found = []
    for contract in contracts.entities.values():
        if contract.group != "activity":
            continue
        if "activity_id" in contract.by_name and kind in contracts.code_lists["activity_kind"].codes:
            condition, values = "activity_kind = ? and activity_id = ?", [kind, record_key]
            found += _named(connection, contract, "activity_id", condition, values, is_withdrawn=True)
        for field in contract.fields:
            if field.references == f"{entity}.{target.key[0]}" and field.type == "text":
                found += _named(
                    connection, contract, field.name, f"{field.name} = ?", [record_key], is_withdrawn=field.required
                )
    return found


def _named(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    field: str,
    condition: str,
    values: list[str],
    *,
    is_withdrawn: bool,
) -> list[Hanging]:
    """The records any version of which names the record; whether the version in force does is for the caller to see."""
    keys = connection.execute(
        f"select distinct concat_ws('|', {', '.join(contract.key)}) from raw.{contract.entity} where {condition}",
        values,
    ).fetchall()
    return [Hanging(contract.entity, key, field, values[-1], is_withdrawn) for (key,) in keys]
