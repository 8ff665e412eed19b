"""Comma, semicolon and tab separated text to tables of text.

Apache Arrow parses: it hands over each row with a wrong number of fields instead of failing or filling.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from pipelines.ingest.around_table import TOTAL_ROW, is_total
from pipelines.ingest.column_bytes import column_bytes
from pipelines.ingest.encodings import SAMPLE, as_utf8, detect_encoding, is_certain
from pipelines.ingest.guards import guards_removed
from pipelines.ingest.headers import HEADER_WITHIN, find_headers
from pipelines.ingest.reasons import refused
from pipelines.ingest.text_table import BLANKS, RowFault, TextTable, titles_of

SEPARATORS = (",", ";", "\t", "|")
#: How many bytes are parsed at a time; also the longest row that is read.
_BLOCK = 8 << 20
#: So many rows of a wrong shape mean that the header is not the table's: they are not worth a list.
MOST_MISSHAPEN = 500_000
_LONGEST_HEADER = 64 << 10


def _header_rows(text: str, separator: str, count: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        rows.append(row)
        if len(rows) >= count:
            break
    return rows


def _find_header(
    text: str, name: str, separator: str | None, header_row: int | None, known: Callable[[str], bool]
) -> tuple[str, tuple[str, ...], int, tuple[str, ...]]:
    """Separator, headers, row number of the header (the first row that is not blank, unless given), texts above it."""
    best: tuple[int, int, str, tuple[str, ...], int, tuple[str, ...]] | None = None
    for candidate in (separator,) if separator else SEPARATORS:
        try:
            rows = _header_rows(text, candidate, header_row or HEADER_WITHIN)
        except csv.Error:
            continue
        texts = [tuple(value.strip(BLANKS) for value in row) for row in rows]
        found = (header_row, ()) if header_row else find_headers(texts, known)
        if found is None or not 0 < found[0] <= len(texts):
            continue
        number, headers = found
        headers = headers or texts[number - 1]
        score = (sum(known(header) for header in headers), len(headers))
        if best is None or score > best[:2]:
            best = (*score, candidate, headers, number, titles_of(texts, number, headers))
        if score[0] == len(headers) > 1:
            break
    if best is None:
        raise refused(name, zh="没有表头行。请导出带表头的文件。", en="there is no header row. Export it with headers.")
    return best[2:]


def _arrow_options(
    width: int, separator: str, encoding: str, on_misshapen: Callable[..., str], block: int = _BLOCK
) -> dict[str, object]:
    names = [str(position) for position in range(width)]
    return {
        "read_options": arrow_csv.ReadOptions(
            column_names=names, use_threads=False, block_size=block, encoding=encoding
        ),
        "parse_options": arrow_csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_misshapen
        ),
        "convert_options": arrow_csv.ConvertOptions(
            column_types={name: pa.large_string() for name in names},
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,
        ),
    }


#: Row number, fields expected, fields found, and whether it is a total.
_Misshapen = tuple[int, int, int, bool]


class _RowCounter:
    """Gives parsed rows their numbers in the file, leaving out the numbers of misshapen rows."""

    def __init__(self, name: str, separator: str) -> None:
        self._name = name
        self._separator = separator
        self.met = 0
        self.seen = 0
        self.misshapen: list[_Misshapen] = []

    def on_misshapen(self, row: arrow_csv.InvalidRow) -> str:
        """Note a row; `error` ends the parsing, which an exception here would not."""
        self.met += 1
        if self.met > MOST_MISSHAPEN:
            return "error"
        values = str(row.text or "").split(self._separator)
        first = next((text for value in values if (text := value.strip(BLANKS + '"'))), None)
        self.misshapen.append((row.number, row.expected_columns, row.actual_columns, is_total(first)))
        return "skip"

    def refusal(self) -> Exception:
        """Why the file could not be parsed."""
        return _most_misshapen(self._name) if self.met > MOST_MISSHAPEN else _unparsed(self._name)

    def number(self, height: int) -> tuple[pl.Series, list[_Misshapen]]:
        """Numbers of the next `height` parsed rows, and the misshapen rows met on the way.

        A reader may have parsed ahead: misshapen rows behind the last number stay for the next call.
        """
        first = self.seen + 1
        last = self.seen + height
        taken: list[_Misshapen] = []
        while self.misshapen and self.misshapen[0][0] <= last + 1:
            taken.append(self.misshapen.pop(0))
            last += 1
        numbers = pl.int_range(first, last + 1, dtype=pl.Int64, eager=True)
        if taken:
            numbers = numbers.filter(~numbers.is_in([one[0] for one in taken]))
        self.seen = last
        return numbers.alias("row_number"), taken


def _swallowed_lines(
    frame: pl.DataFrame, numbers: pl.Series, separator: str, headers: tuple[str, ...]
) -> list[RowFault]:
    """Rows in which one value holds whole other rows: its quote was never closed."""
    faults: list[RowFault] = []
    if len(headers) < 2:
        return faults
    for name in frame.columns:
        column = frame[name]
        breaks = column.str.count_matches("\n", literal=True).fill_null(0)
        if not (breaks > 0).any():
            continue
        swallowing = (breaks > 0) & (
            column.str.count_matches(separator, literal=True).fill_null(0) >= breaks * (len(headers) - 1)
        )
        found = numbers.filter(swallowing).to_list()
        faults += [RowFault(number, "UNCLOSED_QUOTE", column=headers[int(name)]) for number in found]
    return faults


def _to_table(
    arrow: pa.Table,
    counter: _RowCounter,
    *,
    headers: tuple[str, ...],
    header_row: int,
    separator: str,
    encoding: str,
    certain: bool,
    may_hold_quotes: bool,
    titles: tuple[str, ...],
) -> TextTable:
    numbers, misshapen = counter.number(arrow.num_rows)
    above = int((numbers <= header_row).sum())
    arrow, numbers = arrow.slice(above), numbers.slice(above)
    known_bytes = {name: column_bytes(arrow[name]) for name in arrow.column_names}
    frame = pl.DataFrame(pl.from_arrow(arrow, rechunk=False))
    faults = [
        RowFault(number, "TOO_MANY_FIELDS" if found > expected else "TOO_FEW_FIELDS", limit=str(expected))
        for number, expected, found, is_total_row in misshapen
        if number > header_row and not is_total_row
    ]
    totals = sum(is_total_row for number, _, _, is_total_row in misshapen if number > header_row)
    if may_hold_quotes:
        swallowing = _swallowed_lines(frame, numbers, separator, headers)
        if swallowing:
            sound = ~numbers.is_in([fault.row_number for fault in swallowing])
            frame, numbers = frame.filter(sound), numbers.filter(sound)
            faults += swallowing
    filtered = {TOTAL_ROW: totals} if totals else {}
    frame, known_bytes = guards_removed(frame, known_bytes)
    return TextTable(headers, frame, numbers, tuple(faults), "csv", encoding, certain, filtered, known_bytes, titles)


def read_delimited(
    data: bytes,
    name: str,
    known: Callable[[str], bool],
    *,
    encoding: str | None = None,
    separator: str | None = None,
    header_row: int | None = None,
) -> TextTable:
    """A whole file held in memory. `known` says whether a header is one that is looked for.

    Refuses empty and binary files, unknown encodings, and a quote that is still open at the end.
    """
    found = encoding or detect_encoding(data, name)
    text = as_utf8(data, found, name)
    if len(text) <= SAMPLE and not text.strip():
        raise _empty(name)
    start = text[:_LONGEST_HEADER].decode("utf-8", errors="ignore")
    separator, headers, number, titles = _find_header(start, name, separator, header_row, known)
    counter = _RowCounter(name, separator)
    # A small file is one block: Arrow allots a block's size whatever the file's.
    block = min(_BLOCK, len(text) + 1)
    try:
        options = _arrow_options(len(headers), separator, "utf8", counter.on_misshapen, block)
        options["read_options"].use_threads = len(text) > _BLOCK  # type: ignore[attr-defined]
        arrow = arrow_csv.read_csv(pa.BufferReader(text), **options)
        if counter.met and len(text) > _BLOCK:
            # Threads parse faster but do not number misshapen rows: only a file that has some is parsed again.
            counter = _RowCounter(name, separator)
            options = _arrow_options(len(headers), separator, "utf8", counter.on_misshapen, block)
            arrow = arrow_csv.read_csv(pa.BufferReader(text), **options)
    except pa.ArrowInvalid as error:
        raise counter.refusal() from error
    return _to_table(
        arrow,
        counter,
        headers=headers,
        header_row=number,
        separator=separator,
        encoding=found,
        certain=encoding is not None or is_certain(data, found),
        may_hold_quotes=b'"' in text,
        titles=titles,
    )


def read_delimited_batches(
    beginning: BinaryIO,
    source: BinaryIO,
    name: str,
    known: Callable[[str], bool],
    *,
    encoding: str | None = None,
    separator: str | None = None,
    header_row: int | None = None,
    rows: int = 500_000,
    most_bytes: int = 200 * 10**6,
    block: int = _BLOCK,
) -> Iterator[TextTable]:
    """The same in batches of `rows` rows or `most_bytes`, whichever is less, and up to a `block` of bytes more.

    For files too large to hold.

    `beginning` is a second stream over the same bytes, of which only the first megabyte is read.
    """
    sample = beginning.read(SAMPLE)
    if not sample.strip():
        raise _empty(name)
    found = encoding or detect_encoding(sample, name, whole=len(sample) < SAMPLE)
    certain = encoding is not None or is_certain(sample, found)
    start = sample.decode(found, errors="ignore")[:_LONGEST_HEADER]
    separator, headers, number, titles = _find_header(start, name, separator, header_row, known)
    counter = _RowCounter(name, separator)
    arrow_encoding = "utf8" if found in ("utf-8", "utf-8-sig") else found
    options = _arrow_options(len(headers), separator, arrow_encoding, counter.on_misshapen, block)
    options["convert_options"].check_utf8 = True  # type: ignore[attr-defined]
    try:
        reader = arrow_csv.open_csv(source, **options)
        gathered: list[pa.RecordBatch] = []
        for batch in reader:
            gathered.append(batch)
            if sum(one.num_rows for one in gathered) >= rows or sum(one.nbytes for one in gathered) >= most_bytes:
                yield _to_table(
                    pa.Table.from_batches(gathered),
                    counter,
                    headers=headers,
                    header_row=number,
                    separator=separator,
                    encoding=found,
                    certain=certain,
                    may_hold_quotes=True,
                    titles=titles,
                )
                gathered = []
        yield _to_table(
            pa.Table.from_batches(gathered, reader.schema),
            counter,
            headers=headers,
            header_row=number,
            separator=separator,
            encoding=found,
            certain=certain,
            may_hold_quotes=True,
            titles=titles,
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise counter.refusal() from error


def _most_misshapen(name: str) -> Exception:
    return refused(
        name,
        zh=f"超过 {MOST_MISSHAPEN:,} 行的列数与表头不符。请检查分隔符和表头。",
        en=f"more than {MOST_MISSHAPEN:,} rows have another number of fields than the header. "
        "Check the separator and the header.",
    )


def _empty(name: str) -> Exception:
    return refused(name, zh="文件是空的。请重新导出。", en="the file is empty. Export it again.")


def _unparsed(name: str) -> Exception:
    return refused(
        name,
        zh="无法解析：某个引号没有闭合，或字符损坏。请检查引号后重新导出。",
        en="it cannot be parsed: a quote is not closed, or a character is damaged. Check the quotes and export again.",
    )
