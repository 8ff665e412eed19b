"""Which records an edition knows that the edition before it did not, or knew otherwise.

One row per record whose newest known version is new and says something else: `late_record` if the earlier
edition had no version of it, `correction` if it had another, `withdrawal` if it is withdrawn. `links` are
the ids of the records it belongs to (its case, its matter, its officer …), so that a change of evidence
can be led back to it; `subject_ids` and `act_months` say whose numbers of which months it can move: the bodies and
the dates of its versions before and now, and of the activity that it belongs to. A ledger row has no months, for it
counts as long as it is in force. Rows that were merely sent again are not listed.

Nearly everything was known before. So the search starts from the versions that are known only now, and reads of all
other versions and activities those that share a key with one of them.
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
    "subject_ids": pl.List(pl.String), "act_months": pl.List(pl.String),
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
        times = {"before": datetime.fromisoformat(previous["as_of"]), "now": as_of}
        connection.register("known_inputs", known_files.to_arrow())
        try:
            connection.execute(_KNOWN_FILES)
            connection.execute(_activities(contracts), times)
            frames += [
                frame_of(connection, _query(contract), times).cast(pl.Schema(RESTATED_SCHEMA))
                for contract in contracts.entities.values()
            ]
        finally:
            connection.unregister("known_inputs")
            connection.execute("drop table if exists restated_activities")
            connection.execute("drop table if exists restated_known_files")
    return pl.concat(frames).sort("entity", "record_key")


_KNOWN_FILES = """
    create or replace temp table restated_known_files as
    select files.file_id from raw.files as files
    semi join known_inputs
        on files.name = known_inputs.name and files.sha256 = known_inputs.sha256 and files.entity = known_inputs.entity
"""

BELONGED = """
        left join restated_activities as belonged
            on newest.activity_kind = belonged.activity_kind and newest.activity_id = belonged.activity_id
"""


def _joined(*lists: str) -> str:
    """SQL: the distinct values of lists, NULL lists and values left out, in order."""
    parts = ", ".join(f"coalesce({one}, [])" for one in lists)
    if not parts:
        return "cast([] as varchar[])"
    return f"list_sort(list_distinct(list_filter(flatten([{parts}]), lambda one: one is not null)))"


def _activities(contracts: Contracts) -> str:
    """Temporary table of whose and when an activity is or was, of those that a record known only now belongs to."""
    selects, named = [], []
    for contract in contracts.entities.values():
        kind = contract.key[0].removesuffix("_id")
        if kind in contracts.code_lists["activity_kind"].codes and len(contract.key) == 1:
            selects.append(
                f"select '{kind}' as activity_kind, {contract.key[0]} as activity_id, subject_id, "
                f"unnest({_months(contract, 'records')}) as month from raw.{contract.entity} as records "
                f"where {contract.key[0]} in (select activity_id from named where activity_kind = '{kind}')"
            )
        if _belongs(contract):
            named.append(
                f"select activity_kind, activity_id from raw.{contract.entity} "
                f"where {_counts(contract)} and not {_was_known(contract)}"
            )
    return (
        f"create or replace temp table restated_activities as with named as ({' union '.join(named)}) "
        "select activity_kind, activity_id, "
        "list(distinct subject_id order by subject_id) as subject_ids, list(distinct month order by month) as months "
        f"from ({' union all '.join(selects)}) group by all"
    )


def _belongs(contract: Contract) -> bool:
    """Whether its records belong to an activity that they name by kind and id."""
    return {"activity_kind", "activity_id"} <= set(contract.by_name)


def _months(contract: Contract, alias: str) -> str:
    """SQL: the months of the dates of a record of an activity; no months of a ledger row."""
    dates = [f.name for f in contract.fields if f.type in ("date", "datetime") and f.name not in ABOUT_VERSION]
    if contract.group != "activity" or not dates:
        return "cast([] as varchar[])"
    texts = ", ".join(f"strftime({alias}.{name}, '%Y-%m')" for name in dates)
    return f"list_distinct(list_filter([{texts}], lambda one: one is not null))"


def _known_at(contract: Contract) -> str:
    """SQL: since when a version is known."""
    return "coalesce(updated_at, submitted_at, _loaded_at)" if contract.group == "activity" else "_loaded_at"


def _counts(contract: Contract) -> str:
    """SQL: whether a version is known at `$now`. A ledger row counts as it stands, a record once it is submitted."""
    if contract.group != "activity":
        return "$now is not null"
    return f"({_known_at(contract)} <= $now and coalesce(submitted_at, _loaded_at) <= $now)"


def _was_known(contract: Contract) -> str:
    """SQL: whether the edition before could know a version: its file, and of a record its time."""
    in_time = f"{_known_at(contract)} <= $before" if contract.group == "activity" else "$before is not null"
    return f"(_file_id in (from restated_known_files) and {in_time})"


def _query(contract: Contract) -> str:
    key = ", ".join(contract.key)
    is_activity = contract.group == "activity"
    content = [field.name for field in contract.fields if field.name not in ABOUT_VERSION]
    links = [f.name for f in contract.fields if f.references is not None or f.name.endswith("_id")]
    bodies = [f.name for f in contract.fields if f.references == "subjects.subject_id"]
    belongs = _belongs(contract)
    whose = [f"[{', '.join(f'{alias}.{name}' for name in bodies)}]" for alias in ("newest", "before") if bodies]
    when = [_months(contract, alias) for alias in ("newest", "before")]
    if belongs:
        whose.append("belonged.subject_ids")
        when.append("belonged.months")
    withdrawn = "coalesce(operation, 'i') = 'd'" if is_activity else "false"
    return f"""
        with new_keys as (
            select distinct {key} from raw.{contract.entity} where {_counts(contract)} and not {_was_known(contract)}
        ),
        versions as (
            select records.*, {_known_at(contract)} as known_at, {_was_known(contract)} as was_known,
                {withdrawn} as is_withdrawn, hash({", ".join(content)}) as content
            from raw.{contract.entity} as records
            semi join new_keys using ({key})
            where {_counts(contract)}
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
            )) as links,
            {_joined(*whose)} as subject_ids,
            {_joined(*when)} as act_months
        from newest
        left join newest_before as before
            on before.rank = 1 and {" and ".join(f"newest.{name} = before.{name}" for name in contract.key)}
        left join raw.files as files on newest._file_id = files.file_id
        {BELONGED if belongs else ""}
        where newest.rank = 1 and not newest.was_known
            and (before.{contract.key[0]} is null or before.content <> newest.content
                or before.is_withdrawn <> newest.is_withdrawn)
            and not (newest.is_withdrawn and before.{contract.key[0]} is null)
    """
