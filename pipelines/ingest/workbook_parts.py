"""What the XML of a workbook says beside its values.

Error cells, formulas without a stored value, codes shown with leading zeros, inexact numbers.
The reader of sheets gives an empty cell for `#N/A` and for a formula that was never calculated, and 123 for a code
shown as 000123. All are found here by searching the parts' bytes: no XML parser runs, so nothing a part declares can
expand.
"""

import html
import io
import re
import zipfile
from dataclasses import dataclass, field

from pipelines.ingest.reasons import refused

#: A part's declarations stand before its first element; no spreadsheet program writes a longer beginning.
_BEGINNING = 64 << 10
_DECLARES = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
#: A formula, and behind it nothing or an empty value. Of a text an empty value is one: the formula gives an empty text.
_UNCALCULATED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*"
    rb"(?:<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_HAS_VALUE = re.compile(rb"<(?:\w+:)?(?:is[\s>]|v(?:\s[^>]*)?>[^<])")
_HAS_EMPTY_VALUE = re.compile(rb"<(?:\w+:)?v[\s/>]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(r"^([A-Z]{1,3})(\d{1,7})$")


#: A sheet may span so many cells: a million rows of 64 columns.
MOST_CELLS = 1 << 26
#: The number of a row, or the letters of a cell beyond column Z.
_OUTER = re.compile(rb"""\sr=["'](?:([A-Z]{2,3})\d|(\d{1,7})["'])""")
_CHUNK, _LONGEST_PLACE = 4 << 20, 16
#: A spreadsheet keeps 15 digits of a number: of one from here on the last digits are lost.
LARGEST_EXACT = 1e15
#: The format of a code: a number is shown with so many digits.
LEADING_ZEROS = r"0{2,}"
_LONG_VALUE = re.compile(rb"<(?:\w+:)?v>\s*-?(?:\d{16,}|\d(?:\.\d+)?[eE]\+?\d{2})")


@dataclass(frozen=True)
class CellNotes:
    """By row (from 1) and column (from 0, counted from the first used one).

    The texts of `errors`, how many `digits` a code shows, the numbers that are too long to be exact, and where a
    formula is `uncalculated`: a program wrote it and none stored its value.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    digits: dict[tuple[int, int], int] = field(default_factory=dict)
    inexact: dict[tuple[int, int], float] = field(default_factory=dict)
    uncalculated: frozenset[tuple[int, int]] = frozenset()


def refuse_declarations(container: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook of which a part declares a document type or entities: an XML bomb, or a way to read files."""
    for entry in container.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with container.open(entry) as part:
            beginning = part.read(_BEGINNING)
        if any(declaration in beginning for declaration in _DECLARES):
            raise refused(
                name,
                zh=f"工作簿的“{entry.filename}”声明了 XML 实体，疑为 XML 炸弹。请用表格软件另存一次。",
                en=f"the workbook's part `{entry.filename}` declares XML entities, as an XML bomb does. "
                "Save it again from a spreadsheet program.",
            )


def refuse_far_apart(container: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook with a sheet whose outermost cells span more than `MOST_CELLS`.

    The reader of sheets makes room for the whole rectangle: one stray cell in the last corner takes 550 GB.
    """
    for entry in container.infolist():
        if not re.fullmatch(r"/?xl/worksheets/[^/]+\.xml", entry.filename, re.IGNORECASE):
            continue
        row = column = 1
        with container.open(entry) as part:
            before = b""
            while chunk := part.read(_CHUNK):
                for letters, number in _OUTER.findall(before + chunk):
                    row = max(row, int(number or 1))
                    column = max(column, _column(letters.decode()) + 1) if letters else column
                before = chunk[-_LONGEST_PLACE:]
        # Columns up to Z are not looked at one by one.
        if row * max(column, 26) > MOST_CELLS:
            raise refused(
                name,
                zh="工作表的单元格相距过远（表外有零星内容）。请删除表格以外的行和列，或导出为 CSV。",
                en="cells of a sheet lie too far apart: something stands far outside the table. "
                "Delete the rows and columns outside it, or export it as CSV.",
            )


def cell_notes(data: bytes, sheet: str) -> CellNotes:
    """What is to be known of the cells of a sheet of an .xlsx or .xlsm workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        path = _path_of(container, sheet)
        if path is None:
            return CellNotes()
        padded = _padded_styles(container)
        xml = container.read(path)
    has_errors = re.search(rb"""\bt\s*=\s*["']e["']""", xml) is not None
    if not has_errors and not padded and _LONG_VALUE.search(xml) is None and _UNCALCULATED.search(xml) is None:
        return CellNotes()
    errors: dict[tuple[int, int], str] = {}
    digits: dict[tuple[int, int], int] = {}
    inexact: dict[tuple[int, int], float] = {}
    uncalculated: list[tuple[int, int]] = []
    first_column: int | None = None
    for found in _CELL.finditer(xml):
        attributes = {key: first or second for key, first, second in _ATTRIBUTE.findall(found[1])}
        place = _REFERENCE.match(attributes.get(b"r", b"").decode("ascii", errors="replace"))
        if place is None or not found[2]:
            continue
        at = (int(place[2]), _column(place[1]))
        kind, style = attributes.get(b"t", b"n"), int(attributes.get(b"s") or 0)
        has_value = _HAS_VALUE.search(found[2]) or (kind == b"str" and _HAS_EMPTY_VALUE.search(found[2]))
        if not has_value and kind != b"e":
            # Such a cell is none to the reader of sheets, whose columns begin with the first cell that has a value.
            if _FORMULA.search(found[2]):
                uncalculated.append(at)
            continue
        first_column = at[1] if first_column is None else min(first_column, at[1])
        if kind == b"e":
            value = _VALUE.search(found[2])
            errors[at] = value[1].decode("utf-8", errors="replace") if value else "#N/A"
        elif kind == b"n":
            if style in padded:
                digits[at] = padded[style]
            number = _number(found[2]) if _LONG_VALUE.search(found[2]) else 0.0
            if abs(number) >= LARGEST_EXACT:
                inexact[at] = number
    shift = first_column or 0
    return CellNotes(
        {(row, column - shift): text for (row, column), text in errors.items()},
        {(row, column - shift): width for (row, column), width in digits.items()},
        {(row, column - shift): number for (row, column), number in inexact.items()},
        frozenset((row, column - shift) for row, column in uncalculated if column >= shift),
    )


def inexact_text(number: float) -> str:
    """A number that is too long as a narrow cell shows it: 1.20101E+17."""
    return f"{number:.5E}"


def _number(cell: bytes) -> float:
    value = _VALUE.search(cell)
    try:
        return float(value[1]) if value else 0.0
    except ValueError:
        return 0.0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _attributes(container: zipfile.ZipFile, part: str, element: str) -> list[dict[str, str]]:
    """The attributes of every `element` of a part, prefixes of namespaces removed."""
    try:
        xml = container.read(part)
    except KeyError:
        return []
    return [
        {
            key.decode().rsplit(":", 1)[-1]: html.unescape((first or second).decode("utf-8", errors="replace"))
            for key, first, second in _ATTRIBUTE.findall(match[1])
        }
        for match in re.finditer(rb"<(?:\w+:)?" + element.encode("ascii") + rb"\b([^>]*)>", xml)
    ]


def _path_of(container: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the sheet's XML stands in the container, None if it cannot be told."""
    named = [one for one in _attributes(container, "xl/workbook.xml", "sheet") if one.get("name") == sheet]
    if len(named) != 1:
        return None
    targets = {
        one.get("Id"): one.get("Target", "")
        for one in _attributes(container, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    target = targets.get(named[0].get("id"), "")
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return path if path in container.namelist() else None


def _padded_styles(container: zipfile.ZipFile) -> dict[int, int]:
    """Cell styles that show a number with leading zeros (`000000`), and how many digits they show."""
    widths = {
        one.get("numFmtId"): len(one["formatCode"])
        for one in _attributes(container, "xl/styles.xml", "numFmt")
        if re.fullmatch(LEADING_ZEROS, one.get("formatCode", ""))
    }
    if not widths:
        return {}
    xml = container.read("xl/styles.xml")
    formats = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
    found: dict[int, int] = {}
    for at, style in enumerate(re.finditer(rb"<(?:\w+:)?xf\b([^>]*)>", formats[0] if formats else b"")):
        attributes = {key: first or second for key, first, second in _ATTRIBUTE.findall(style[1])}
        width = widths.get(attributes.get(b"numFmtId", b"").decode("ascii", errors="replace"))
        if width is not None:
            found[at] = width
    return found
