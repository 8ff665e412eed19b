"""Excel workbooks (.xlsx, .xlsm, .xls) to tables of text, one per sheet; values are read, formulas are not run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import fastexcel
import polars as pl

from pipelines.ingest.casting import UNCALCULATED
from pipelines.ingest.contents import check_zip_container
from pipelines.ingest.headers import HEADER_WITHIN, find_headers
from pipelines.ingest.old_workbooks import MAGIC, OldWorkbook
from pipelines.ingest.reasons import refused
from pipelines.ingest.text_table import BLANKS, TextTable, titles_of
from pipelines.ingest.workbook_parts import cell_notes, inexact_text

_ZIP = b"PK"


@dataclass(frozen=True)
class Workbook:
    """An opened workbook. What it is its first bytes say: programs save `.xlsx` under the name `.xls`, and back."""

    name: str
    data: bytes

    @property
    def format(self) -> str:
        """`xls` or `xlsx`; refuses what is neither."""
        if self.data.startswith(MAGIC):
            return "xls"
        if self.data.startswith(_ZIP):
            return "xlsx"
        raise self._damaged()

    @cached_property
    def _old(self) -> OldWorkbook | None:
        return OldWorkbook(self.name, self.data) if self.format == "xls" else None

    @cached_property
    def _reader(self) -> fastexcel.ExcelReader:
        check_zip_container(self.data, self.name)
        try:
            return fastexcel.read_excel(self.data)
        except fastexcel.FastExcelError as error:
            raise self._damaged() from error

    def _damaged(self) -> Exception:
        return refused(
            self.name,
            zh="工作簿损坏或不是 Excel 文件。请用表格软件另存一次。",
            en="the workbook is damaged or is not Excel. Save it again from a spreadsheet program.",
        )

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, in order."""
        return self._old.sheets if self._old is not None else list(self._reader.sheet_names)

    def _load(self, sheet: str, rows: int | None = None) -> pl.DataFrame:
        if self._old is not None:
            return self._old.cells(sheet, rows)
        try:
            loaded = self._reader.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=rows, dtypes="string")
            frame = loaded.to_polars()
        except fastexcel.FastExcelError as error:
            raise self._damaged() from error
        return frame.rename({name: str(position) for position, name in enumerate(frame.columns)})

    def headers(self, sheet: str, known: Callable[[str], bool], header_row: int | None = None) -> tuple[str, ...]:
        """The headers of a sheet, empty for a blank sheet."""
        rows = _texts(self._load(sheet, rows=max(HEADER_WITHIN, header_row or 0)))
        if header_row is not None:
            return rows[header_row - 1] if header_row <= len(rows) else ()
        found = find_headers(rows, known)
        return () if found is None else found[1]

    def is_blank(self, sheet: str) -> bool:
        """Whether no cell of a sheet holds anything."""
        # The first rows of most sheets tell; only where they are blank the rest is looked at.
        return not any(any(row) for rows in (HEADER_WITHIN, None) for row in _texts(self._load(sheet, rows)))

    def table(self, sheet: str, known: Callable[[str], bool], header_row: int | None = None) -> TextTable:
        """The table of a sheet; refuses a blank one."""
        frame = self._load(sheet)
        rows = _texts(frame.head(max(HEADER_WITHIN, header_row or 0)))
        found = (header_row, ()) if header_row else find_headers(rows, known)
        if found is None or found[0] > len(rows):
            raise refused(
                self.name,
                zh=f"工作表“{sheet}”是空的。请检查导出。",
                en=f"the sheet `{sheet}` is empty. Check the export.",
            )
        number, headers = found
        headers = headers or rows[number - 1]
        body = frame.slice(number)
        if self._old is None:
            body = self._with_notes(sheet, number, body)
        # Columns beyond the last header that hold nothing are formatting, not data.
        width = max((at + 1 for at, header in enumerate(headers) if header), default=0)
        width = max([width, *(at + 1 for at in range(width, body.width) if body[str(at)].null_count() < body.height)])
        body = body.select([str(at) for at in range(width)])
        numbers = pl.int_range(number + 1, number + 1 + body.height, dtype=pl.Int64, eager=True).alias("row_number")
        return TextTable(headers[:width], body, numbers, (), self.format, None, titles=titles_of(rows, number, headers))

    def _with_notes(self, sheet: str, number: int, body: pl.DataFrame) -> pl.DataFrame:
        """Cells as the sheet shows them: errors (`#N/A`), codes with leading zeros, long numbers (1.20101E+17).

        A formula without a stored value is `UNCALCULATED`, also in rows below the last with a value.
        """
        notes = cell_notes(self.data, sheet)
        by_column: dict[int, dict[int, str]] = {}
        in_table = [(row, column) for row, column in notes.uncalculated if row > number and column < body.width]
        below = max((row - number for row, _ in in_table), default=0) - body.height
        if below > 0:
            body = pl.concat([body, pl.DataFrame(schema=body.schema).clear(below)])
        for row, column in in_table:
            by_column.setdefault(column, {})[row - number - 1] = UNCALCULATED
        for (row, column), text in notes.errors.items():
            by_column.setdefault(column, {})[row - number - 1] = text
        for (row, column), inexact in notes.inexact.items():
            by_column.setdefault(column, {})[row - number - 1] = inexact_text(inexact)
        for (row, column), width in notes.digits.items():
            at = row - number - 1
            if 0 <= at < body.height and column < body.width:
                value = body[str(column)][at]
                if value is not None and value.isdecimal():
                    by_column.setdefault(column, {})[at] = value.zfill(width)
        for column, texts in by_column.items():
            here = {at: text for at, text in texts.items() if 0 <= at < body.height}
            if here and column < body.width:
                body = body.with_columns(body[str(column)].scatter(list(here), list(here.values())))
        return body


def _texts(frame: pl.DataFrame) -> list[tuple[str, ...]]:
    return [tuple((value or "").strip(BLANKS) for value in row) for row in frame.iter_rows()]
