"""The tables that ingest appends to and dbt reads as its sources, made from the contracts.

Schema `raw` holds one table per entity, all versions of every record, nothing updated in place:

=============== ========= =====================================================================
column          type      meaning
=============== ========= =====================================================================
contract fields           as the contract says; activities end with submitted_at, updated_at, operation
_file_id        varchar   key of `raw.files`
_row_number     bigint    row of the file, the header row counted, as a spreadsheet shows it
_loaded_at      timestamp the load's time, an argument of the load
_load_order     bigint    increases over every row ever loaded; breaks ties between versions
_extra          varchar   columns the contract does not know, as a JSON object; NULL without any
=============== ========= =====================================================================

`raw.batches`, `raw.files`, `raw.quarantine`, `raw.quarantine_originals` and `raw.code_lists` are described in
`LEDGER_DDL`.
Schema `control` holds the one row of the run that is being built.

A table that was made from an older contract gets the fields it lacks: NULL in every row loaded before, also where the
field is now required. Such rows stay as they are; the audit counts them as missing it until a newer version of the
record brings it. A field that was taken out of the contract, or whose type changed, is followed only while no row holds
a value of it: nothing that was loaded is thrown away or turned into something else.
"""

import duckdb

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.errors import WarehouseError

LOAD_COLUMNS = {
    "_file_id": "varchar not null",
    "_row_number": "bigint not null",
    "_loaded_at": "timestamp not null",
    "_load_order": "bigint not null",
    "_extra": "varchar",
}

LEDGER_DDL = """
create schema if not exists raw;
create schema if not exists control;
-- One row per call of load.
create table if not exists raw.batches (
    batch_id bigint primary key, loaded_at timestamp not null, files bigint not null
);
-- One row per file and entity read, refused ones too; `file_id` is unique and made of content, entity and mapping.
create table if not exists raw.files (
    file_id varchar primary key, batch_id bigint not null, entity varchar, name varchar not null,
    sha256 varchar not null, size_bytes bigint not null, format varchar, encoding varchar,
    mapping varchar, mapping_sha256 varchar, status varchar not null,
    rows_read bigint not null, rows_loaded bigint not null, rows_quarantined bigint not null,
    rows_filtered bigint not null, extra_columns varchar, reason varchar, loaded_at timestamp not null
);
-- One row per row refused and reason (a row with two faults has two rows; count distinct rows to reconcile).
create table if not exists raw.quarantine (
    file_id varchar not null, entity varchar not null, row_number bigint not null,
    field varchar, value varchar, reason_code varchar not null, reason_zh varchar not null, reason_en varchar not null
);
-- The personal data of refused rows as they came: the list sent out masks them, the corrected one gets them back.
-- `record_key` is the text of the row's key. They are deleted when a later batch has loaded the record.
create table if not exists raw.quarantine_originals (
    file_id varchar not null, row_number bigint not null, record_key varchar, field varchar not null,
    value varchar not null
);
alter table raw.quarantine_originals add column if not exists record_key varchar;
-- The code lists of the contract, replaced at every run.
create table if not exists raw.code_lists (
    list_name varchar not null, code varchar not null, label_zh varchar not null, label_en varchar not null,
    code_class varchar, position bigint not null
);
-- The official working days; replaced at every run.
create table if not exists raw.calendar_days (day date not null, is_working_day boolean not null);
-- The run being built: one row. `month` is the first day of the month assessed.
create table if not exists control.run (month date not null, as_of timestamp not null);
-- What the views of the warehouse were made from: one row, none while they are being made.
create table if not exists control.views (made_from varchar not null);
"""


def table_ddl(contract: Contract) -> str:
    """`create table if not exists raw.<entity>` with the contract's columns and the load columns."""
    columns = [f'"{field.name}" {field.sql_type}' for field in contract.fields]
    columns += [f"{name} {sql_type}" for name, sql_type in LOAD_COLUMNS.items()]
    return f"create table if not exists raw.{contract.entity} (\n    " + ",\n    ".join(columns) + "\n)"


def create_raw_tables(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
    """Create what is missing, columns included, and fill `raw.code_lists`; existing records are not touched.

    Raises WarehouseError if the contract no longer has a field of which records hold values, or gives it another type.
    """
    connection.execute(LEDGER_DDL)
    for contract in contracts.entities.values():
        connection.execute(table_ddl(contract))
    _follow_contracts(connection, contracts)
    rows = [
        (name, code, label.zh, label.en, label.code_class, position)
        for name, code_list in contracts.code_lists.items()
        for position, (code, label) in enumerate(code_list.codes.items())
    ]
    connection.execute("delete from raw.code_lists")
    connection.executemany("insert into raw.code_lists values (?, ?, ?, ?, ?, ?)", rows)


def missing_fields(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> list[str]:
    """The fields of the contract, as `entity.field`, that tables of this warehouse do not have yet."""
    tables = _columns(connection)
    return [
        f"{entity}.{field}"
        for entity, contract in contracts.entities.items()
        if entity in tables
        for field in contract.by_name
        if field not in tables[entity]
    ]


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Table of `raw` → column → type."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, sql_type in connection.execute(
        "select table_name, column_name, lower(data_type) from duckdb_columns() where schema_name = 'raw'"
    ).fetchall():
        tables.setdefault(table, {})[column] = sql_type
    return tables


def _follow_contracts(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
    """Bring tables of an older contract to the one that holds."""
    tables = _columns(connection)
    for entity, contract in contracts.entities.items():
        there = {name: sql_type for name, sql_type in tables[entity].items() if name not in LOAD_COLUMNS}
        wanted = {field.name: field.sql_type for field in contract.fields}
        for name in there.keys() - wanted.keys():
            _require_empty(connection, entity, name, "the contract no longer has this field")
            connection.execute(f'alter table raw.{entity} drop column "{name}"')
        for name, sql_type in wanted.items():
            if name not in there:
                connection.execute(f'alter table raw.{entity} add column "{name}" {sql_type}')
            elif there[name] != sql_type:
                _require_empty(connection, entity, name, f"the contract makes it {sql_type}, it is {there[name]}")
                connection.execute(f'alter table raw.{entity} alter column "{name}" type {sql_type}')


def _require_empty(connection: duckdb.DuckDBPyConnection, entity: str, name: str, change: str) -> None:
    held = connection.execute(f'select count("{name}") from raw.{entity}').fetchone()
    if held is not None and held[0]:
        raise WarehouseError(
            f"{entity}.{name}: {change}, and {held[0]} rows of this warehouse hold a value of it. "
            f"Put the field back as it was in expectations/contracts/{entity}.yml (a field that is not wanted any more "
            "may stay; one of another type gets another name), or load the exports kept in the workspace's `landing` "
            "into a new workspace."
        )
