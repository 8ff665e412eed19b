"""A file of the inbox that changes while a load runs: what stands there now was not read, and is not taken away."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.ingest import load as load_module
from pipelines.ingest.columnar import _STEP as STEP
from pipelines.ingest.columnar import read_parquet_batches
from pipelines.ingest.contents import read_content
from pipelines.ingest.load import load_paths
from pipelines.ingest.reports import LoadReport
from pipelines.warehouse.raw_tables import create_raw_tables

HEADER = "lead_id,source,subject_id,received_at"
FIRST = f"{HEADER}\nX1,patrol,S1,2026-10-01\nX2,dream,S1,2026-10-01\n"
MORE = "X3,patrol,S1,2026-10-01\n"
LARGE = 10


class Inbox:
    """An inbox with one file, and what a load makes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "inbox" / "leads.csv"
        self.file.parent.mkdir()
        self.file.write_text(FIRST, encoding="utf-8")
        self.warehouse = duckdb.connect()
        create_raw_tables(self.warehouse, load_contracts())

    def grow(self) -> None:
        """More rows come, once."""
        self.file.write_text(FIRST + MORE, encoding="utf-8")

    def load(self, in_memory: int = 1 << 20) -> LoadReport:
        return load_paths(
            self.warehouse,
            [self.file.parent],
            contracts=load_contracts(),
            loaded_at=datetime(2026, 11, 3, 8),
            quarantine=self.folder / "quarantine",
            landing=self.folder / "landing",
            inbox=self.file.parent,
            in_memory=in_memory,
        )

    def leads(self) -> list[str]:
        return [lead for (lead,) in self.warehouse.execute("select lead_id from raw.leads order by 1").fetchall()]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def then_grow(inbox: Inbox, step: Callable[..., object]) -> Callable[..., object]:
    """The step of a load, and after it more rows in the file."""

    def both(*arguments: object, **named: object) -> object:
        result = step(*arguments, **named)
        inbox.grow()
        return result

    return both


def test_a_file_that_changed_after_it_was_read_stays(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(load_module, "keep_landed", then_grow(inbox, load_module.keep_landed))
        report = inbox.load()
    assert [(file.name, file.status) for file in report.files] == [("leads.csv", "loaded"), ("leads.csv", "waiting")]
    assert inbox.file.read_text(encoding="utf-8") == FIRST + MORE
    assert (inbox.folder / "landing" / "000001" / "leads.csv").read_text(encoding="utf-8") == FIRST
    # The next load takes the rest; the rows of both are versions of the same records.
    assert [file.status for file in inbox.load().files] == ["loaded"]
    assert inbox.leads() == ["X1", "X1", "X3"]
    assert not inbox.file.exists()


def test_a_file_loaded_before_that_changed_is_not_moved_away(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.load()
    inbox.file.write_text(FIRST, encoding="utf-8")
    take = load_module.Loader.load_file
    with monkeypatch.context() as patch:
        patch.setattr(load_module.Loader, "load_file", then_grow(inbox, take))
        report = inbox.load()
    assert [file.status for file in report.files] == ["already_loaded", "waiting"]
    assert inbox.file.read_text(encoding="utf-8") == FIRST + MORE


def test_a_large_file_that_changes_while_it_is_read_is_left_whole(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(load_module.Loader, "_take", then_grow(inbox, load_module.Loader._take))
        report = inbox.load(LARGE)
    assert [(file.name, file.status) for file in report.files] == [("leads.csv", "waiting")]
    assert (inbox.leads(), inbox.warehouse.execute("select count(*) from raw.files").fetchone()) == ([], (0,))
    # Neither a copy nor a list of something that was not loaded.
    assert [path for path in inbox.folder.rglob("*") if path.is_file()] == [inbox.file]
    assert [(file.status, file.rows_loaded) for file in inbox.load(LARGE).files] == [("loaded", 2)]


def test_a_list_of_rows_to_mend_is_written_batch_by_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # 10,000 rows in batches of STEP rows; every thousandth lead has no source that there is.
    sources = ["dream" if number % 1000 == 0 else "patrol" for number in range(10_000)]
    frame = pl.DataFrame({"lead_id": [f"X{number}" for number in range(10_000)], "source": sources})
    note = pl.lit("张三 138").alias("备注")
    frame = frame.with_columns(pl.lit("S1").alias("subject_id"), pl.lit("2026-10-01").alias("received_at"), note)
    frame.write_parquet(tmp_path / "leads.parquet")
    held: list[int] = []
    append = load_module.WorklistFile.append

    def counted(self: load_module.WorklistFile, rejected: pl.DataFrame, faults: pl.DataFrame) -> None:
        held.append(faults.height)
        append(self, rejected, faults)

    monkeypatch.setattr(load_module.WorklistFile, "append", counted)
    connection = duckdb.connect()
    create_raw_tables(connection, load_contracts())
    (report,) = load_paths(
        connection,
        [tmp_path / "leads.parquet"],
        contracts=load_contracts(),
        loaded_at=datetime(2026, 11, 3, 8),
        quarantine=tmp_path / "quarantine",
        in_memory=1,
    ).files
    assert report.quarantine_file == "000001/leads.parquet.csv"
    assert len(held) == -(-10_000 // STEP)
    listed = pl.read_csv(tmp_path / "quarantine" / "000001" / "leads.parquet.csv")
    assert listed["_row_number"].to_list() == [2 + 1000 * at for at in range(10)]
    assert listed["lead_id"].to_list() == [f"X{1000 * at}" for at in range(10)]
    # A column that the contract does not know may hold anything: it is in no list that is sent out.
    assert listed.columns == [
        "_批次", "_文件", "_row_number", "_原因", "_reasons", "lead_id", "source", "subject_id", "received_at",
    ]  # fmt: skip
    assert [path.name for path in (tmp_path / "quarantine").rglob("*") if path.is_file()] == ["leads.parquet.csv"]


def test_texts_that_repeat_take_no_more_than_they_may_when_they_are_unpacked(tmp_path: Path) -> None:
    # 8,192 times the same 2,000 bytes: 16 MB unpacked, some kilobytes in the file.
    pl.DataFrame({"text": ["x" * 2000] * 8192}).write_parquet(tmp_path / "t.parquet")
    content = read_content(tmp_path / "t.parquet", "t.parquet", in_memory=1 << 20)
    batches = list(read_parquet_batches(content, "t.parquet"))
    assert max(batch.frame.estimated_size() for batch in batches) <= (1 << 20) + STEP * 2000
    assert [number for batch in batches for number in batch.row_numbers] == list(range(2, 2 + 8192))


def test_the_readers_end_before_what_they_read_through_is_closed(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[list[str]] = []
    close = load_module.Originals.close

    def look_and_close(self: load_module.Originals) -> None:
        alive.append([thread.name for thread in threading.enumerate() if thread.name.startswith("ingest")])
        close(self)

    def stop(name: str, index: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(load_module.Originals, "close", look_and_close)
    with pytest.raises(KeyboardInterrupt):
        load_paths(
            inbox.warehouse,
            [inbox.file],
            contracts=load_contracts(),
            loaded_at=datetime(2026, 11, 3, 8),
            progress=stop,
        )
    assert alive == [[]]
