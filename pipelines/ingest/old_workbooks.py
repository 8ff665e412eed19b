"""Old workbooks (.xls, to Excel 2003): the cells of a sheet as the text that the sheet shows."""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest

import polars as pl
import xlrd
from xlrd.xldate import xldate_as_datetime

from pipelines.errors import FileRefusedError
from pipelines.ingest.reasons import refused
from pipelines.ingest.workbook_parts import LARGEST_EXACT, LEADING_ZEROS, inexact_text

#: The first bytes of the container of an old workbook ([MS-CFB] 2.2).
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What the texts of a sheet may take; one text may stand in any number of cells.
MOST_CHARACTERS = 1 << 30


@dataclass(frozen=True)
class OldWorkbook:
    """An opened .xls workbook."""

    name: str
    data: bytes

    @cached_property
    def _book(self) -> xlrd.Book:
        try:
            return xlrd.open_workbook(
                file_contents=self.data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
            )
        except Exception as error:
            # xlrd says of a damaged workbook whatever its reading stumbles on.
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> FileRefusedError:
        if "encrypted" in str(error):
            return refused(
                self.name,
                zh="工作簿有密码。请去掉密码后另存。",
                en="the workbook has a password. Save it again without one.",
            )
        return refused(
            self.name,
            zh="旧格式工作簿损坏，无法打开。请用表格软件另存为 .xlsx。",
            en="the old workbook is damaged and cannot be opened. Save it from a spreadsheet program as .xlsx.",
        )

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, in order."""
        return self._book.sheet_names()

    def cells(self, sheet: str, rows: int | None = None) -> pl.DataFrame:
        """The first `rows` rows of a sheet, all without it; columns `0`, `1`, …, an empty cell is NULL."""
        page = self._book.sheet_by_name(sheet)
        shown = [self._row(page, at) for at in range(page.nrows if rows is None else min(rows, page.nrows))]
        if sum(len(text) for row in shown for text in row if text) > MOST_CHARACTERS:
            raise self._refused(MemoryError())
        columns = {str(at): pl.Series(values, dtype=pl.String) for at, values in enumerate(zip_longest(*shown))}
        return pl.DataFrame(columns)

    def _row(self, page: xlrd.sheet.Sheet, at: int) -> list[str | None]:
        texts: list[str | None] = []
        for column, (kind, value) in enumerate(zip(page.row_types(at), page.row_values(at), strict=True)):
            if kind == xlrd.XL_CELL_NUMBER:
                texts.append(self._number(float(value), page.cell_xf_index(at, column)))
            else:
                texts.append(self._text(kind, value))
        return texts

    def _text(self, kind: int, value: str | float) -> str | None:
        if kind == xlrd.XL_CELL_TEXT:
            return str(value) or None
        if kind == xlrd.XL_CELL_DATE:
            return self._time(float(value))
        if kind == xlrd.XL_CELL_BOOLEAN:
            return "true" if value else "false"
        if kind == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(int(value), "#N/A")
        return None

    def _number(self, value: float, style: int | None = None) -> str:
        if abs(value) >= LARGEST_EXACT:
            return inexact_text(value)
        text = format(Decimal(repr(value)), "f").removesuffix(".0")
        width = self._widths.get(style, 0) if style is not None else 0
        return text.zfill(width) if text.isdecimal() else text

    def _time(self, value: float) -> str:
        try:
            moment: datetime = xldate_as_datetime(value, self._book.datemode)
        except OverflowError:
            # No day has this number: the field of a date will say so.
            return self._number(value)
        return moment.isoformat(sep=" ", timespec="milliseconds" if moment.microsecond else "seconds")

    @cached_property
    def _widths(self) -> dict[int, int]:
        """Styles that show a number with leading zeros (`000000`), and how many digits they show."""
        formats = {key: one.format_str for key, one in self._book.format_map.items()}
        shown = {at: formats.get(style.format_key, "") for at, style in enumerate(self._book.xf_list)}
        return {at: len(text) for at, text in shown.items() if re.fullmatch(LEADING_ZEROS, text)}
