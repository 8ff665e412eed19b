"""Writes .xls workbooks of one sheet for tests, record by record, as Excel 97 did ([MS-XLS] 2.4, [MS-CFB] 2)."""

import struct
from collections.abc import Sequence

SECTOR = 512
ERRORS = {"#N/A": 0x2A, "#VALUE!": 0x0F, "#DIV/0!": 0x07, "#REF!": 0x17}
#: A cell is a text, a number, an error's text, or a number with the digits that its format shows: (17, "000000").
Cell = str | float | tuple[float, str] | None


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _wide(text: str, length: str) -> bytes:
    return struct.pack(f"<{length}B", len(text), 1) + text.encode("utf-16-le")


def _cell(row: int, column: int, value: Cell, *, as_formula: bool) -> bytes:
    place = struct.pack("<HHH", row, column, 1 if isinstance(value, tuple) else 0)
    if isinstance(value, str) and value in ERRORS:
        if as_formula:
            result = struct.pack("<BBBBHH", 2, 0, ERRORS[value], 0, 0, 0xFFFF)
            return _record(0x0006, place + result + struct.pack("<HIH", 0, 0, 0))
        return _record(0x0205, place + struct.pack("<BB", ERRORS[value], 1))
    if isinstance(value, str):
        return _record(0x0204, place + _wide(value, "H"))
    number = value[0] if isinstance(value, tuple) else value
    return _record(0x0203, place + struct.pack("<d", number))


def _stream(rows: Sequence[Sequence[Cell]], sheet: str, *, as_formula: bool) -> bytes:
    beginning = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    shown = next((value[1] for row in rows for value in row if isinstance(value, tuple)), "0")
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    padded = struct.pack("<HHHBBBBIIH", 0, 164, 0, 0, 0, 0, 0, 0, 0, 0)
    before = _record(0x0809, beginning)
    after = _record(0x041E, struct.pack("<H", 164) + _wide(shown, "H"))
    after += _record(0x00E0, style) + _record(0x00E0, padded)
    name = _wide(sheet, "B")
    start = len(before) + len(after) + 4 + 6 + len(name) + 4
    part = before + after + _record(0x0085, struct.pack("<IH", start, 0) + name) + _record(0x000A, b"")
    part += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                part += _cell(number, column, value, as_formula=as_formula)
    return part + _record(0x000A, b"")


def old_workbook(rows: Sequence[Sequence[Cell]], sheet: str = "leads", *, as_formula: bool = True) -> bytes:
    """The bytes of a workbook with `rows` on one sheet; errors are results of formulas or constants."""
    stream = _stream(rows, sheet, as_formula=as_formula)
    # Streams shorter than 4,096 bytes would be kept in small sectors.
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    links = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + count), 0xFFFFFFFE]
    table = struct.pack(f"<{len(links)}I", *links).ljust(SECTOR, b"\xff")
    assert len(table) == SECTOR, "a test's workbook is small"
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    header = header.ljust(SECTOR, b"\xff")

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        fixed = text.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(text) if name else 0, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child
        )
        return fixed + bytes(36) + struct.pack("<IQ", start, size)

    nothing = entry("", 0, 0xFFFFFFFF, 0, 0)
    directory = (
        entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream)) + nothing * 2
    )
    return header + table + directory + stream
