"""Files too large to hold are read in batches: the same records, and the same refusals, as in one piece."""

import gzip
import io
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest import contents, delimited
from pipelines.ingest import load as loading
from pipelines.ingest.append import RawWriter
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import FileReport
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
ROWS = 3_000


def table_text() -> str:
    """Leads of which every 1,000th has an unknown source and every 1,500th a field too few."""
    lines = ["线索编号,案件来源,承办主体,接收时间,备注"]
    for n in range(1, ROWS + 1):
        source = "梦见" if n % 1000 == 0 else "巡查发现"
        lines.append(f"X{n},{source},S1,2026/10/{n % 28 + 1}" + ("" if n % 1500 == 0 else f",第{n}件"))
    return "\n".join(lines)


def parquet() -> bytes:
    buffer = io.BytesIO()
    rows = [line.split(",") for line in table_text().splitlines()]
    good = [row for row in rows[1:] if len(row) == 5]
    pl.DataFrame(good, schema=rows[0], orient="row").write_parquet(buffer)
    return buffer.getvalue()


FILES = {
    "leads.csv": table_text().encode("utf-8-sig"),
    "leads__gb.csv": table_text().encode("gb18030"),
    "leads__16.csv": table_text().encode("utf-16"),
    "leads.csv.gz": gzip.compress(table_text().encode("gb18030")),
    "leads.parquet": parquet(),
}


def load(
    path: Path, in_memory: int = contents.IN_MEMORY
) -> tuple[FileReport, list[tuple[object, ...]], list[tuple[object, ...]]]:
    with duckdb.connect() as connection:
        create_raw_tables(connection, load_contracts())
        report = load_paths(connection, [path], contracts=load_contracts(), loaded_at=AT, in_memory=in_memory)
        records = connection.execute("select * from raw.leads order by _load_order").fetchall()
        faults = connection.execute("select * from raw.quarantine order by row_number, reason_code").fetchall()
        return report.files[0], records, faults


@pytest.mark.parametrize("name", FILES)
def test_batches_load_what_the_whole_loads(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    whole = load(path)
    assert load(path, in_memory=1_000) == whole
    # 3 unknown sources, 2 short lines, and one of each is the same row (3,000); Parquet has no short line.
    report = whole[0]
    expected = (2_998, 2_996, 2) if name.endswith(".parquet") else (3_000, 2_996, 4)
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == expected


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("leads.csv.gz", gzip.compress(table_text().encode() + b"\n" * 500_000), "unzips to far more"),
        ("leads.csv.gz", gzip.compress(table_text().encode())[:-2_000], "gzip file is damaged"),
        ("leads.csv", table_text().encode("gb18030") + b"\n\x81\xff\xff\xff\n", "damaged"),
        ("leads.csv", b"lead_id,source\n" + b"1\n" * 20_000, "10,000 rows"),
        ("leads.xlsx", b"PK" + bytes(2_000), "too large"),
        ("leads.jsonl", b"{}\n" * 1_000, "too large"),
    ],
)
def test_a_bad_large_file_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, said: str
) -> None:
    # Limits as small as the files: the first bytes decide the encoding, and nothing unzips to 20 times its size.
    monkeypatch.setattr(contents, "_UNCHECKED_RATIO", 1_000)
    monkeypatch.setattr(contents, "_LARGEST_RATIO", 20)
    monkeypatch.setattr(delimited, "SAMPLE", 4_096)
    monkeypatch.setattr(delimited, "MOST_MISSHAPEN", 10_000)
    path = tmp_path / name
    path.write_bytes(content)
    report, records, faults = load(path, in_memory=1_000)
    assert report.status == "refused"
    assert report.reason is not None
    assert said in report.reason.en
    assert (records, faults) == ([], [])


def test_what_is_written_is_held_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction of a file holds its last batch, not all of them: memory does not grow with the file."""
    path = tmp_path / "leads.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("线索编号,案件来源,承办主体,接收时间\n")
        file.writelines(f"一个很长的线索编号{n:030d},巡查发现,{'S' * 50},2026/10/1\n" for n in range(300_000))
    held: list[int] = []
    flush = RawWriter.flush

    def flush_and_look(writer: RawWriter) -> None:
        flush(writer)
        held.append(pa.total_allocated_bytes())

    monkeypatch.setattr(RawWriter, "flush", flush_and_look)
    monkeypatch.setattr(loading, "GROUP_ROWS", 5_000)
    before = pa.total_allocated_bytes()
    report, _, _ = load(path, in_memory=4_000_000)
    assert report.rows_loaded == 300_000
    # 40 MB parsed 8 MB at a time are at least four batches, and a last look before the file is committed.
    assert len(held) >= 5
    assert held[-1] - before < 4_000_000
