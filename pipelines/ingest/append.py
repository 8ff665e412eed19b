"""Rows to `raw`: records, quarantine, and the ledger of files and batches. No other module writes there."""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract


@dataclass(frozen=True)
class FileRow:
    """One row of `raw.files`, in the order of its columns."""

    file_id: str
    batch_id: int
    entity: str | None
    name: str
    sha256: str
    size_bytes: int
    format: str | None
    encoding: str | None
    mapping: str | None
    mapping_sha256: str | None
    status: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_filtered: int
    extra_columns: str | None
    reason: str | None
    loaded_at: datetime


class RawWriter:
    """Appends to `raw` inside the caller's transaction and keeps the load order going.

    `next_order` continues behind the highest `_load_order` there is; a rolled back file gives its numbers back.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, contracts: Contracts, loaded_at: datetime) -> None:
        """Read where the last load ended."""
        self.connection = connection
        self.loaded_at = loaded_at
        highest = [
            row[0]
            for entity in contracts.entities
            for row in connection.execute(f"select max(_load_order) from raw.{entity}").fetchall()
            if row[0] is not None
        ]
        self.next_order = max(highest, default=-1) + 1
        self.batch_id = self._value("select coalesce(max(batch_id), 0) + 1 from raw.batches")
        known = connection.execute("select file_id, status, reason from raw.files").fetchall()
        self.loaded_files = {file_id for file_id, status, _ in known if status == "loaded"}
        self.refused_files = {file_id: reason for file_id, status, reason in known if status == "refused"}
        self.files_in_batch = 0
        self._batch_is_written = False

    def _value(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])

    def open_batch(self) -> None:
        """Write the batch's row once, with the first file of it that changes anything."""
        if not self._batch_is_written:
            self.connection.execute(
                "insert into raw.batches values (?, ?, ?)", [self.batch_id, self.loaded_at, self.files_in_batch]
            )

    def batch_is_written(self) -> None:
        """Tell that the transaction which held the batch's row is committed."""
        self._batch_is_written = True

    @property
    def has_batch(self) -> bool:
        """Whether this load wrote anything."""
        return self._batch_is_written

    def records(self, contract: Contract, frame: pl.DataFrame, file_id: str) -> None:
        """Append `frame` (fields, `_row_number`, perhaps `_extra`) to the entity's table."""
        if not frame.height:
            return
        names = ", ".join(f'"{name}"' for name in frame.columns)
        ordered = frame.with_columns(
            pl.int_range(self.next_order, self.next_order + frame.height, dtype=pl.Int64).alias("_load_order")
        )
        self.connection.register("incoming_records", ordered.to_arrow(compat_level=pl.CompatLevel.newest()))
        try:
            # The names are the contract's own, so no value of a file gets into the statement.
            self.connection.execute(
                f"insert into raw.{contract.entity} ({names}, _load_order, _file_id, _loaded_at) "
                f"select {names}, _load_order, ?, ? from incoming_records",
                [file_id, self.loaded_at],
            )
        finally:
            self.connection.unregister("incoming_records")
        self.next_order += frame.height

    def quarantine(self, entity: str, faults: pl.DataFrame, file_id: str) -> None:
        """Append faults to `raw.quarantine`."""
        if not faults.height:
            return
        self.connection.register("incoming_faults", faults.to_arrow())
        try:
            self.connection.execute(
                "insert into raw.quarantine "
                "select ?, ?, row_number, field, value, reason_code, reason_zh, reason_en from incoming_faults",
                [file_id, entity],
            )
        finally:
            self.connection.unregister("incoming_faults")

    def file(self, row: FileRow) -> None:
        """Write the file's row; a file refused before and mended by a new version of the reader replaces it."""
        values = list(vars(row).values())
        marks = ", ".join("?" * len(values))
        verb = "insert or replace" if row.file_id in self.refused_files else "insert"
        self.connection.execute(f"{verb} into raw.files values ({marks})", values)
