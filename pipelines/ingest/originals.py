"""Personal data of quarantined rows: masked in the list that is sent out, put back when the corrected list returns.

The list names for each row the batch, the file and the row it came from. A cell that still holds the mask was not
touched, and takes the value that the warehouse kept of that row, if the row still has the key that it had: a sheet of
which only some columns were sorted would else give one person's data to another. The value never stands in the list.

What was kept is deleted when the record is loaded. A list that is corrected in steps still holds the row then: it takes
the values of the record if it says the same, and so changes nothing.
"""

from dataclasses import replace
from threading import Lock

import duckdb
import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK, Contract
from pipelines.ingest.casting import cast_field
from pipelines.ingest.first_look import Look, first_look
from pipelines.ingest.headers import ROW_ORIGIN, HeaderMatch
from pipelines.ingest.text_table import TextTable

_BETWEEN = "\x1f"


def key_sql(contract: Contract, relation: str) -> str:
    """The SQL of the text that `key_text` makes, over a loaded record."""
    parts = (f"coalesce(cast({relation}.\"{name}\" as varchar), '')" for name in contract.key)
    return f" || chr({ord(_BETWEEN)}) || ".join(parts)


def has_whole_key(key: str) -> bool:
    """Whether no part of a key's text is empty."""
    return all(key.split(_BETWEEN))


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

    def restored(
        self, table: TextTable, match: HeaderMatch, contract: Contract, contracts: Contracts
    ) -> tuple[TextTable, frozenset[int]]:
        """`table` (cleaned) with untouched masks replaced; a mask stays where the row's own value is not known.

        With it the numbers of the rows whose masks stay although their record was loaded since: they say
        something else.
        A table that does not name where its rows came from is given back as it is.
        """
        position = {header.strip(): str(at) for at, header in enumerate(table.headers)}
        secret = {name: str(at) for name, at in match.fields.items() if contract.field(name).pii}
        if not all(header in position for header in ROW_ORIGIN):
            return table, frozenset()
        frame = table.frame
        masked = frame.select(pl.any_horizontal(pl.lit(value=False), *(pl.col(at) == MASK for at in secret.values())))
        at_rows = masked.to_series().fill_null(value=False).arg_true()
        if not at_rows.len():
            return table, frozenset()
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
        left = [row for row in at_rows if any(frame[at][row] == MASK for at in secret.values())]
        loaded = self._loaded_since(wanted.filter(pl.col("at").is_in(left)), contract) if left else {}
        repeats, others = _told_apart(replace(table, frame=frame), match, contract, contracts, loaded)
        for name, at in secret.items():
            here = [row for row in repeats if frame[at][row] == MASK]
            if here:
                frame = frame.with_columns(frame[at].scatter(here, [str(loaded[row][name]) for row in here]))
        # What was known of the columns' bytes is known of the masks, not of the values.
        known = {at: facts for at, facts in table.bytes.items() if at not in secret.values()}
        return replace(table, frame=frame, bytes=known), frozenset(table.row_numbers[row] for row in others)

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

    def _loaded_since(self, wanted: pl.DataFrame, contract: Contract) -> dict[int, dict[str, object]]:
        """Row of `wanted` → the newest version of its record, where that came with a later batch than the row's own."""
        versioned = "updated_at" in contract.by_name
        order = "coalesce(r.updated_at, r.submitted_at, r._loaded_at) desc, " if versioned else ""
        names = [field.name for field in contract.fields]
        columns = ", ".join(f'r."{name}"' for name in names)
        incoming = wanted.to_arrow()
        with self._lock:
            found = self._cursor.execute(
                f"select incoming.at, f.batch_id > incoming.batch_id, {columns} from incoming "
                f"join raw.{contract.entity} as r on {key_sql(contract, 'r')} = incoming.record_key "
                "join raw.files as f on f.file_id = r._file_id "
                f"qualify row_number() over (partition by incoming.at order by {order}r._load_order desc) = 1"
            ).fetchall()
        del incoming
        return {at: dict(zip(names, values, strict=True)) for at, is_later, *values in found if is_later}


def _told_apart(
    table: TextTable,
    match: HeaderMatch,
    contract: Contract,
    contracts: Contracts,
    loaded: dict[int, dict[str, object]],
) -> tuple[list[int], list[int]]:
    """The rows that say what is `loaded` of their record, whatever their masks hide, and those that do not."""
    rows = sorted(loaded)
    if not rows:
        return [], []
    frame = table.frame[rows]
    present = {str(at): contract.field(name) for name, at in match.fields.items()}
    looks = first_look(frame, present, contracts)
    said: dict[str, list[object]] = {}
    for field in contract.fields:
        at = match.fields.get(field.name)
        if at is None:
            said[field.name] = [field.default] * len(rows)
        else:
            said[field.name] = cast_field(frame[str(at)], field, contracts, looks[str(at)])[0].to_list()
    secret = [name for name in match.fields if contract.field(name).pii]

    def is_repeat(place: int, row: int) -> bool:
        hidden = [name for name in secret if said[name][place] == MASK]
        return all(loaded[row][name] is not None for name in hidden) and all(
            values[place] == loaded[row][name] for name, values in said.items() if name not in hidden
        )

    repeats = [row for place, row in enumerate(rows) if is_repeat(place, row)]
    return repeats, [row for row in rows if row not in repeats]
