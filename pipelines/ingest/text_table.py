"""What every reader gives: a table of text, its headers, and the row numbers a spreadsheet would show."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import polars as pl

from pipelines.contract.model import MASK
from pipelines.ingest.around_table import rows_around
from pipelines.ingest.column_bytes import ColumnBytes

#: Also removed at the ends of a value: full-width and no-break blanks, byte-order marks, zero-width blanks.
BLANKS = " \t\r\n\u3000\u00a0\u200b\ufeff"
#: What people and programs write for nothing. `none` is not among them: it is a code.
PLACEHOLDERS = frozenset(
    [
        "-",
        "--",
        "---",
        "—",
        "——",
        "－",
        "－－",
        "–",
        "/",
        "／",
        "\\",
        "\\N",
        "***",
        "*",
        "无",
        "暂无",
        "（无）",
        "(无)",
        "空",
        "NULL",
        "Null",
        "null",
        "(null)",
        "(NULL)",
        "<null>",
        "N/A",
        "n/a",
        "NaN",
        "nan",
    ]
)
#: Up to so many rows Python is faster than a query, whose fixed cost every small file would pay.
_FEW = 500
_LONGEST_PLACEHOLDER = max(len(text.encode("utf-8")) for text in PLACEHOLDERS)


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
    `cleaned`); `row_numbers` (Int64) counts from 1 with the header row. `faults` are rows that are not in `frame`,
    and `filtered` counts by reason the rows that are no records and not in it either. `bytes` holds what a reader
    already knows of its columns, by their name in `frame`; a column that is not in it is looked at when need be.
    `titles` are the texts that stand above the headers.
    """

    headers: tuple[str, ...]
    frame: pl.DataFrame
    row_numbers: pl.Series
    faults: tuple[RowFault, ...] = ()
    format: str = "csv"
    encoding: str | None = None
    encoding_is_certain: bool = True
    filtered: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, ColumnBytes] = field(default_factory=dict)
    titles: tuple[str, ...] = ()

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
            filtered=dict(sum((Counter(table.filtered) for table in tables), Counter())),
            bytes={},
        )


def titles_of(rows: Sequence[Sequence[str]], header_row: int, headers: tuple[str, ...]) -> tuple[str, ...]:
    """The texts above the headers, the last row of which is number `header_row`; an upper row of headers is none."""
    above = [text for row in rows[: header_row - 1] for text in row if text]
    return tuple(dict.fromkeys(text for text in above if text not in headers))


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


def placeholders_emptied(frame: pl.DataFrame, personal: AbstractSet[str] = frozenset()) -> pl.DataFrame:
    """A trimmed frame in which `—`, `无`, `NULL`, `N/A` and the like are NULL.

    In the columns `personal` the mask `***` stays: there it stands for a value that is known and hidden, not for none.
    """
    if not frame.height or not frame.width:
        return frame
    if frame.height <= _FEW and all(PLACEHOLDERS.isdisjoint(frame[name].to_list()) for name in frame.columns):
        return frame
    shortest = frame.select(pl.all().str.len_bytes().min()).row(0)
    suspects = [
        name
        for name, length in zip(frame.columns, shortest, strict=True)
        if length is not None and length <= _LONGEST_PLACEHOLDER
    ]
    if not suspects:
        return frame
    held = frame.select(pl.col(suspects).is_in(list(PLACEHOLDERS)).any()).row(0)
    emptied = [name for name, any_held in zip(suspects, held, strict=True) if any_held]
    masks = {name: {MASK} if name in personal else set() for name in emptied}
    return frame.with_columns(
        pl.when(~pl.col(name).is_in(list(PLACEHOLDERS - kept))).then(pl.col(name)) for name, kept in masks.items()
    )


def without_rows_around(table: TextTable) -> TextTable:
    """A trimmed table without its blank rows, its totals and the notes below it; what is no blank row is counted."""
    frame, numbers = table.frame, table.row_numbers
    filled = rows_with_values(frame)
    if filled is not None:
        frame, numbers = frame.filter(filled), numbers.filter(filled)
    found = rows_around(frame)
    if not found:
        return table if filled is None else replace(table, frame=frame, row_numbers=numbers)
    filtered = Counter(table.filtered)
    records = pl.repeat(value=True, n=frame.height, dtype=pl.Boolean, eager=True)
    for reason, mask in found.items():
        filtered[reason] += int((mask & records).sum())
        records = records & ~mask
    return replace(table, frame=frame.filter(records), row_numbers=numbers.filter(records), filtered=dict(filtered))


def cleaned(table: TextTable, personal: AbstractSet[str] = frozenset()) -> TextTable:
    """The table with its values trimmed, placeholders empty, and without blank rows, totals and notes below it.

    Masks stay in the columns `personal`.
    """
    untidy = [name for name in table.frame.columns if name not in table.bytes or table.bytes[name].may_have_blank_ends]
    if untidy:
        kept = {name: facts for name, facts in table.bytes.items() if name not in untidy}
        frame = table.frame.with_columns(trimmed(table.frame.select(untidy)))
        table = replace(table, frame=frame, bytes=kept)
    table = without_rows_around(table)
    return replace(table, frame=placeholders_emptied(table.frame, personal))
