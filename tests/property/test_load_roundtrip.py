"""Any table, written in any supported format, encoding and header language, loads to the same records."""

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract.loader import load_contracts
from pipelines.contract.model import ContractField
from pipelines.ingest.load import load_paths
from pipelines.warehouse.raw_tables import create_raw_tables

CONTRACTS = load_contracts()
AT = datetime(2026, 11, 3, 8, 0)
ENTITIES = ("cases", "matters", "officers", "supervisions", "participations")

# Letters that every encoding can write, and the characters that formats give a meaning; `E` next to digits is left
# out, because a value such as 1E5 is one that a spreadsheet has eaten.
TEXTS = st.text(alphabet="甲乙丙，“”a b,;\t'\"=-#|、。", min_size=1, max_size=12).map(str.strip).filter(bool)
IDS = st.from_regex(r"[A-D]{1,3}-[0-9]{1,6}", fullmatch=True)


def value_of(field: ContractField) -> st.SearchStrategy[object]:
    codes = CONTRACTS.codes_of(field)
    match field.type:
        case "code":
            assert codes is not None
            return st.sampled_from(list(codes.codes))
        case "list":
            members = st.sampled_from(list(codes.codes)) if codes is not None else IDS
            return st.lists(members, min_size=1, max_size=3, unique=True).map(";".join)
        case "date":
            return st.dates(date(1990, 1, 1), date(2100, 12, 31))
        case "datetime":
            return st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)).map(lambda t: t.replace(microsecond=0))
        case "integer":
            return st.integers(int(field.minimum or 0), 10**9)
        case "money":
            return st.decimals(0, 10**9, places=2)
        case "number":
            return st.integers(0, 100).map(float)
        case "boolean":
            return st.booleans()
        case "text":
            return TEXTS if (field.max_length or 999) > 64 else IDS


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[str], list[dict[str, object]]]:
    """An entity, some of its fields in any order, and a few records."""
    contract = CONTRACTS.entities[draw(st.sampled_from(ENTITIES))]
    optional = [field.name for field in contract.fields if not field.required]
    names = [field.name for field in contract.required_fields] + draw(st.lists(st.sampled_from(optional), unique=True))
    names = draw(st.permutations(names))
    row = st.fixed_dictionaries(
        {
            name: value_of(contract.field(name))
            if contract.field(name).required
            else st.none() | value_of(contract.field(name))
            for name in names
        }
    )
    return contract.entity, names, draw(st.lists(row, min_size=1, max_size=6))


def written(value: object, *, chinese: bool) -> str:
    """A value as an English or a Chinese export writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else str(value).lower()
    if isinstance(value, datetime):
        return f"{value.year}年{value.month}月{value.day}日 {value:%H:%M:%S}" if chinese else value.isoformat(sep=" ")
    if isinstance(value, date):
        return f"{value.year}/{value.month}/{value.day}" if chinese else value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if chinese else f"{value:.2f}"
    return str(value)


def delimited(header: list[str], rows: list[list[str]], separator: str) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerows([header, *rows])
    return buffer.getvalue()


def workbook(header: list[str], rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    )
    page = book.add_worksheet()
    page.write_row(0, 0, header)
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(at, column, value)
            elif value is not None:
                page.write(at, column, value)
    book.close()
    return buffer.getvalue()


def files(entity: str, names: list[str], rows: list[dict[str, object]]) -> dict[str, bytes]:
    """The same table as files of every format."""
    contract = CONTRACTS.entities[entity]
    labels = [contract.field(name).label.zh for name in names]
    english = [[written(row[name], chinese=False) for name in names] for row in rows]
    chinese = [[written(row[name], chinese=True) for name in names] for row in rows]
    made = {
        f"{entity}.csv": delimited(names, english, ",").encode("utf-8"),
        f"{entity}__bom.csv": delimited(labels, chinese, ",").encode("utf-8-sig"),
        f"{entity}__gb.csv": delimited(labels, chinese, ";").encode("gb18030"),
        f"{entity}__16.tsv": delimited(labels, english, "\t").encode("utf-16"),
        f"{entity}.csv.gz": gzip.compress(delimited(names, chinese, ",").encode("gb18030")),
        f"{entity}.xlsx": workbook(labels, [[row[name] for name in names] for row in rows]),
        f"{entity}__text.xlsx": workbook(names, [list(row) for row in chinese]),
        f"{entity}.jsonl": "\n".join(
            json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in english
        ).encode("utf-8"),
    }
    buffer = io.BytesIO()
    typed = pl.DataFrame(
        {
            name: pl.Series(
                [row[name] for row in rows],
                dtype=pl.Decimal(18, 2) if contract.field(name).type == "money" else None,
                strict=False,
            )
            for name in names
        }
    )
    typed.write_parquet(buffer)
    return {**made, f"{entity}.parquet": buffer.getvalue()}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_raw_tables(connection, CONTRACTS)
        yield connection


@settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_every_way_of_writing_a_table_loads_to_the_same_records(
    warehouse: duckdb.DuckDBPyConnection, table: tuple[str, list[str], list[dict[str, object]]]
) -> None:
    entity, names, rows = table
    contract = CONTRACTS.entities[entity]
    expected = [
        tuple(
            row.get(field.name) if row.get(field.name) is not None else field.default
            for field in contract.fields
            if field.name in names
        )
        for row in rows
    ]
    columns = ", ".join(f'"{field.name}"' for field in contract.fields if field.name in names)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files(entity, names, rows).items():
            path = Path(folder, name)
            path.write_bytes(content)
            report = load_paths(warehouse, [path], contracts=CONTRACTS, loaded_at=AT)
            faults = warehouse.execute("select field, value, reason_code from raw.quarantine").fetchall()
            assert faults == [], name
            assert [(file.status, file.rows_loaded) for file in report.files] == [("loaded", len(rows))], name
            found = warehouse.execute(f"select {columns} from raw.{entity} order by _load_order").fetchall()
            assert found == expected, name
            for emptied in (entity, "files"):
                warehouse.execute(f"delete from raw.{emptied}")
