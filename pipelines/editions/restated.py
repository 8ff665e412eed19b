"""Which records an edition knows that the edition before it did not, or knew otherwise.

One row per record whose newest known version is new and says something else: `late_record` if the earlier
edition had no version of it, `correction` if it had another, `withdrawal` if it is withdrawn. `links` are
the ids of the records it belongs to (its case, its matter, its officer …), so that a change of evidence
can be led back to it. Rows that were merely sent again are not listed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.warehouse.frames import frame_of

RESTATED_SCHEMA: dict[str, Any] = {
    "entity": pl.String, "record_id": pl.String, "record_key": pl.String, "change": pl.String,
    "known_at": pl.Datetime("us"), "source_file": pl.String, "links": pl.List(pl.String),
}  # fmt: skip

#: What a version says about itself, not about the record.
ABOUT_VERSION = ("submitted_at", "updated_at", "operation")


def restated_records(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, previous: Mapping[str, Any] | None, as_of: datetime
) -> pl.DataFrame:
    """What the run at `as_of` knows beyond the edition whose manifest is `previous`; nothing without one."""
    frames = [pl.DataFrame(schema=RESTATED_SCHEMA)]
    if previous is not None:
        known = [(item["name"], item["sha256"], item["entity"]) for item in previous["inputs"]]
        known_files = pl.DataFrame(known, schema=["name", "sha256", "entity"], orient="row")
        connection.register("known_inputs", known_files.to_arrow())
        try:
            for contract in contracts.entities.values():
                times = {"before": datetime.fromisoformat(previous["as_of"]), "now": as_of}
                frames.append(frame_of(connection, _query(contract), times).cast(pl.Schema(RESTATED_SCHEMA)))
        finally:
            connection.unregister("known_inputs")
    return pl.concat(frames).sort("entity", "record_key")


def _query(contract: Contract) -> str:
    key = ", ".join(contract.key)
    is_activity = contract.group == "activity"
    known_at = "coalesce(updated_at, submitted_at, _loaded_at)" if is_activity else "_loaded_at"
    # A ledger counts as it stands, whenever it was loaded; a record counts once it is submitted.
    counts = f"{known_at} <= $now and coalesce(submitted_at, _loaded_at) <= $now" if is_activity else "$now is not null"
    was_known = f"known_files.file_id is not null and ({known_at} <= $before or not {str(is_activity).lower()})"
    content = [field.name for field in contract.fields if field.name not in ABOUT_VERSION]
    links = [f.name for f in contract.fields if f.references is not None or f.name.endswith("_id")]
    withdrawn = "coalesce(operation, 'i') = 'd'" if is_activity else "false"
    return f"""
        with known_files as (
            select files.file_id from raw.files as files
            inner join known_inputs
                on files.name = known_inputs.name and files.sha256 = known_inputs.sha256
                and files.entity = known_inputs.entity
        ),
        versions as (
            select records.*, {known_at} as known_at, {was_known} as was_known, {withdrawn} as is_withdrawn,
                hash({", ".join(content)}) as content
            from raw.{contract.entity} as records
            left join known_files on records._file_id = known_files.file_id
            where {counts}
        ),
        newest as (
            select *, row_number() over (partition by {key} order by known_at desc, _load_order desc) as rank
            from versions
        ),
        newest_before as (
            select *, row_number() over (partition by {key} order by known_at desc, _load_order desc) as rank
            from versions where was_known
        )
        select
            '{contract.entity}' as entity,
            cast(newest.{contract.key[0]} as varchar) as record_id,
            concat_ws('|', {", ".join(f"newest.{name}" for name in contract.key)}) as record_key,
            case
                when newest.is_withdrawn then 'withdrawal'
                when before.{contract.key[0]} is null or before.is_withdrawn then 'late_record'
                else 'correction'
            end as change,
            newest.known_at,
            files.name as source_file,
            list_distinct(list_filter(
                [{", ".join(f"cast(newest.{name} as varchar)" for name in links)}], lambda one: one is not null
            )) as links
        from newest
        left join newest_before as before
            on before.rank = 1 and {" and ".join(f"newest.{name} = before.{name}" for name in contract.key)}
        left join raw.files as files on newest._file_id = files.file_id
        where newest.rank = 1 and not newest.was_known
            and (before.{contract.key[0]} is null or before.content <> newest.content
                or before.is_withdrawn <> newest.is_withdrawn)
            and not (newest.is_withdrawn and before.{contract.key[0]} is null)
    """
