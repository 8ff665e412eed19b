"""Tables and queries of databases as sources, read from SQLite; servers are in `test_load_from_servers`."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.errors import MappingError, SettingError
from pipelines.ingest.load import load_paths
from pipelines.ingest.mapping_file import read_mapping
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
CONTRACTS = load_contracts()

MAPPING = """
sources:
  - source: {SOURCE}
    entity: leads
    columns:
      lead_id: id
      source: {from: channel, values: {tel: hotline, street: patrol}}
      subject_id: unit
      received_at: received
      updated_at: updated_at
"""
TABLE = "create table calls (id text, channel text, unit text, received text, updated_at timestamp)"
FIRST = [
    ("X1", "tel", "S1", "2026-10-01", "2026-10-01 09:00:00"),
    ("X2", "street", "S1", "2026-10-02", "2026-10-02 09:00:00"),
    ("X3", "owl", "S1", "2026-10-02", "2026-10-02 09:00:00"),
]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, CONTRACTS)
    return connection


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "calls.db")
    connection.execute(TABLE)
    connection.executemany("insert into calls values (?, ?, ?, ?, ?)", FIRST)
    connection.commit()
    yield connection
    connection.close()


def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, source: str, address: str | None = None) -> LoadReport:
    (tmp_path / "m.yml").write_text(MAPPING.replace("{SOURCE}", source), encoding="utf-8")
    environment = {"CALLS_DB": address or f"sqlite:///{tmp_path / 'calls.db'}"}
    return load_paths(
        warehouse,
        [],
        contracts=CONTRACTS,
        loaded_at=AT,
        mapping=tmp_path / "m.yml",
        landing=tmp_path / "landing",
        environment=environment,
    )


def counts(report: LoadReport) -> list[tuple[str, str, int, int, int]]:
    return [(one.name, one.status, one.rows_read, one.rows_loaded, one.rows_quarantined) for one in report.files]


def test_a_table_is_read_from_where_the_last_load_ended(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, calls: sqlite3.Connection
) -> None:
    source = "{database: CALLS_DB, table: calls, incremental: updated_at}"
    name = "CALLS_DB/calls@2026-10-02 09:00:00"
    assert counts(load(warehouse, tmp_path, source)) == [(name, "loaded", 3, 2, 1)]
    # From the watermark on, its own rows included: two of them, then the same two again.
    assert counts(load(warehouse, tmp_path, source)) == [(name, "loaded", 2, 1, 1)]
    assert counts(load(warehouse, tmp_path, source)) == [(name, "already_loaded", 0, 0, 0)]
    calls.execute("insert into calls values ('X4', 'tel', 'S1', '2026-10-03', '2026-10-03 10:00:00')")
    calls.commit()
    assert [one.name for one in load(warehouse, tmp_path, source).files] == ["CALLS_DB/calls@2026-10-03 10:00:00"]
    found = warehouse.execute("select lead_id, count(*) from raw.leads group by all order by 1").fetchall()
    assert found == [("X1", 1), ("X2", 3), ("X4", 1)]
    kept = sorted(path.name for path in (tmp_path / "landing").rglob("*.parquet"))
    assert kept[0] == "calls@2026-10-02 090000.parquet"


def test_a_query_joins_what_a_mapping_cannot(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, calls: sqlite3.Connection
) -> None:
    source = "{database: CALLS_DB, query: \"select * from calls where channel <> 'owl' and received > '2026-10-01'\"}"
    assert counts(load(warehouse, tmp_path, source)) == [("CALLS_DB/query", "loaded", 1, 1, 0)]


def test_a_table_that_is_not_there_is_refused_by_name(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, calls: sqlite3.Connection
) -> None:
    (file,) = load(warehouse, tmp_path, "{database: CALLS_DB, table: nowhere}").files
    assert file.status == "refused"
    assert file.reason is not None
    assert "nowhere" in file.reason.en
    assert "无法读取数据库" in file.reason.zh
    # The database is opened read-only: even a statement that writes would fail.
    assert calls.execute("select count(*) from calls").fetchone() == (3,)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite:////nowhere/x.db", "no such SQLite file"),
        ("oracle://u:secret@h/x", "`oracle` is not supported"),
        ("secret", "holds no address"),
    ],
)
def test_an_address_that_is_none_is_a_wrong_setting_and_stays_secret(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, address: str, said: str
) -> None:
    with pytest.raises(SettingError, match=said) as caught:
        load(warehouse, tmp_path, "{database: CALLS_DB, table: calls}", address)
    assert "secret" not in str(caught.value)


def test_an_address_that_is_not_set(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(MAPPING.replace("{SOURCE}", "{database: CALLS_DB, table: x}"), encoding="utf-8")
    with pytest.raises(SettingError, match="CALLS_DB is not set"):
        load_paths(warehouse, [], contracts=CONTRACTS, loaded_at=AT, mapping=tmp_path / "m.yml", environment={})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{database: CALLS_DB}", "give `table` or `query`"),
        ("{database: 'postgresql://u:p@h/x', table: t}", "database"),
        ("{database: CALLS_DB, table: 'calls; drop table calls'}", "no plain name"),
        ("{database: CALLS_DB, table: t, incremental: 'a) or (1=1'}", "no plain name"),
        ("{database: CALLS_DB, query: drop table calls}", "begins with select"),
        ("{database: CALLS_DB, query: 'select 1; delete from calls'}", "one statement"),
        ("{database: CALLS_DB, query: 'with x as (delete from calls returning *) select * from x'}", "`delete`"),
        ('{database: CALLS_DB, query: "select * into copy from calls"}', "`into`"),
        ("{database: CALLS_DB, query: \"select pg_read_file('/etc/passwd')\"}", "`pg_read_file`"),
        ("{database: CALLS_DB, query: 'select 1 -- x'}", "without comments"),
        ("{database: CALLS_DB, tables: x}", "incremental"),
    ],
)
def test_a_mapping_that_does_more_than_read_is_refused(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "m.yml").write_text(MAPPING.replace("{SOURCE}", source), encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.yml, line \d+") as caught:
        read_mapping(tmp_path / "m.yml", CONTRACTS)
    assert said in str(caught.value)


def test_a_word_in_quotes_harms_nothing(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, calls: sqlite3.Connection
) -> None:
    source = "{database: CALLS_DB, query: \"select * from calls where channel <> 'drop; update'\"}"
    assert load(warehouse, tmp_path, source).rows_read == 3
