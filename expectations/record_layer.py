"""What the landed suites read: the newest version of every record, as temporary views.

Each entity of the contract is a view of its own name. Besides, for the suites:

================== ====================================================================================
activities         activity_kind, activity_id, subject_id, matter_id, act_at: the four kinds together;
                   `act_at` as the indicators date an act (a case by filed_at, else decided_at)
participation_acts officer_id, activity_kind, activity_id, subject_id, act_on, record_id: participations
                   whose activity is known and dated
repeated_rows      entity, record_id, times: versions of a record that came more than once, word for word
stated_totals      entity, field, code, stated: `expected.yml`; field and code NULL for a whole
audit_as_of()      the moment up to which the audit knows things
audit_month()      the first day of the month assessed
known_until(t)     the moment at which the month of `t` is closed
uscc_is_valid(c)   form and check digit of a unified social credit code (GB 32100-2015)
================== ====================================================================================

All of it is temporary: a warehouse opened read-only stays untouched.
"""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from expectations.contract_suite import literal, quoted, record_id
from expectations.expected_file import Expected
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.warehouse.months import DAYS_UNTIL_KNOWN, Month

# The alphabet of GB 32100-2015 leaves out I, O, S, V, Z; a digit's weight is 3^(place-1) mod 31.
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_ACTIVITIES = """
select 'inspection' as activity_kind, inspection_id as activity_id, subject_id, matter_id, started_at as act_at
from inspections
union all
select 'case', case_id, subject_id, matter_id, coalesce(filed_at, decided_at) from cases
union all
select 'coercion', coercion_id, subject_id, matter_id, imposed_at from coercions
union all
select 'lead', lead_id, subject_id, matter_id, first_visit_at from leads
"""

_PARTICIPATION_ACTS = """
select p.officer_id, p.activity_kind, p.activity_id, a.subject_id, cast(a.act_at as date) as act_on
from participations as p
inner join activities as a on a.activity_kind = p.activity_kind and a.activity_id = p.activity_id
where a.act_at is not null
"""


def uscc_macro() -> str:
    """The body of `uscc_is_valid(code)`: true or false, NULL for NULL."""
    digits = " + ".join(
        f"(instr({literal(_USCC_ALPHABET)}, substr(code, {place}, 1)) - 1) * {weight}"
        for place, weight in enumerate(_USCC_WEIGHTS, start=1)
    )
    check = f"substr({literal(_USCC_ALPHABET)}, cast((31 - ({digits}) % 31) % 31 + 1 as integer), 1)"
    return f"regexp_full_match(code, '[{_USCC_ALPHABET}]{{18}}') and substr(code, 18, 1) = {check}"


def _count_repeats(connection: duckdb.DuckDBPyConnection, contract: Contract, several: str) -> None:
    """Rows that an earlier one says already, among those of `several`: only keys of several rows can have any."""
    keys = ", ".join(quoted(name) for name in contract.key)
    content = ", ".join(quoted(field.name) for field in contract.fields)
    connection.execute(
        f"insert into repeated_rows select {literal(contract.entity)}, {record_id(contract, 'c')}, times "
        f"from (select {keys}, count(*) - count(distinct hash({content})) as times from raw.{contract.entity} "
        f"where rowid in (select row_id from {several}) group by {keys}) as c where times > 0"
    )


def _create_newest(connection: duckdb.DuckDBPyConnection, contract: Contract, as_of: datetime) -> None:
    table = f"raw.{contract.entity}"
    versioned = "updated_at" in contract.by_name
    keys = ", ".join(quoted(name) for name in contract.key)
    version = "coalesce(updated_at, submitted_at, _loaded_at)" if versioned else "_loaded_at"
    # Ledgers count as they stand; a version of an activity counts if it was known at `as_of`.
    known = f"{version} <= timestamp {literal(as_of.isoformat(sep=' '))}" if versioned else "true"
    order = f"{version} desc, _load_order desc" if versioned else "_load_order desc"
    placed = f"placed_{contract.entity}"
    keyed = " and ".join(f"{quoted(name)} is not null" for name in contract.key)
    # Few keys have several versions: rank those alone, and leave the rest of the table unsorted. Grouped by a hash it
    # takes a third of the time; a key that only shares the hash of another is ranked, too, and is the first of its own.
    connection.execute(
        f"create or replace temp table {placed} as "
        f"with several as (select hash({keys}) as key_hash from {table} where {known} and {keyed} "
        f"group by key_hash having count(*) > 1) "
        f"select t.rowid as row_id, row_number() over (partition by {keys} order by {order}) as place "
        f"from {table} as t semi join several on several.key_hash = hash({keys}) where {known} and {keyed}"
    )
    several = connection.execute(f"select count(*) from {placed}").fetchone()
    if several is not None and several[0]:
        _count_repeats(connection, contract, placed)
    columns = ", ".join(quoted(field.name) for field in contract.fields)
    conditions = [known] if versioned else []
    if versioned:
        conditions.append("coalesce(operation, 'i') <> 'd'")
        # A record counts from its submission on, whatever its versions say.
        conditions.append(f"coalesce(submitted_at, _loaded_at) <= timestamp {literal(as_of.isoformat(sep=' '))}")
    if several is not None and several[0]:
        conditions.append(f"rowid not in (select row_id from {placed} where place > 1)")
    where = f" where {' and '.join(conditions)}" if conditions else ""
    connection.execute(
        f"create or replace temp view {contract.entity} as "
        f"select {columns}, _file_id, _row_number, _loaded_at, _load_order from {table}{where}"
    )


def create_record_layer(
    connection: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    *,
    month: Month,
    as_of: datetime,
    relations: Mapping[str, str] | None = None,
    expected: Expected | None = None,
) -> None:
    """Define the views on `connection`.

    `relations` names, per entity, a relation that already holds the newest versions (such as
    `staging.stg_cases`); every other entity is read from `raw.<entity>`, by the same rule and faster: a
    view that ranks all versions does so again in every query.
    """
    given = relations or {}
    connection.execute("create or replace temp table repeated_rows (entity varchar, record_id varchar, times bigint)")
    connection.execute(
        "create or replace temp table stated_totals (entity varchar, field varchar, code varchar, stated bigint)"
    )
    for total in (expected or Expected()).totals:
        connection.execute("insert into stated_totals values (?, null, null, ?)", [total.entity, total.stated])
        for code, stated in total.parts.items():
            connection.execute(
                "insert into stated_totals values (?, ?, ?, ?)", [total.entity, total.field, code, stated]
            )
    for entity, contract in contracts.entities.items():
        if entity in given:
            connection.execute(f"create or replace temp view {entity} as select * from {given[entity]}")
        else:
            _create_newest(connection, contract, as_of)
    connection.execute(f"create or replace temp view activities as {_ACTIVITIES}")
    connection.execute(f"create or replace temp macro audit_as_of() as timestamp {literal(as_of.isoformat(sep=' '))}")
    connection.execute(f"create or replace temp macro audit_month() as date '{month.first_day}'")
    connection.execute(
        "create or replace temp macro known_until(moment) as "
        f"cast(last_day(moment) + {DAYS_UNTIL_KNOWN + 1} as timestamp) - interval 1 second"
    )
    connection.execute(f"create or replace temp macro uscc_is_valid(code) as ({uscc_macro()})")
    connection.execute(f"create or replace temp table participation_acts as {_PARTICIPATION_ACTS}")
