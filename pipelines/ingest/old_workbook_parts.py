"""What an .xls workbook says beside its values: error cells, codes shown with leading zeros, inexact numbers.

The reader of sheets gives an empty cell for `#N/A` and 17 for a code shown as 000017. What they were stands in the
records of the `Workbook` stream (Excel 97–2003, [MS-XLS] 2.4).
"""

import re
import struct
from collections.abc import Iterator

from pipelines.ingest.compound_file import stream_of
from pipelines.ingest.reasons import refused
from pipelines.ingest.workbook_parts import LARGEST_EXACT, CellNotes

#: What a damaged workbook makes of the code that follows it.
_UNREADABLE = (struct.error, IndexError, KeyError, ValueError, MemoryError, OverflowError)
#: Kinds of records.
_FORMULA, _EOF, _CHOSEN_FORMAT, _BOUND_SHEET, _MANY_NUMBERS = 0x0006, 0x000A, 0x00E0, 0x0085, 0x00BD
_FORMAT, _NUMBER, _SHORT_NUMBER, _ERROR_OR_TRUTH, _BEGINNING = 0x041E, 0x0203, 0x027E, 0x0205, 0x0809
_TEXTS = (0x00FD, 0x0204, 0x00D6)
_CELLS = frozenset([_FORMULA, _MANY_NUMBERS, _NUMBER, _SHORT_NUMBER, _ERROR_OR_TRUTH, *_TEXTS])
#: The extent of a sheet, and what a sheet of Excel 97 can hold ([MS-XLS] 2.4.90).
_EXTENT, _EXTENT_LENGTH, _MOST_ROWS, _MOST_COLUMNS = 0x0200, 12, 65_536, 256
#: The errors by their number ([MS-XLS] 2.5.10).
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def old_workbook_stream(data: bytes, name: str) -> bytes:
    """The stream `Workbook` of an .xls; refuses one that has none, and one whose container cannot be followed."""
    try:
        stream = stream_of(data, "Workbook")
        _check_places(stream or b"")
    except _UNREADABLE as error:
        raise refused(
            name,
            zh="旧格式工作簿损坏，无法打开。请用表格软件另存为 .xlsx。",
            en="the old workbook is damaged and cannot be opened. Save it from a spreadsheet program as .xlsx.",
        ) from error
    if stream is None:
        raise refused(
            name,
            zh="不是 Excel 97 以后的工作簿（更早的版本，或有密码）。请去掉密码，另存为 .xlsx。",
            en="it is no workbook of Excel 97 or later (an older one, or one with a password). "
            "Save it as .xlsx, without a password.",
        )
    return stream


def old_cell_notes(stream: bytes, sheet: str, name: str) -> CellNotes:
    """What is to be known of a sheet's cells; refuses a workbook whose records cannot be followed."""
    try:
        return _notes(stream, sheet)
    except _UNREADABLE as error:
        raise refused(
            name,
            zh="旧格式工作簿的内容不完整，无法确认有无错误单元格。请另存为 .xlsx。",
            en="the old workbook cannot be read in full, so its error cells are not known. Save it as .xlsx.",
        ) from error


def _check_places(stream: bytes) -> None:
    """Raise ValueError for a cell or an extent beyond the 65,536 rows and 256 columns of a sheet.

    The reader of sheets makes room for the whole rectangle: two cells could take all memory.
    """
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind in _CELLS:
            column = struct.unpack_from("<H", stream, at + 6)[0]
        elif kind == _EXTENT and length >= _EXTENT_LENGTH:
            rows, _, column = struct.unpack_from("<IHH", stream, at + 8)
            column = max(column - 1, 0)
            if rows > _MOST_ROWS:
                raise ValueError("a row that no sheet has")
        else:
            column = 0
        if column >= _MOST_COLUMNS:
            raise ValueError("a column that no sheet has")
        at += 4 + length


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
        if kind not in _CELLS:
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
