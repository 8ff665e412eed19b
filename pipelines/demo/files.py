"""Writes frames as files with the same bytes every time."""

import gzip
import io
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from pipelines.contract.model import Contract
from pipelines.demo.styles import FileStyle, headers

#: The creation date in spreadsheets: fixed, so that bytes repeat.
_CREATED = datetime(2024, 1, 1)


def write_text(path: Path, shown: pl.DataFrame, contract: Contract, style: FileStyle) -> None:
    """A delimited file from columns of text."""
    buffer = io.BytesIO()
    shown.rename(dict(zip(shown.columns, headers(contract, style, shown.columns), strict=True))).write_csv(
        buffer, separator=style.separator
    )
    content = buffer.getvalue()
    if style.encoding == "gb18030":
        content = content.decode("utf-8").encode("gb18030")
    elif style.encoding == "utf-8-sig":
        content = b"\xef\xbb\xbf" + content
    if style.format == "csv.gz":
        content = gzip.compress(content, compresslevel=4, mtime=0)
    path.write_bytes(content)


def write_spreadsheet(
    path: Path, frame: pl.DataFrame, shown: pl.DataFrame, contract: Contract, style: FileStyle
) -> None:
    """A workbook of one sheet: dates and numbers as such, all else as text."""
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    )
    book.set_properties({"created": _CREATED})
    day, minute = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet(contract.label.zh)
    for place, text in enumerate(headers(contract, style, shown.columns)):
        sheet.write_string(0, place, text)
    kinds = [contract.field(name).type for name in shown.columns]
    typed = frame.select(shown.columns)
    for number, (texts, values) in enumerate(zip(shown.iter_rows(), typed.iter_rows(), strict=True), start=1):
        for place, (kind, text, value) in enumerate(zip(kinds, texts, values, strict=True)):
            if value is None:
                continue
            if kind in ("date", "datetime"):
                sheet.write_datetime(number, place, value, day if kind == "date" else minute)
            elif kind in ("integer", "number", "money"):
                sheet.write_number(number, place, float(value))
            else:
                sheet.write_string(number, place, text)
    book.close()


def write_columns(path: Path, frame: pl.DataFrame, contract: Contract) -> None:
    """A Parquet file with typed columns."""
    money = [f.name for f in contract.fields if f.type == "money" and f.name in frame.columns]
    frame.with_columns(pl.col(m).cast(pl.Decimal(18, 2)) for m in money).write_parquet(
        path, compression="zstd", compression_level=3, statistics=False
    )


def write_lines(path: Path, frame: pl.DataFrame, contract: Contract) -> None:
    """One JSON object a line; dates and times as ISO text."""
    changes = []
    for field in contract.fields:
        if field.name in frame.columns and field.type in ("date", "datetime"):
            shape = "%Y-%m-%d" if field.type == "date" else "%Y-%m-%dT%H:%M:%S"
            changes.append(pl.col(field.name).dt.strftime(shape))
    frame.with_columns(changes).write_ndjson(path)
