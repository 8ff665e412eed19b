"""Tables and queries of real PostgreSQL and MySQL servers through a mapping, as a bureau's case system is read."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import FileReport, LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables
from tests.integration.command import ROOT, connections, hengfa
from tests.integration.database_servers import USER, Server, mariadb, missing, postgresql

AT = datetime(2026, 11, 3, 8, 0)
CONTRACTS = load_contracts()

NEEDS = {"postgresql": ("initdb", "pg_ctl", "postgres"), "mysql": ("mariadb-install-db", "mariadbd")}
STARTS = {"postgresql": postgresql, "mysql": mariadb}

MAPPING = """
sources:
  - source: {SOURCE}
    entity: cases
    columns:
      case_id: id
      subject_id: unit
      matter_id: matter
      source: {from: channel, values: {巡查: patrol, 热线: hotline}}
      procedure: {constant: ordinary}
      party_name: party
      filed_at: filed
      violation_on: violation
      fine_amount: fine
      major: major
      updated_at: updated_at
"""
#: The same table in both dialects; what differs is how each writes a moment, yes and no, and exact amounts.
TABLE = {
    "postgresql": "create table cases (id text primary key, unit varchar(20), matter text, channel text, party text, "
    "filed timestamp with time zone, violation date, fine numeric(14,4), major boolean, updated_at timestamp)",
    "mysql": "create table cases (id varchar(40) primary key, unit varchar(20), matter varchar(20), channel varchar(20), "
    "party varchar(80), filed timestamp null, violation date, fine decimal(14,4), major bit(1), updated_at datetime)",
}
#: 09:03 in Shanghai is 01:03 in Greenwich: MySQL takes it in the owner's session, which is set to Greenwich.
ROWS = {
    "postgresql": [
        "insert into cases values "
        "('000017', 'S1', 'M1', '巡查', '张三', '2026-10-05 01:03:00+00', '2026-09-30', 1234.5000, true, '2026-10-06 10:00'),"
        "('000018', 'S1', 'M1', '热线', null, '2026-10-06 01:03:00+00', null, null, false, '2026-10-07 10:00'),"
        "('000019', 'S1', 'M1', '梦见', '李四', null, null, 0.005, null, '2026-10-07 10:00')"
    ],
    "mysql": [
        "set time_zone = '+00:00'",
        "insert into cases values "
        "('000017', 'S1', 'M1', '巡查', '张三', '2026-10-05 01:03:00', '2026-09-30', 1234.5000, b'1', '2026-10-06 10:00'),"
        "('000018', 'S1', 'M1', '热线', null, '2026-10-06 01:03:00', null, null, b'0', '2026-10-07 10:00'),"
        "('000019', 'S1', 'M1', '梦见', '李四', null, null, 0.005, null, '2026-10-07 10:00')",
    ],
}


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    reason = missing(*NEEDS[request.param])
    if reason is not None:
        pytest.skip(reason)
    with STARTS[request.param]() as running:
        yield running


@pytest.fixture
def cases(server: Server) -> Iterator[Server]:
    server.execute("drop table if exists cases", TABLE[server.kind], *ROWS[server.kind])
    yield server
    server.execute("drop table if exists cases")


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, CONTRACTS)
    return connection


def load(warehouse: duckdb.DuckDBPyConnection, folder: Path, source: str, address: str) -> LoadReport:
    (folder / "m.yml").write_text(MAPPING.replace("{SOURCE}", source), encoding="utf-8")
    return load_paths(
        warehouse,
        [],
        contracts=CONTRACTS,
        loaded_at=AT,
        mapping=folder / "m.yml",
        landing=folder / "landing",
        environment={"CASES_DB": address},
    )


def only(report: LoadReport) -> FileReport:
    (file,) = report.files
    return file


def counts(report: LoadReport) -> tuple[str, str, int, int, int]:
    file = only(report)
    return file.name, file.status, file.rows_read, file.rows_loaded, file.rows_quarantined


def test_every_type_arrives_as_it_stands(cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    report = load(warehouse, tmp_path, "{database: CASES_DB, table: cases}", cases.address)
    assert counts(report) == ("CASES_DB/cases", "loaded", 3, 2, 1)
    found = warehouse.execute(
        "select case_id, source, party_name, filed_at, violation_on, fine_amount::varchar, major from raw.cases order by 1"
    ).fetchall()
    assert found == [
        ("000017", "patrol", "张三", datetime(2026, 10, 5, 9, 3), datetime(2026, 9, 30).date(), "1234.50", True),
        ("000018", "hotline", None, datetime(2026, 10, 6, 9, 3), None, None, False),
    ]
    refusal = warehouse.execute("select field, value, reason_code from raw.quarantine").fetchall()
    assert refusal == [("source", "梦见", "UNMAPPED_VALUE")]


def test_only_what_changed_is_read_again(cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    source = "{database: CASES_DB, table: cases, incremental: updated_at}"
    name = "CASES_DB/cases@2026-10-07 10:00:00"
    assert counts(load(warehouse, tmp_path, source, cases.address)) == (name, "loaded", 3, 2, 1)
    # The rows of the watermark itself are read once more: another of the same second may have come since.
    assert counts(load(warehouse, tmp_path, source, cases.address)) == (name, "loaded", 2, 1, 1)
    assert only(load(warehouse, tmp_path, source, cases.address)).status == "already_loaded"
    cases.execute(
        "update cases set fine = 99, updated_at = '2026-10-08 08:00' where id = '000017'",
        "update cases set fine = 98, updated_at = null where id = '000018'",
    )
    report = load(warehouse, tmp_path, source, cases.address)
    # 000019 stands at the watermark, 000017 behind it, and 000018 does not say when it changed.
    assert counts(report) == ("CASES_DB/cases@2026-10-08 08:00:00", "loaded", 3, 2, 1)
    newest = warehouse.execute(
        "select case_id, last(fine_amount order by _load_order)::varchar from raw.cases group by all order by 1"
    ).fetchall()
    assert newest == [("000017", "99.00"), ("000018", "98.00")]


@pytest.mark.parametrize("column", ["varchar(19)", "date", "bigint"])
def test_the_watermark_may_be_a_text_a_date_or_a_number(
    server: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, column: str
) -> None:
    first, second = {
        "varchar(19)": ("'2026-10-01 00:00:00'", "'2026-10-02 00:00:00'"),
        "date": ("'2026-10-01'", "'2026-10-02'"),
        "bigint": ("1", "2"),
    }[column]
    columns = "unit varchar(9), matter varchar(9), channel varchar(9), party varchar(9), filed date, violation date, fine int, major int"
    server.execute(
        "drop table if exists cases",
        f"create table cases (id varchar(9), {columns}, updated_at varchar(19), changed {column})",
        f"insert into cases select 'A', 'S1', 'M1', '巡查', null, null, null, 5, 1, null, {first}",
    )
    source = "{database: CASES_DB, table: cases, incremental: changed}"
    assert only(load(warehouse, tmp_path, source, server.address)).rows_loaded == 1
    server.execute(f"insert into cases select 'B', 'S1', 'M1', '巡查', null, null, null, 5, 1, null, {second}")
    assert only(load(warehouse, tmp_path, source, server.address)).rows_read == 2
    assert only(load(warehouse, tmp_path, source, server.address)).rows_read == 1
    server.execute("drop table cases")


def test_a_query_may_hold_a_colon_and_a_percent_sign(
    cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    query = "select * from cases where channel like '%线' and filed < '2026-10-30 00:00:00'"
    file = only(load(warehouse, tmp_path, f'{{database: CASES_DB, query: "{query}"}}', cases.address))
    assert (file.name, file.rows_loaded) == ("CASES_DB/query", 1)


def test_binary_data_is_refused_by_the_name_of_its_column(
    cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    binary = {"postgresql": "bytea", "mysql": "blob"}[cases.kind]
    cases.execute(f"alter table cases add column photo {binary}")
    # A column of nothing but NULL hinders nobody.
    assert only(load(warehouse, tmp_path, "{database: CASES_DB, table: cases}", cases.address)).status == "loaded"
    cases.execute("update cases set photo = 'x'")
    file = only(load(warehouse, tmp_path, "{database: CASES_DB, table: cases}", cases.address))
    assert file.status == "refused"
    assert file.reason is not None
    assert "the column `photo` holds binary data" in file.reason.en
    assert "二进制" in file.reason.zh


def test_nothing_can_be_written(cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """A function that writes hides from every check of the query's words: the session itself is read-only."""
    create = {
        "postgresql": "create or replace function spill() returns int language sql security definer as "
        "$$ insert into cases(id) values ('hacked') returning 1 $$",
        "mysql": "create or replace function spill() returns int modifies sql data "
        "begin insert into cases(id) values ('hacked'); return 1; end",
    }
    grants = {"postgresql": [], "mysql": [f"grant execute on casework.* to {USER}@'127.0.0.1'"]}
    cases.execute(create[cases.kind], *grants[cases.kind])
    file = only(load(warehouse, tmp_path, "{database: CASES_DB, query: 'select spill() as id'}", cases.address))
    assert file.status == "refused"
    with cases.owner.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from cases where id = 'hacked'").scalar() == 0


REFUSED = "the user, the password or its rights are not accepted"
UNREACHED = "the server cannot be reached"
UNKNOWN = "there is no such database"
#: What is wrong → how the address becomes wrong, and what each kind of server lets one say about it.
WRONG: dict[str, tuple[Callable[[str, str], str], dict[str, str]]] = {
    "a wrong password": (
        lambda address, password: address.replace(password, "letmein"),
        {"postgresql": REFUSED, "mysql": REFUSED},
    ),
    "another user": (
        lambda address, _: address.replace(USER, "intruder"),
        {"postgresql": REFUSED, "mysql": REFUSED},
    ),
    # MariaDB does not tell an analyst which databases there are: it denies access (1044).
    "no such database": (
        lambda address, _: address.replace("/casework", "/elsewhere"),
        {"postgresql": UNKNOWN, "mysql": REFUSED},
    ),
    "no server there": (
        lambda address, _: address.rsplit(":", 1)[0] + ":1/casework",
        {"postgresql": UNREACHED, "mysql": UNREACHED},
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_refusal_says_what_is_wrong_and_nothing_of_the_address(
    cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, what: str
) -> None:
    wrong, said = WRONG[what]
    address = wrong(cases.address, cases.password)
    file = only(load(warehouse, tmp_path, "{database: CASES_DB, table: cases}", address))
    assert file.status == "refused"
    assert file.reason is not None
    assert f"the database cannot be read ({said[cases.kind]})" in file.reason.en
    for secret in (cases.password, "letmein", USER, "intruder", "127.0.0.1", str(cases.port)):
        assert secret not in file.reason.en + file.reason.zh


def test_a_value_that_cannot_be_read_is_not_quoted(
    cases: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    query = {
        "postgresql": "select cast(party as integer) as id from cases",
        "mysql": "select extractvalue(1, concat('//', party)) as id from cases where party is not null",
    }[cases.kind]
    file = only(load(warehouse, tmp_path, f'{{database: CASES_DB, query: "{query}"}}', cases.address))
    assert file.status == "refused"
    assert file.reason is not None
    assert "reading failed, code" in file.reason.en
    assert "张三" not in file.reason.en + file.reason.zh


def test_the_credentials_are_in_no_file_of_the_workspace(
    cases: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "workspace"
    (tmp_path / "m.yml").write_text(
        MAPPING.replace("{SOURCE}", "{database: CASES_DB, table: cases, incremental: updated_at}"), encoding="utf-8"
    )
    said = ""
    for address in (cases.address, cases.address.replace(cases.password, cases.password + "x")):
        monkeypatch.setenv("CASES_DB", address)
        done = hengfa(home, "--debug", "load", "--mapping", str(tmp_path / "m.yml"), server_port=cases.port)
        said += done.stdout + done.stderr
    assert "CASES_DB/cases@2026-10-07 10:00:00" in said
    assert connections(home) == []
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"warehouse.duckdb", "hengfa.log"} <= {path.name for path in files}
    for secret in (cases.password, USER, "127.0.0.1"):
        assert secret not in said
        assert [path for path in files if secret.encode() in path.read_bytes()] == []


#: 300,000 rows of 200 characters of three bytes: 180 MB, which a reader that holds its result would hold.
LARGE = {
    "postgresql": "select n as id, repeat('罚', 200) as story from generate_series(1, 300000) as n",
    "mysql": "select seq as id, repeat('罚', 200) as story from seq_1_to_300000",
}
#: Reads a query of so many rows into a file and tells the peak of its memory, in kilobytes.
EXTRACT = """
import resource, sys
from pathlib import Path
from pipelines.ingest.databases import DatabaseSource, extract
address, query, target = sys.argv[1:]
made = extract(DatabaseSource(database="CASES_DB", query=query), address, Path(target), since=None)
assert made.refusal is None, made.refusal
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_megabytes(server: Server, query: str, target: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", EXTRACT, server.address, query, str(target)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout) / 1024


def test_a_large_table_is_streamed(server: Server, tmp_path: Path) -> None:
    large = LARGE[server.kind]
    little = peak_megabytes(server, large.replace("300000", "10"), tmp_path / "little.parquet")
    much = peak_megabytes(server, large, tmp_path / "much.parquet")
    counted = duckdb.execute("select count(*), max(len(story)) from read_parquet(?)", [str(tmp_path / "much.parquet")])
    assert counted.fetchone() == (300_000, 200)
    assert much - little < 90
