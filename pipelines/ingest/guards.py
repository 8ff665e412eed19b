"""Values of text files that are written so that a spreadsheet leaves them as they are: `="0007"` and `'0007`.

Programs write a code with leading zeros as a formula that gives a text, or behind an apostrophe, as lists of rows to
mend do with what a spreadsheet would run. Neither is part of the value. A formula of any other form is left as it is.
"""

import polars as pl

from pipelines.ingest.column_bytes import ColumnBytes, series_bytes
from pipelines.ingest.text_table import BLANKS

#: The one form of a formula that is a value: a text in quotes, a quote in it doubled.
_QUOTED = r'^="((?:[^"]|"")*)"$'
#: An apostrophe before a digit, or before what a spreadsheet takes for the beginning of a formula.
_APOSTROPHE = r"^'([0-9=+\-@])"


def without_guard(values: pl.Expr) -> pl.Expr:
    """Text without the guard at its beginning; NULL where nothing else stood there."""
    text = values.str.strip_chars(BLANKS)
    inner = text.str.extract(_QUOTED, 1).str.replace_all('""', '"', literal=True)
    bare = pl.when(inner.is_not_null()).then(inner).otherwise(text.str.replace(_APOSTROPHE, "$1"))
    bare = pl.when(text.str.contains(r"^[=']")).then(bare).otherwise(values)
    return pl.when(bare != "").then(bare)


def guards_removed(frame: pl.DataFrame, known: dict[str, ColumnBytes]) -> tuple[pl.DataFrame, dict[str, ColumnBytes]]:
    """The frame without guards, and what is known of its columns; only those that may have guards are looked at."""
    suspects = [name for name in frame.columns if known[name].may_begin_with_guard]
    if not suspects:
        return frame, known
    starts = frame.select(pl.col(suspects).str.contains(rf"^[{BLANKS}]*[=']").any()).row(0)
    guarded = [name for name, found in zip(suspects, starts, strict=True) if found]
    if not guarded:
        return frame, known
    frame = frame.with_columns(without_guard(pl.col(name)).alias(name) for name in guarded)
    return frame, known | {name: series_bytes(frame[name]) for name in guarded}
