"""What an .xls workbook says beside its values: error cells, codes shown with leading zeros, inexact numbers.

The reader of sheets gives an empty cell for `#N/A` and 17 for a code shown as 000017. What they were stands in the
records of the `Workbook` stream (Excel 97–2003, [MS-XLS] 2.4) of a compound file ([MS-CFB] 2).
"""

import re
import struct
from collections.abc import Iterator

from pipelines.ingest.reasons import refused
from pipelines.ingest.workbook_parts import LARGEST_EXACT, CellNotes

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
#: Kinds of records.
_FORMULA, _EOF, _CHOSEN_FORMAT, _BOUND_SHEET, _MANY_NUMBERS = 0x0006, 0x000A, 0x00E0, 0x0085, 0x00BD
_FORMAT, _NUMBER, _SHORT_NUMBER, _ERROR_OR_TRUTH, _BEGINNING = 0x041E, 0x0203, 0x027E, 0x0205, 0x0809
_TEXTS = (0x00FD, 0x0204, 0x00D6)
#: The errors by their number ([MS-XLS] 2.5.10).
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def old_cell_notes(data: bytes, sheet: str, name: str) -> CellNotes:
    """What is to be known of a sheet's cells; refuses a workbook whose records cannot be followed."""
    try:
        stream = _workbook_stream(data)
        return CellNotes() if stream is None else _notes(stream, sheet)
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise refused(
            name,
            zh="旧格式工作簿的内容不完整，无法确认有无错误单元格。请另存为 .xlsx。",
            en="the old workbook cannot be read in full, so its error cells are not known. Save it as .xlsx.",
        ) from error


def _workbook_stream(data: bytes) -> bytes | None:
    """The bytes of the stream `Workbook`, None if the file has none (a workbook older than Excel 97)."""
    if not data.startswith(_MAGIC):
        return None
    sector_shift, small_shift = struct.unpack_from("<HH", data, 30)
    directory, _, small_limit, small_table = struct.unpack_from("<IIII", data, 48)
    size, small_size = 1 << sector_shift, 1 << small_shift

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    places = list(struct.unpack_from("<109I", data, 76))
    more = struct.unpack_from("<I", data, 68)[0]
    while more < _LAST_SECTOR and len(places) * size <= len(data):
        found = struct.unpack(f"<{size // 4}I", sector(more))
        places, more = places + list(found[:-1]), found[-1]
    table = [
        entry
        for place in places
        if place < _LAST_SECTOR
        for entry in struct.unpack(f"<{size // 4}I", sector(place).ljust(size, b"\xff"))
    ]

    def chain(first: int, links: list[int]) -> Iterator[int]:
        for _ in range(len(links)):
            if first >= _LAST_SECTOR:
                return
            yield first
            first = links[first]

    def joined(first: int) -> bytes:
        return b"".join(map(sector, chain(first, table)))

    entries = joined(directory)
    root_start = struct.unpack_from("<I", entries, 116)[0]
    for at in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        if entries[at : at + max(length - 2, 0)].decode("utf-16-le", errors="replace") != "Workbook":
            continue
        start, held = struct.unpack_from("<II", entries, at + 116)
        if held >= small_limit:
            return joined(start)[:held]
        # A short stream lies in small sectors inside the stream of the root entry.
        container, links = joined(root_start), joined(small_table)
        small = list(struct.unpack(f"<{len(links) // 4}I", links))
        pieces = (container[one * small_size : (one + 1) * small_size] for one in chain(start, small))
        return b"".join(pieces)[:held]
    return None


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and length of the records of the part that begins at `at`, those of charts within it left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BEGINNING) - (kind == _EOF)
        if depth <= 1:
            yield kind, at + 4, length
        if depth == 0:
            return
        at += 4 + length
    raise ValueError("the part has no end")


def _text(stream: bytes, at: int, count: int) -> str:
    """A text of `count` characters: a flag says whether each takes one byte or two."""
    if stream[at] & 1:
        return stream[at + 1 : at + 1 + 2 * count].decode("utf-16-le")
    return stream[at + 1 : at + 1 + count].decode("latin-1")


def _notes(stream: bytes, sheet: str) -> CellNotes:
    formats: dict[int, int] = {}
    chosen: list[int] = []
    places: list[int] = []
    for kind, at, _ in _records(stream, 0):
        if kind == _BOUND_SHEET and _text(stream, at + 7, stream[at + 6]) == sheet:
            places.append(struct.unpack_from("<I", stream, at)[0])
        elif kind == _FORMAT:
            number, count = struct.unpack_from("<HH", stream, at)
            shown = _text(stream, at + 4, count)
            if re.fullmatch(r"0{2,}", shown):
                formats[number] = len(shown)
        elif kind == _CHOSEN_FORMAT:
            chosen.append(struct.unpack_from("<H", stream, at + 2)[0])
    if len(places) != 1:
        return CellNotes()
    padded = {style: formats[number] for style, number in enumerate(chosen) if number in formats}
    errors: dict[tuple[int, int], str] = {}
    digits: dict[tuple[int, int], int] = {}
    inexact: dict[tuple[int, int], float] = {}
    first_column: int | None = None
    for kind, at, length in _records(stream, places[0]):
        if kind not in (_FORMULA, _MANY_NUMBERS, _NUMBER, _SHORT_NUMBER, _ERROR_OR_TRUTH, *_TEXTS):
            continue
        row, column, style = struct.unpack_from("<HHH", stream, at)
        first_column = column if first_column is None else min(first_column, column)
        if kind == _FORMULA:
            # The value of a formula is a number, or says of itself that it is an error.
            if stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
                errors[row + 1, column] = _ERRORS.get(stream[at + 8], "#N/A")
            elif stream[at + 12 : at + 14] != b"\xff\xff":
                _note_inexact(inexact, row + 1, column, struct.unpack_from("<d", stream, at + 6)[0])
        elif kind == _ERROR_OR_TRUTH:
            if stream[at + 7]:
                errors[row + 1, column] = _ERRORS.get(stream[at + 6], "#N/A")
        elif kind == _MANY_NUMBERS:
            for place in range((length - 6) // 6):
                style = struct.unpack_from("<H", stream, at + 4 + 6 * place)[0]
                if style in padded:
                    digits[row + 1, column + place] = padded[style]
        elif kind in (_NUMBER, _SHORT_NUMBER):
            # A short number has at most 30 bits before its sign and scale: it is never too long.
            if kind == _NUMBER:
                _note_inexact(inexact, row + 1, column, struct.unpack_from("<d", stream, at + 6)[0])
            if style in padded:
                digits[row + 1, column] = padded[style]
    shift = first_column or 0
    return CellNotes(
        {(row, column - shift): text for (row, column), text in errors.items()},
        {(row, column - shift): width for (row, column), width in digits.items()},
        {(row, column - shift): number for (row, column), number in inexact.items()},
    )


def _note_inexact(inexact: dict[tuple[int, int], float], row: int, column: int, number: float) -> None:
    if abs(number) >= LARGEST_EXACT:
        inexact[row, column] = number
