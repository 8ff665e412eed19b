"""What the bytes of a text column tell at once, before any value is looked at.

Every flag says that something may be there: a flag that is false spares a pass over the values, one that is true
only asks for it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

#: First and last bytes, in UTF-8, of the blanks that `text_table` removes at the ends of a value. Common Chinese
#: characters begin with E4 to E9; those that share a byte with a blank only cause a closer look.
_FIRST_OF_BLANK = np.zeros(256, dtype=bool)
_FIRST_OF_BLANK[[0x20, 0x09, 0x0D, 0x0A, 0xE3, 0xC2, 0xE2, 0xEF]] = True
_LAST_OF_BLANK = np.zeros(256, dtype=bool)
_LAST_OF_BLANK[[0x20, 0x09, 0x0D, 0x0A, 0x80, 0xA0, 0x8B, 0xBF]] = True
#: What a value with a guard against spreadsheets starts with (`guards`), or a blank before it.
_FIRST_OF_GUARD = _FIRST_OF_BLANK.copy()
_FIRST_OF_GUARD[[ord("="), ord("'")]] = True


@dataclass(frozen=True)
class ColumnBytes:
    """What a column holds.

    `longest` counts bytes; the flags say whether a value may begin or end with a blank, begin with `#`, hold an e or
    E, whether all are ASCII, and whether a value may begin with `=` or an apostrophe.
    """

    longest: int = 0
    may_have_blank_ends: bool = False
    may_begin_with_hash: bool = False
    may_hold_e: bool = False
    is_ascii: bool = True
    may_begin_with_guard: bool = False

    def __or__(self, other: "ColumnBytes") -> "ColumnBytes":
        """What holds of both columns together."""
        return ColumnBytes(
            max(self.longest, other.longest),
            self.may_have_blank_ends or other.may_have_blank_ends,
            self.may_begin_with_hash or other.may_begin_with_hash,
            self.may_hold_e or other.may_hold_e,
            self.is_ascii and other.is_ascii,
            self.may_begin_with_guard or other.may_begin_with_guard,
        )


def column_bytes(column: pa.ChunkedArray) -> ColumnBytes:
    """The facts of a column of type large_string."""
    facts = ColumnBytes()
    for chunk in column.chunks:
        facts = facts | _of_chunk(chunk)
    return facts


def series_bytes(values: pl.Series) -> ColumnBytes:
    """The facts of a column of text."""
    return _of_chunk(values.to_arrow(compat_level=pl.CompatLevel.oldest()))


def _of_chunk(array: pa.Array) -> ColumnBytes:
    _, offsets_buffer, data_buffer = array.buffers()
    if not len(array) or data_buffer is None:
        return ColumnBytes()
    offsets = np.frombuffer(offsets_buffer, dtype=np.int64, count=len(array) + 1, offset=array.offset * 8)
    first, last = int(offsets[0]), int(offsets[-1])
    if first == last:
        return ColumnBytes()
    held = np.frombuffer(data_buffer, dtype=np.uint8, count=last - first, offset=first)
    starts, ends = offsets[:-1] - first, offsets[1:] - first
    longest = int((ends - starts).max())
    # An empty value has no ends of its own; those of its neighbours are looked at instead, which harms nothing.
    begins = held[np.minimum(starts, held.size - 1)]
    finishes = held[np.maximum(ends - 1, 0)]
    return ColumnBytes(
        longest,
        bool(_FIRST_OF_BLANK[begins].any() or _LAST_OF_BLANK[finishes].any()),
        bool((begins == ord("#")).any()),
        bool((held == ord("e")).any() or (held == ord("E")).any()),
        bool(held.max() < 0x80),
        bool(_FIRST_OF_GUARD[begins].any()),
    )
