"""Rows to `raw`: records, quarantine, and the ledger of files and batches. No other module writes there."""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract
from pipelines.ingest.originals import key_sql


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

    What is appended is gathered by table and written by `flush`, because a statement costs more than the rows of a
    small file. `next_order` continues behind the highest `_load_order` there is; what is rolled back gives its numbers
    back.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, contracts: Contracts, loaded_at: datetime) -> None:
        """Read where the last load ended."""
        self.connection = connection
        self.loaded_at = loaded_at
        maxima = " union all ".join(
            f"select max(_load_order) as highest from raw.{entity}" for entity in contracts.entities
        )
        self.next_order = self._value(f"select coalesce(max(highest), -1) + 1 from ({maxima})")
        self.batch_id = self._value("select coalesce(max(batch_id), 0) + 1 from raw.batches")
        known = connection.execute("select file_id, status, reason from raw.files").fetchall()
        self.loaded_files = {file_id for file_id, status, _ in known if status == "loaded"}
        self.refused_files = {file_id: reason for file_id, status, reason in known if status == "refused"}
        self.files_in_batch = 0
        self._batch_is_written = False
        self._batch_is_open = False
        self._records: dict[str, list[pl.DataFrame]] = {}
        self._faults: list[pl.DataFrame] = []
        self._originals: list[pl.DataFrame] = []
        self._files: dict[str, FileRow] = {}
        self.waiting_rows = 0

    def _value(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])

    @property
    def has_batch(self) -> bool:
        """Whether this load wrote anything."""
        return self._batch_is_written

    @property
    def waiting_files(self) -> int:
        """How many files wait for `flush`."""
        return len(self._files)

    def records(self, contract: Contract, frame: pl.DataFrame, file_id: str) -> None:
        """Append `frame` (fields, `_row_number`, perhaps `_extra`) to the entity's table."""
        if not frame.height:
            return
        order = pl.int_range(self.next_order, self.next_order + frame.height, dtype=pl.Int64).alias("_load_order")
        ordered = frame.with_columns(order, pl.lit(file_id).alias("_file_id"))
        self._records.setdefault(contract.entity, []).append(ordered)
        self.next_order += frame.height
        self.waiting_rows += frame.height

    def quarantine(self, entity: str, faults: pl.DataFrame, file_id: str) -> None:
        """Append faults to `raw.quarantine`."""
        if faults.height:
            named = faults.with_columns(pl.lit(file_id).alias("_file_id"), pl.lit(entity).alias("_entity"))
            self._faults.append(named)
            self.waiting_rows += faults.height

    def originals(self, values: pl.DataFrame, file_id: str) -> None:
        """Append the personal data of refused rows to `raw.quarantine_originals`."""
        if values.height:
            self._originals.append(values.with_columns(pl.lit(file_id).alias("_file_id")))

    def file(self, row: FileRow) -> None:
        """Write the file's row; a file refused before and mended by a new version of the reader replaces it."""
        self._files[row.file_id] = row

    def flush(self) -> None:
        """Write what was appended, inside the caller's transaction."""
        for entity, frames in self._records.items():
            # Files of one entity may have different columns: what a file lacks is NULL.
            frame = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
            names = ", ".join(f'"{name}"' for name in frame.columns)
            # The names are the contract's own, so no value of a file gets into the statement.
            statement = f"insert into raw.{entity} ({names}, _loaded_at) select {names}, ? from incoming"
            self._insert(frame, statement, [self.loaded_at])
        if self._faults:
            self._insert(
                pl.concat(self._faults),
                "insert into raw.quarantine "
                "select _file_id, _entity, row_number, field, value, reason_code, reason_zh, reason_en from incoming",
                [],
            )
        if self._originals:
            self._insert(
                pl.concat(self._originals),
                "insert into raw.quarantine_originals by name "
                "select _file_id as file_id, row_number, record_key, field, value from incoming",
                [],
            )
        if self._files and not self._batch_is_written and not self._batch_is_open:
            self.connection.execute(
                "insert into raw.batches values (?, ?, ?)", [self.batch_id, self.loaded_at, self.files_in_batch]
            )
            self._batch_is_open = True
        for verb, rows in (
            ("insert", [row for row in self._files.values() if row.file_id not in self.refused_files]),
            ("insert or replace", [row for row in self._files.values() if row.file_id in self.refused_files]),
        ):
            if rows:
                values = [value for row in rows for value in vars(row).values()]
                marks = ", ".join(f"({', '.join('?' * len(vars(row)))})" for row in rows)
                self.connection.execute(f"{verb} into raw.files values {marks}", values)
        self.refused_files |= {row.file_id: row.reason for row in self._files.values() if row.status == "refused"}
        self._clear()

    def _insert(self, frame: pl.DataFrame, statement: str, parameters: list[object]) -> None:
        # The statement finds `incoming` by its name here. A registered table would be kept until the transaction ends,
        # and the transaction of a large file would hold all of it.
        incoming = frame.to_arrow(compat_level=pl.CompatLevel.newest())
        self.connection.execute(statement, parameters)
        del incoming

    def forget_mended(self, contracts: Contracts) -> None:
        """Delete the personal data kept of refused rows whose record was loaded by a later batch.

        Call in a transaction of its own, when no list of this load is still to be read.
        """
        for (entity,) in self.connection.execute(
            "select distinct entity from raw.quarantine_originals join raw.files using (file_id) order by 1"
        ).fetchall():
            key = key_sql(contracts.entities[entity], "r")
            self.connection.execute(
                "delete from raw.quarantine_originals as o using raw.files as refused "
                "where refused.file_id = o.file_id and refused.entity = ? and exists ("
                f"select 1 from raw.{entity} as r join raw.files as loaded on loaded.file_id = r._file_id "
                f"where {key} = o.record_key and loaded.batch_id > refused.batch_id)",
                [entity],
            )

    def _clear(self) -> None:
        self._records, self._faults, self._originals, self._files, self.waiting_rows = {}, [], [], {}, 0

    def committed(self) -> None:
        """Tell that the transaction is committed."""
        self._batch_is_written = self._batch_is_written or self._batch_is_open

    def rolled_back(self, first_order: int) -> None:
        """Tell that the transaction is rolled back; `first_order` was the next load order when it began."""
        self._clear()
        self._batch_is_open = False
        self.next_order = first_order
