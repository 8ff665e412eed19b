"""Database servers of their own for tests: started in a folder of their own on loopback, stopped and removed after."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy

USER = "analyst"
DATABASE = "casework"


@dataclass(frozen=True)
class Server:
    """A running server: `owner` may write to its database, `address` is what an analyst is given."""

    kind: str
    owner: sqlalchemy.Engine
    address: str
    password: str
    port: int

    def execute(self, *statements: str) -> None:
        """Run statements as the owner."""
        with self.owner.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


def program(name: str) -> str | None:
    """Where a server's program is: on the path, or where Debian keeps PostgreSQL's."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or sorted(Path("/usr/sbin").glob(name))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


def missing(*names: str) -> str | None:
    """Why a server cannot be started here, None if it can."""
    absent = [name for name in names if program(name) is None]
    if absent:
        return f"there is no {' and no '.join(absent)} on this machine; `make servers` installs it"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "a server refuses to run as root, and there is no runuser to start it as another user"
    return None


def _as_nobody(*command: str) -> list[str]:
    """The command as a user without rights where the tests run as root, which servers refuse."""
    return ["runuser", "-u", "nobody", "--", *command] if os.geteuid() == 0 else list(command)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that the server's user may write to; its name is short, because a socket's path must be."""
    folder = Path(tempfile.mkdtemp(prefix="hf-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> None:
    done = subprocess.run(_as_nobody(*command), capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-1000:]}"


@contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server that asks for passwords."""
    password, owned, port = secrets.token_hex(8), secrets.token_hex(8), _free_port()
    with _folder() as folder:
        secret = folder / "owner"
        secret.write_text(owned, encoding="utf-8")
        secret.chmod(0o644)
        data = str(folder / "data")
        _run(
            str(program("initdb")), "-D", data, "-U", "owner", "-A", "scram-sha-256", f"--pwfile={secret}",
            "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        # The server lives in another zone than the records, as a server in a data centre does.
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off -c timezone=America/New_York"
        control = str(program("pg_ctl"))
        _run(control, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            owner = f"postgresql+psycopg://owner:{owned}@127.0.0.1:{port}"
            first = sqlalchemy.create_engine(f"{owner}/postgres", isolation_level="AUTOCOMMIT")
            with first.connect() as connection:
                connection.exec_driver_sql(f"create database {DATABASE}")
                connection.exec_driver_sql(f"create role {USER} login password '{password}'")
            first.dispose()
            engine = sqlalchemy.create_engine(f"{owner}/{DATABASE}", poolclass=sqlalchemy.NullPool)
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    f"alter default privileges in schema public grant select on tables to {USER}"
                )
            address = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
            yield Server("postgresql", engine, address, password, port)
        finally:
            _run(control, "-D", data, "-m", "immediate", "stop")


@contextmanager
def mariadb() -> Iterator[Server]:
    """A MariaDB server, which speaks the protocol of MySQL."""
    password, port = secrets.token_hex(8), _free_port()
    with _folder() as folder:
        data = f"--datadir={folder / 'data'}"
        _run(
            str(program("mariadb-install-db")), "--no-defaults", data, "--auth-root-authentication-method=normal",
            "--skip-test-db", "--skip-name-resolve",
        )  # fmt: skip
        sock = folder / "s"
        command = _as_nobody(
            str(program("mariadbd")), "--no-defaults", data, f"--socket={sock}", f"--port={port}",
            "--bind-address=127.0.0.1", f"--pid-file={folder / 'pid'}", "--skip-name-resolve",
            "--default-time-zone=-05:00", "--innodb-flush-log-at-trx-commit=0",
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        try:
            owner = f"mysql+pymysql://root@/?unix_socket={sock}&charset=utf8mb4"
            _wait(owner, server)
            first = sqlalchemy.create_engine(owner)
            with first.begin() as connection:
                connection.exec_driver_sql(f"create database {DATABASE} character set utf8mb4")
                connection.exec_driver_sql(f"create user {USER}@'127.0.0.1' identified by '{password}'")
                connection.exec_driver_sql(f"grant select on {DATABASE}.* to {USER}@'127.0.0.1'")
            first.dispose()
            engine = sqlalchemy.create_engine(owner.replace("@/", f"@/{DATABASE}"), poolclass=sqlalchemy.NullPool)
            yield Server("mysql", engine, f"mysql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}", password, port)
        finally:
            server.terminate()
            server.wait(60)


def _wait(address: str, server: "subprocess.Popen[bytes]") -> None:
    engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
    for _ in range(600):
        assert server.poll() is None, "the server ended before it answered"
        try:
            engine.connect().close()
        except sqlalchemy.exc.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer in a minute")
