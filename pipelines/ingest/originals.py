"""Personal data of quarantined rows: masked in the list that is sent out, put back when the corrected list returns.

The list names for each row the batch, the file and the row it came from. A cell that still holds the mask was not
touched, and takes the value that the warehouse kept of that row; the value never stands in the list.
"""

from dataclasses import replace
from threading import Lock

import duckdb
import polars as pl

from pipelines.contract.model import MASK, Contract
from pipelines.ingest.headers import ROW_ORIGIN, folded_header, known_headers
from pipelines.ingest.text_table import RowFault, TextTable


class Originals:
    """What the warehouse keeps of quarantined rows; it may be asked from any thread."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through a cursor of its own: an open transaction of `connection` is not its concern."""
        self._cursor = connection.cursor()
        self._lock = Lock()

    def close(self) -> None:
        """Give the cursor back."""
        self._cursor.close()

    def restored(self, table: TextTable, contract: Contract) -> TextTable:
        """`table` with untouched masks replaced; a row whose value is not known becomes a fault that says so.

        A table that does not name where its rows came from is given back as it is.
        """
        position = {header.strip(): str(at) for at, header in enumerate(table.headers)}
        if not all(header in position for header in ROW_ORIGIN):
            return table
        known = known_headers(contract)
        secret = {
            name: at
            for header, at in position.items()
            if (name := known.get(folded_header(header))) is not None and contract.field(name).pii
        }
        origin = [table.frame[position[header]].to_list() for header in ROW_ORIGIN]
        frame, lost = table.frame, []
        for name, at in secret.items():
            header = table.headers[int(at)]
            values = frame[at].to_list()
            masked = [row for row, value in enumerate(values) if value is not None and value.strip() == MASK]
            for row in masked:
                values[row] = self._value(contract.entity, name, *(column[row] for column in origin))
                if values[row] is None:
                    lost.append(RowFault(table.row_numbers[row], "MASKED_VALUE", column=header))
            frame = frame.with_columns(pl.Series(at, values, dtype=pl.String))
        sound = ~table.row_numbers.is_in([fault.row_number for fault in lost])
        # What was known of the columns' bytes is known of the masks, not of the values.
        return replace(
            table,
            frame=frame.filter(sound),
            row_numbers=table.row_numbers.filter(sound),
            faults=(*table.faults, *lost),
            bytes={},
        )

    def _value(self, entity: str, field: str, batch: str | None, file: str | None, row: str | None) -> str | None:
        if batch is None or file is None or row is None or not (batch.isdecimal() and row.isdecimal()):
            return None
        with self._lock:
            found = self._cursor.execute(
                "select o.value from raw.quarantine_originals as o join raw.files as f on f.file_id = o.file_id "
                "where f.batch_id = ? and f.name = ? and f.entity = ? and o.row_number = ? and o.field = ?",
                [int(batch), file, entity, int(row), field],
            ).fetchone()
        return None if found is None else str(found[0])
