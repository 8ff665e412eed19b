"""Tables and queries of PostgreSQL, MySQL and SQLite as sources: read once, read-only, into a Parquet file.

What was read is then a file like any other: hashed, kept in `landing`, mapped, reconciled. The address of a database
comes from an environment variable that the mapping names, and stands in no message, file or log.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.errors import FileRefusedError, SettingError
from pipelines.ingest.database_failures import failure_of
from pipelines.ingest.reasons import refused

if TYPE_CHECKING:
    import sqlalchemy

#: Rows fetched at a time: what bounds the memory of an extraction.
BATCH = 20_000
_NAME = re.compile(r"[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)?")
#: Words that change something, run something or read files; a query that needs one as a name may quote it otherwise.
_WRITES = re.compile(
    r"\b(?:insert|update|delete|merge|replace|truncate|drop|create|alter|rename|grant|revoke|call|execute|exec|do|copy|"
    r"load_file|load_extension|attach|detach|pragma|vacuum|set|lock|begin|commit|rollback|into|outfile|dumpfile|"
    r"pg_\w+|lo_\w+|dblink\w*|sleep|benchmark)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`")
#: The driver that SQLAlchemy uses for each kind of address, and the package that has it.
_DRIVERS = {
    "postgresql": ("postgresql+psycopg", "psycopg[binary]"),
    "postgres": ("postgresql+psycopg", "psycopg[binary]"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "sqlite": ("sqlite", ""),
}
#: What a session is told before it reads, so that a moment is written in local time whatever the server's zone is.
_LOCAL_TIME = {"postgresql": "set time zone 'Asia/Shanghai'", "mysql": "set session time_zone = '+08:00'"}
#: How MySQL's drivers number the type of a column of bits, which is how many programs keep yes and no.
_MYSQL_BIT = 16


class DatabaseSource(BaseModel):
    """`database` names the environment variable with the address; `table` or `query` says what is read.

    `incremental` is a column that grows (updated_at): the next load reads from its highest value on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    table: str | None = None
    query: str | None = None
    incremental: str | None = None

    @field_validator("table", "incremental")
    @classmethod
    def _is_a_name(cls, text: str | None) -> str | None:
        if text is not None and not _NAME.fullmatch(text):
            raise ValueError(f"`{text}` is no plain name. Write `schema.table` or `column`, without quotes.")
        return text

    @field_validator("query")
    @classmethod
    def _only_reads(cls, text: str | None) -> str | None:
        if text is None:
            return None
        bare = _QUOTED.sub("''", text)
        if "--" in bare or "/*" in bare or "#" in bare or ";" in bare.rstrip().rstrip(";"):
            raise ValueError("a query is one statement without comments. Leave out `;`, `--`, `/*`, `#`.")
        if not re.match(r"\s*(?:select|with)\b", bare, re.IGNORECASE):
            raise ValueError("a query only reads: it begins with select or with.")
        found = _WRITES.search(bare)
        if found is not None:
            raise ValueError(f"a query only reads: `{found[0]}` is not allowed in it.")
        return text.strip().rstrip(";")

    @model_validator(mode="after")
    def _has_one_origin(self) -> "DatabaseSource":
        if (self.table is None) == (self.query is None):
            raise ValueError("give `table` or `query`, one of them")
        return self

    @property
    def label(self) -> str:
        """How reports name it: never the address."""
        return f"{self.database}/{self.table or 'query'}"


def _engine(source: DatabaseSource, address: str) -> "sqlalchemy.Engine":
    import sqlalchemy

    try:
        url = sqlalchemy.make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # The cause may quote the address, so it is not handed on.
        raise SettingError(
            f"{source.database}: it holds no address of a database. Write postgresql://user:password@host/name, "
            "mysql://user:password@host/name or sqlite:///path."
        ) from None
    kind = url.drivername.split("+")[0]
    if kind not in _DRIVERS:
        raise SettingError(f"{source.database}: `{kind}` is not supported. Choose from: postgresql, mysql, sqlite.")
    driver, package = _DRIVERS[kind]
    if kind == "sqlite":
        path = Path(url.database or "")
        if not path.is_file():
            raise SettingError(f"{source.database}: there is no such SQLite file. Correct its path.")
        where = f"{path.resolve().as_uri()}?mode=ro"
        return sqlalchemy.create_engine("sqlite://", creator=lambda: sqlite3.connect(where, uri=True))
    try:
        return sqlalchemy.create_engine(url.set(drivername=driver))
    except (ImportError, sqlalchemy.exc.NoSuchModuleError) as error:
        raise SettingError(f"{source.database}: the driver for {kind} is not installed. Install {package}.") from error


@contextmanager
def _reading(engine: "sqlalchemy.Engine") -> "Iterator[sqlalchemy.Connection]":
    """A connection that cannot write, tells moments in Shanghai time, and is sent its rows in portions."""
    import sqlalchemy

    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
        elif engine.dialect.name == "mysql":
            connection.execute(sqlalchemy.text("set session transaction read only"))
            connection.rollback()
        if engine.dialect.name in _LOCAL_TIME:
            connection.execute(sqlalchemy.text(_LOCAL_TIME[engine.dialect.name]))
        yield connection.execution_options(stream_results=True, yield_per=BATCH)


def _statement(source: DatabaseSource, engine: "sqlalchemy.Engine", since: str | None) -> "sqlalchemy.TextClause":
    import sqlalchemy

    quote = engine.dialect.identifier_preparer.quote
    if source.table is not None:
        origin = ".".join(quote(part) for part in source.table.split("."))
    else:
        # A colon in the query is its own, not a parameter.
        origin = f"({(source.query or '').replace(':', chr(92) + ':')})"
    # Every part is a checked name or a checked query, quoted by the dialect; the watermark is a bound parameter.
    statement = f"select * from {origin} as exported"
    if source.incremental is None:
        return sqlalchemy.text(statement)
    column = quote(source.incremental)
    if since is None:
        return sqlalchemy.text(f"{statement} order by {column}")
    # A row without a time of change may be new: it is read each time rather than never.
    statement += f" where {column} >= :since or {column} is null order by {column}"
    # Without a type of its own the text is read as the column's type: a time, a number or a text.
    return sqlalchemy.text(statement).bindparams(
        sqlalchemy.bindparam("since", since, type_=sqlalchemy.types.NullType())
    )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ";".join(text for member in value if (text := _text(member)) is not None)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _bit(value: object) -> str | None:
    return str(int.from_bytes(value, "big")) if isinstance(value, bytes) else _text(value)


def _column_texts(rows: Sequence[Sequence[object]], at: int, name: str, label: str, as_bits: bool) -> list[str | None]:
    """One column of a portion as text; refuses a column of binary data, which is no field of any record."""
    write: Callable[[object], str | None] = _bit if as_bits else _text
    texts: list[str | None] = []
    for row in rows:
        value = row[at]
        if isinstance(value, (bytes, memoryview, bytearray)) and not as_bits:
            raise refused(
                label,
                zh=f"列“{name}”是二进制数据。请用 query 只取需要的列。",
                en=f"the column `{name}` holds binary data. Name the columns you need in a `query`.",
            )
        texts.append(write(value))
    return texts


@dataclass(frozen=True)
class Extract:
    """What was read of a source: the file, its name in reports (with the watermark reached), or why it failed."""

    path: Path
    name: str
    refusal: FileRefusedError | None = None


def extract(
    source: DatabaseSource, address: str, target: Path, *, since: str | None, most: int | None = None
) -> Extract:
    """Read the source at `address` into the Parquet file `target`, from the watermark `since` on, `most` rows at most.

    SettingError if the address is none, the driver is missing or the SQLite file is; a database that cannot be
    reached or a table that is not there is a refusal, as a file that cannot be read is.
    """
    import pyarrow as pa
    import sqlalchemy
    from pyarrow import parquet

    engine = _engine(source, address)
    reached = since
    try:
        with _reading(engine) as connection:
            result = connection.execute(_statement(source, engine, since))
            names = list(result.keys())
            bits = _columns_of_bits(result, engine.dialect.name)
            schema = pa.schema([(name, pa.large_string()) for name in names])
            watermark = names.index(source.incremental) if source.incremental in names else None
            with parquet.ParquetWriter(target, schema) as writer:
                left = most
                for rows in result.partitions(BATCH if most is None else min(BATCH, most)):
                    if left is not None and left <= 0:
                        break
                    left = None if left is None else left - len(rows)
                    columns = [
                        pa.array(_column_texts(rows, at, name, source.label, at in bits), pa.large_string())
                        for at, name in enumerate(names)
                    ]
                    writer.write_table(pa.Table.from_arrays(columns, schema=schema))
                    if watermark is not None:
                        # Servers differ in whether rows without a value come first or last.
                        known = (text for row in reversed(rows) if (text := _text(row[watermark])) is not None)
                        reached = next(known, reached)
    except FileRefusedError as error:
        return Extract(target, source.label, error)
    except (sqlalchemy.exc.SQLAlchemyError, UnicodeError, RuntimeError) as error:
        said = failure_of(getattr(error, "orig", None) or error)
        return Extract(
            target,
            source.label,
            refused(
                source.label,
                zh=f"无法读取数据库（{said.zh}）。请检查地址、权限和表名。",
                en=f"the database cannot be read ({said.en}). Check its address, your rights and the table's name.",
            ),
        )
    finally:
        engine.dispose()
    return Extract(target, source.label if reached is None else f"{source.label}@{reached}")


def _columns_of_bits(result: "sqlalchemy.CursorResult[Any]", dialect: str) -> set[int]:
    described = getattr(result.cursor, "description", None) or ()
    return {at for at, column in enumerate(described) if dialect == "mysql" and column[1] == _MYSQL_BIT}
