"""Personal data of quarantined rows: masked in the list that is sent out, put back when the corrected list returns.

The list names for each row the batch, the file and the row it came from. A cell that still holds the mask was not
touched, and takes the value that the warehouse kept of that row, if the row still has the key that it had: a sheet of
which only some columns were sorted would else give one person's data to another. The value never stands in the list.
"""

from dataclasses import replace
from threading import Lock

import duckdb
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK, Contract
from pipelines.ingest.casting import cast_field
from pipelines.ingest.first_look import Look
from pipelines.ingest.headers import ROW_ORIGIN, HeaderMatch
from pipelines.ingest.text_table import TextTable

_BETWEEN = "\x1f"


def key_text(frame: pl.DataFrame, match: HeaderMatch, contract: Contract, contracts: Contracts) -> pl.Series:
    """The key of every row of a table as one text, `record_key`; a date is written alike however it came."""
    parts = []
    for name in contract.key:
        position = match.fields.get(name)
        if position is None:
            parts.append(pl.repeat("", frame.height, dtype=pl.String, eager=True).alias(name))
            continue
        text = frame[str(position)]
        typed, _ = cast_field(text, contract.field(name), contracts, Look())
        parts.append(typed.cast(pl.String).fill_null(text).fill_null("").alias(name))
    return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=_BETWEEN).alias("record_key")).to_series()


class Originals:
    """What the warehouse keeps of quarantined rows; it may be asked from any thread."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through a cursor of its own: an open transaction of `connection` is not its concern."""
        self._cursor = connection.cursor()
        self._lock = Lock()

    def close(self) -> None:
        """Give the cursor back."""
        self._cursor.close()

    def restored(self, table: TextTable, match: HeaderMatch, contract: Contract, contracts: Contracts) -> TextTable:
        """`table` (cleaned) with untouched masks replaced; a mask stays where the row's own value is not known.

        A table that does not name where its rows came from is given back as it is.
        """
        position = {header.strip(): str(at) for at, header in enumerate(table.headers)}
        secret = {name: str(at) for name, at in match.fields.items() if contract.field(name).pii}
        if not all(header in position for header in ROW_ORIGIN):
            return table
        frame = table.frame
        masked = frame.select(pl.any_horizontal(pl.lit(value=False), *(pl.col(at) == MASK for at in secret.values())))
        at_rows = masked.to_series().fill_null(value=False).arg_true()
        if not at_rows.len():
            return table
        batch, file, row = (frame[position[header]] for header in ROW_ORIGIN)
        wanted = pl.DataFrame(
            [
                pl.int_range(frame.height, dtype=pl.Int64, eager=True).alias("at"),
                # A number that no row can have is no number.
                batch.cast(pl.Int64, strict=False).alias("batch_id"),
                file.alias("name"),
                row.cast(pl.Int64, strict=False).alias("row_number"),
                key_text(frame, match, contract, contracts),
            ]
        )[at_rows]
        found = self._found(wanted, contract.entity)
        for name, at in secret.items():
            kept = {row: value for row, field, value in found if field == name}
            here = [row for row in at_rows if frame[at][row] == MASK and row in kept]
            if here:
                frame = frame.with_columns(frame[at].scatter(here, [kept[row] for row in here]))
        # What was known of the columns' bytes is known of the masks, not of the values.
        known = {at: facts for at, facts in table.bytes.items() if at not in secret.values()}
        return replace(table, frame=frame, bytes=known)

    def _found(self, wanted: pl.DataFrame, entity: str) -> list[tuple[int, str, str]]:
        """Row of `wanted`, field and value; nothing where two files of a batch have one name."""
        incoming = wanted.to_arrow()
        with self._lock:
            found = self._cursor.execute(
                "select incoming.at, o.field, any_value(o.value) from incoming "
                "join raw.files as f on f.batch_id = incoming.batch_id and f.name = incoming.name and f.entity = ? "
                "join raw.quarantine_originals as o "
                "on o.file_id = f.file_id and o.row_number = incoming.row_number "
                "and o.record_key = incoming.record_key "
                "group by incoming.at, o.field having count(distinct o.value) = 1 and count(distinct o.file_id) = 1",
                [entity],
            ).fetchall()
        del incoming
        return found
