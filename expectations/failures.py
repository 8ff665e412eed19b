"""The failing records of an audit, row by row, and the activities they belong to.

============== ========================================================================================
failing_records  expectation_id, subject_id, record_id: what the rules selected, as they selected it
failing_acts     expectation_id, entity, record_id, officer_id, failing_entity, failing_id: what evidence may
                 name for a failing record: itself, and for a participation, recording or document its
                 activity too; the last two say which record fails
============== ========================================================================================

Both are temporary tables. Personal data never reaches them; the file written from them masks it.
"""

from collections.abc import Collection
from pathlib import Path

import duckdb

from expectations.contract_suite import Check, literal, quoted, record_id
from expectations.suite_model import Suites
from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK

FILE = "failures.parquet"


def create_failing_records(connection: duckdb.DuckDBPyConnection) -> None:
    """An empty `failing_records`."""
    connection.execute(
        "create or replace temp table failing_records (expectation_id varchar, subject_id varchar, record_id varchar)"
    )


def create_failing_acts(connection: duckdb.DuckDBPyConnection, checks: Collection[Check]) -> None:
    """`failing_acts` from `failing_records` and the record layer."""
    entity_of = ", ".join(f"({literal(check.id)}, {literal(check.entity)})" for check in checks)
    activity = (
        "case {0} when 'inspection' then 'inspections' when 'case' then 'cases' when 'coercion' then 'coercions' "
    )
    activity += "when 'lead' then 'leads' end"
    connection.execute(f"""
        create or replace temp table failing_acts as
        with judged (expectation_id, entity) as (values {entity_of}),
        failing as (
            select distinct f.expectation_id, j.entity, f.record_id
            from failing_records as f inner join judged as j on j.expectation_id = f.expectation_id
            where f.record_id is not null
        )
        select expectation_id, entity, record_id, cast(null as varchar) as officer_id, entity as failing_entity,
            record_id as failing_id
        from failing
        union all
        select expectation_id, {activity.format("split_part(record_id, '|', 1)")},
            split_part(record_id, '|', 2), split_part(record_id, '|', 3), entity, record_id
        from failing where entity = 'participations'
        union all
        select f.expectation_id, {activity.format("r.activity_kind")}, r.activity_id, null, f.entity, f.record_id
        from failing as f inner join recordings as r on r.recording_id = f.record_id where f.entity = 'recordings'
        union all
        select f.expectation_id, {activity.format("d.activity_kind")}, d.activity_id, null, f.entity, f.record_id
        from failing as f inner join documents as d on d.document_id = f.record_id where f.entity = 'documents'
    """)


def write_failures(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    checks: Collection[Check],
    contracts: Contracts,
    suites: Suites,
) -> None:
    """Write `failures.parquet`: each failing record with its month, source and the judged value, masked if personal.

    Columns: expectation_id, entity, subject_id, record_id, month (date), value, source_file, source_row; a row
    that is no record of its entity (a body, a control total) has no month, value or source.
    """
    connection.execute(
        "create or replace temp table described_failures (expectation_id varchar, entity varchar, subject_id varchar, "
        "record_id varchar, month date, value varchar, source_file varchar, source_row bigint)"
    )
    failed = {row[0] for row in connection.execute("select distinct expectation_id from failing_records").fetchall()}
    by_entity: dict[str, list[Check]] = {}
    for check in checks:
        if check.id in failed:
            by_entity.setdefault(check.entity, []).append(check)
    for entity, own in by_entity.items():
        contract, body = contracts.entities[entity], suites.bodies[entity]
        values = " ".join(
            f"when {literal(check.id)} then "
            + (
                f"case when r.{quoted(check.field)} is not null then {literal(MASK)} end"
                if contract.field(check.field).pii
                else f"cast(r.{quoted(check.field)} as varchar)"
            )
            for check in own
            if check.field is not None
        )
        value = f"case f.expectation_id {values} end" if values else "cast(null as varchar)"
        act_at = f"cast(date_trunc('month', {body.act_at}) as date)" if body.act_at else "cast(null as date)"
        ids = ", ".join(literal(check.id) for check in own)
        connection.execute(f"""
            insert into described_failures
            with failing as (select * from failing_records where expectation_id in ({ids})),
            named as (select distinct record_id from failing),
            found as (
                select named.record_id as found_id, r.* from {entity} as r
                inner join named on named.record_id = {record_id(contract)}
            )
            select f.expectation_id, {literal(entity)}, f.subject_id, f.record_id, {act_at}, {value},
                files.name, r._row_number
            from failing as f
            left join found as r on r.found_id = f.record_id
            {body.join}
            left join raw.files as files on files.file_id = r._file_id
        """)
    target = path.as_posix().replace("'", "''")
    # A record that two rows of a ledger's versions share would stand twice and is one.
    connection.execute(
        "copy (select distinct * from described_failures order by expectation_id, subject_id nulls first, record_id, "
        f"source_file, source_row) to '{target}' (format parquet, compression zstd)"
    )
