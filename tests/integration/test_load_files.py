"""Loading whole files: the same content once, the order of versions, formats, sheets, what is kept aside."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from pipelines.contract.loader import load_contracts
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
HEADER = "lead_id,source,subject_id,received_at"
Load = Callable[..., LoadReport]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    return connection


@pytest.fixture
def load(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> Load:
    """Write files (name → content) into a fresh folder and load it."""

    def write_and_load(files: dict[str, bytes | str], **options: object) -> LoadReport:
        folder = tmp_path / f"inbox{len(list(tmp_path.glob('inbox*')))}"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return load_paths(warehouse, [folder], contracts=load_contracts(), loaded_at=AT, **options)

    return write_and_load


def count(warehouse: duckdb.DuckDBPyConnection, table: str) -> int:
    row = warehouse.execute(f"select count(*) from raw.{table}").fetchone()
    assert row is not None
    return int(row[0])


def test_the_same_file_twice_loads_nothing(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    content = f"{HEADER}\nX1,patrol,S1,2026-10-01\n"
    first = load({"leads.csv": content})
    again = load({"leads.csv": content, "other/leads__renamed.csv": content})
    assert [(file.status, file.rows_loaded) for file in first.files] == [("loaded", 1)]
    assert [(file.status, file.rows_loaded) for file in again.files] == [("already_loaded", 0)] * 2
    assert (first.batch_id, again.batch_id) == (1, None)
    assert [count(warehouse, table) for table in ("leads", "files", "batches")] == [1, 1, 1]


def test_a_refused_file_is_named_again_but_written_once(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    assert [len(load({"leads.csv": "lead_id\nX1\n"}).refused) for _ in range(2)] == [1, 1]
    assert [count(warehouse, table) for table in ("files", "batches")] == [1, 1]


def test_versions_of_a_key_all_load_in_the_order_of_files_and_rows(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    # Files by entity in dependency order, then by name; rows as they stand; the next load goes on behind.
    load(
        {
            "leads__b.csv": f"{HEADER},operation\nX1,patrol,S1,2026-10-03,u\nX1,patrol,S1,2026-10-03,抹去\n",
            "leads__a.csv": f"{HEADER}\nX1,patrol,S1,2026-10-01\nX1,patrol,S1,2026-10-02\n",
            "subjects.csv": "subject_id,name,kind,valid_from\nS1,甲局,department,2020-01-01\n",
        }
    )
    load({"leads__a.csv": f"{HEADER},operation\nX1,patrol,S1,2026-10-01,d\n"})
    orders = "select _load_order, day(received_at), operation from raw.leads order by _load_order"
    assert warehouse.execute(orders).fetchall() == [(1, 1, "i"), (2, 2, "i"), (3, 3, "u"), (4, 1, "d")]
    assert warehouse.execute("select _load_order from raw.subjects").fetchall() == [(0,)]
    assert warehouse.execute("select row_number, reason_code from raw.quarantine").fetchall() == [(3, "UNKNOWN_CODE")]


def test_columns_the_contract_does_not_know_are_kept_aside(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    report = load(
        {"leads.csv": f'备注,{HEADER},热线号\n"他说""快来""",X1,patrol,S1,2026-10-01,7\n,X2,patrol,S1,2026-10-01,\n'}
    )
    assert report.files[0].extra_columns == ("备注", "热线号")
    first, second = warehouse.execute("select _extra from raw.leads order by lead_id").fetchall()
    assert json.loads(first[0]) == {"备注": '他说"快来"', "热线号": "7"}
    assert second == (None,)
    assert warehouse.execute("select extra_columns from raw.files").fetchall() == [('["备注", "热线号"]',)]


def test_loaded_files_are_kept_as_they_came(load: Load, tmp_path: Path) -> None:
    content = "线索编号;案件来源;承办主体;接收时间\nX1;巡查发现;S1;2026/10/1\n".encode("gb18030")
    load({"区局/leads.csv": content, "cases.csv": b""}, landing=tmp_path / "landing")
    kept = [path for path in (tmp_path / "landing").rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path).as_posix() for path in kept] == ["landing/000001/区局/leads.csv"]
    assert kept[0].read_bytes() == content


EXPECTED = [
    ("Q1", "planned", datetime(2026, 10, 1, 9, 30), "problem", 3, 117.5, True),
    ("Q2", "patrol", datetime(2026, 10, 2), None, None, None, False),
]
QUERY = (
    "select inspection_id, mode, started_at, result, problems, longitude, object_id is not null "
    "from raw.inspections order by 1"
)
NAMES = ["inspection_id", "subject_id", "mode", "started_at", "result", "problems", "longitude", "object_id"]
ROWS = [
    ["Q1", "S1", "planned", "2026-10-01 09:30:00", "problem", "3", "117.5", "91120116"],
    ["Q2", "S1", "patrol", "2026-10-02", None, None, None, None],
]
TEXT = "\n".join(",".join(value or "" for value in row) for row in [NAMES, *ROWS])


def workbook(rows: list[list[object]], *, above: int = 0, sheet: str = "Sheet1") -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy/m/d h:mm"})
    page = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        page.write_row(at + above, 0, row)
    book.close()
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


TYPED = pl.DataFrame(
    {
        "inspection_id": ["Q1", "Q2"],
        "subject_id": ["S1", "S1"],
        "mode": pl.Series(["planned", "patrol"], dtype=pl.Categorical),
        "started_at": [datetime(2026, 10, 1, 9, 30), datetime(2026, 10, 2)],
        "result": ["problem", None],
        "problems": [3, None],
        "longitude": [117.5, None],
        "object_id": [91120116, None],
    }
)
FORMATS: dict[str, bytes] = {
    "inspections.csv": TEXT.encode("utf-8"),
    "INSPECTIONS__十月.CSV": TEXT.encode("gb18030"),
    "inspections.tsv": TEXT.replace(",", "\t").encode("utf-16"),
    "inspections.txt": TEXT.replace(",", ";").encode("utf-8-sig"),
    "inspections.csv.gz": gzip.compress(TEXT.encode("gb18030")),
    "行政检查.csv": TEXT.encode("utf-8"),
    "inspections.parquet": parquet(TYPED),
    "inspections__text.parquet": parquet(TYPED.with_columns(pl.all().cast(pl.String))),
    "inspections.jsonl": "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in ROWS).encode(),
    "inspections.ndjson": b"\n".join(
        [
            b'{"inspection_id":"Q1","subject_id":"S1","mode":"planned","started_at":"2026-10-01T09:30:00",'
            b'"result":"problem","problems":3,"longitude":117.5,"object_id":91120116}',
            b'{"subject_id":"S1","inspection_id":"Q2","mode":"patrol","started_at":"2026-10-02"}',
        ]
    ),
    "inspections.xlsx": workbook([NAMES, *ROWS]),
    "inspections__dates.xlsx": workbook(
        [
            NAMES,
            ["Q1", "S1", "planned", datetime(2026, 10, 1, 9, 30), "problem", 3, 117.5, 91120116],
            ["Q2", "S1", "patrol", date(2026, 10, 2), None, None, None, None],
        ]
    ),
    "inspections__title.xlsx": workbook([["十月检查台账"], NAMES, *ROWS, [None], [None]], above=2),
    "book.xlsx": workbook([NAMES, *ROWS], sheet="inspections"),
    "台账.xlsx": workbook([NAMES, *ROWS], sheet="行政检查"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_loads_to_the_same_records(load: Load, warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    report = load({name: FORMATS[name]})
    assert [(file.status, file.rows_read, file.rows_loaded) for file in report.files] == [("loaded", 2, 2)]
    assert warehouse.execute(QUERY).fetchall() == EXPECTED


def test_row_numbers_of_a_sheet_count_titles_and_blank_rows(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    bad = [*ROWS[1]]
    bad[2] = "散步"
    load({"inspections.xlsx": workbook([["十月检查台账"], NAMES, ROWS[0], [None], bad], above=1)})
    # row 1 blank, 2 title, 3 header, 4 the first record, 5 blank, 6 the bad one
    assert warehouse.execute("select _row_number from raw.inspections").fetchall() == [(4,)]
    assert warehouse.execute("select row_number, field from raw.quarantine").fetchall() == [(6, "mode")]


def test_sheets_of_a_month_each_are_all_loaded(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.add_worksheet("填表说明").write(0, 0, "请按月填写")
    for month, row in (("9月", ROWS[0]), ("10月", ROWS[1])):
        page = book.add_worksheet(month)
        page.write_row(0, 0, NAMES)
        page.write_row(1, 0, row)
    book.close()
    report = load({"inspections.xlsx": buffer.getvalue()})
    assert [(file.name, file.rows_loaded) for file in report.files] == [
        ("inspections.xlsx#9月", 1),
        ("inspections.xlsx#10月", 1),
    ]
    assert warehouse.execute(QUERY).fetchall() == EXPECTED


def test_an_id_typed_as_a_number_into_a_sheet_has_lost_its_digits(
    load: Load, warehouse: duckdb.DuckDBPyConnection
) -> None:
    numbers = [[120101199001011234, *ROWS[0][1:]], ["120101199001011235", *ROWS[1][1:]]]
    load({"inspections.xlsx": workbook([NAMES, *numbers])})
    assert warehouse.execute("select inspection_id from raw.inspections").fetchall() == [("120101199001011235",)]
    found = warehouse.execute("select row_number, field, value, reason_code from raw.quarantine").fetchall()
    assert found == [(2, "inspection_id", "1.20101E+17", "MANGLED_ID")]


def test_a_json_line_that_is_no_object_is_quarantined(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    report = load({"inspections.jsonl": FORMATS["inspections.ndjson"] + b'\n{"inspection_id": \n[1]\n'})
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (4, 2, 2)
    found = warehouse.execute("select row_number, reason_code from raw.quarantine").fetchall()
    assert found == [(3, "UNREADABLE_LINE"), (4, "UNREADABLE_LINE")]


def test_the_report_adds_up_and_the_ledger_agrees(load: Load, warehouse: duckdb.DuckDBPyConnection) -> None:
    report = load(
        {
            "leads__a.csv": f"{HEADER}\nX1,patrol,S1,2026-10-01\nX2,x,S1,x\nX3\n",
            "leads__b.csv": f"{HEADER}\n",
        }
    )
    assert [(f.rows_read, f.rows_loaded, f.rows_quarantined, f.rows_filtered) for f in report.files] == [
        (3, 1, 2, 0),
        (0, 0, 0, 0),
    ]
    ledger = "select rows_read, rows_loaded, rows_quarantined, rows_filtered from raw.files order by name"
    assert warehouse.execute(ledger).fetchall() == [(3, 1, 2, 0), (0, 0, 0, 0)]
    assert warehouse.execute("select count(distinct row_number), count(*) from raw.quarantine").fetchone() == (2, 3)
