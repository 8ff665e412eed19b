"""What every reader gives: a table of text, its headers, and the row numbers a spreadsheet would show."""

from dataclasses import dataclass, replace

import polars as pl

#: Also removed at the ends of a value: full-width and no-break blanks, byte-order marks, zero-width blanks.
BLANKS = " \t\r\n\u3000\u00a0\u200b\ufeff"


@dataclass(frozen=True)
class RowFault:
    """A row that a reader could not turn into fields, or a mapping could not turn into a record.

    `column` is the header or field concerned, None for the whole row; `value` is given only if it is safe
    to decide later whether to mask it.
    """

    row_number: int
    reason_code: str
    limit: str = ""
    column: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class TextTable:
    """A table, or one batch of a large one.

    `frame` has text columns named `0`, `1`, … as the headers stand, with values as they came (see
    `cleaned`); `row_numbers` (Int64) counts from 1 with the header row. `faults` are rows that are not in `frame`.
    """

    headers: tuple[str, ...]
    frame: pl.DataFrame
    row_numbers: pl.Series
    faults: tuple[RowFault, ...] = ()
    format: str = "csv"
    encoding: str | None = None

    @staticmethod
    def joined(tables: "list[TextTable]") -> "TextTable":
        """The batches of one file as one table."""
        if len(tables) == 1:
            return tables[0]
        return replace(
            tables[0],
            frame=pl.concat([table.frame for table in tables]),
            row_numbers=pl.concat([table.row_numbers for table in tables]),
            faults=tuple(fault for table in tables for fault in table.faults),
        )


def trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """Every value without blanks at its ends, blank ones NULL."""
    values = pl.all().str.strip_chars(BLANKS)
    return frame.with_columns(values).with_columns(pl.when(pl.all() != "").then(pl.all()))


def rows_with_values(frame: pl.DataFrame) -> pl.Series | None:
    """Which rows of a trimmed frame hold a value, None if all do: spreadsheets export blank rows at the end."""
    if not frame.width or not frame.height or frame.to_series(0).null_count() == 0:
        return None
    has_value = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return None if has_value.all() else has_value


def cleaned(table: TextTable) -> TextTable:
    """The table with its values trimmed and its blank rows left out."""
    frame = trimmed(table.frame)
    filled = rows_with_values(frame)
    if filled is None:
        return replace(table, frame=frame)
    return replace(table, frame=frame.filter(filled), row_numbers=table.row_numbers.filter(filled))
