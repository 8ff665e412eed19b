"""Parquet and JSON lines to tables of text, so that one caster reads every format alike."""

import json
from collections.abc import Iterator
from itertools import chain

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from pipelines.ingest.contents import Content
from pipelines.ingest.encodings import as_utf8, detect_encoding, is_certain
from pipelines.ingest.reasons import refused
from pipelines.ingest.text_table import RowFault, TextTable

#: A small Parquet file can claim any number of repeated rows.
MOST_ROWS = 200_000_000
#: So many rows are unpacked at a time.
_STEP = 1_024


def _as_text(column: pl.Series, header: str, name: str) -> pl.Series:
    """A typed column as the text the caster reads; refuses a nested one."""
    dtype = column.dtype
    if dtype == pl.String:
        return column
    if isinstance(dtype, pl.Datetime):
        local = column.dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None) if dtype.time_zone else column
        return local.dt.strftime("%Y-%m-%d %H:%M:%S%.f")
    if isinstance(dtype, pl.List) and not dtype.inner.is_nested():  # type: ignore[union-attr]
        return column.cast(pl.List(pl.String)).list.join(";")
    if dtype in (pl.Float32, pl.Float64):
        whole = (column.is_finite() & (column == column.round(0)) & (column.abs() < 1e15)).fill_null(value=False)
        integers = column.set(~whole, None).cast(pl.Int64).cast(pl.String)
        return integers.zip_with(whole, column.cast(pl.String))
    if dtype.is_nested() or dtype == pl.Binary:
        raise refused(
            name,
            zh=f"列“{header}”是嵌套结构。请导出为文本。",
            en=f"the column `{header}` is nested. Export it as text.",
        )
    return column.cast(pl.String)


def read_parquet_batches(content: Content, name: str, rows: int = 500_000) -> Iterator[TextTable]:
    """A Parquet file in batches; its first record has the number 2, as in a sheet. Refuses what is no Parquet."""
    try:
        file = parquet.ParquetFile(content.path if content.data is None else pa.BufferReader(content.data))
        if file.metadata.num_rows > MOST_ROWS:
            raise refused(
                name,
                zh=f"超过 {MOST_ROWS} 行。请分批导出。",
                en=f"it has more than {MOST_ROWS} rows. Export it in parts.",
            )
        headers = tuple(file.schema_arrow.names)
        done = 0
        # Long texts that repeat are small in the file: what counts is what they take once they are read.
        for batches in _gathered(file.iter_batches(batch_size=min(rows, _STEP)), rows, content.in_memory):
            named = pa.Table.from_batches(batches).rename_columns([str(at) for at in range(len(headers))])
            frame = pl.DataFrame(pl.from_arrow(named))
            texts = frame.select(_as_text(frame[column], headers[int(column)], name) for column in frame.columns)
            yield _numbered(headers, texts, first=2 + done)
            done += frame.height
        if done == 0:
            yield _numbered(
                headers, pl.DataFrame(schema=dict.fromkeys(map(str, range(len(headers))), pl.String)), first=2
            )
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as error:
        raise refused(
            name, zh="不是可读的 Parquet 文件。请重新导出。", en="it is not readable as Parquet. Export it again."
        ) from error


def _gathered(batches: Iterator[pa.RecordBatch], rows: int, most_bytes: int) -> Iterator[list[pa.RecordBatch]]:
    """The batches together, up to `rows` rows or `most_bytes` and one batch more."""
    gathered: list[pa.RecordBatch] = []
    height = size = 0
    for batch in batches:
        gathered.append(batch)
        height, size = height + batch.num_rows, size + batch.nbytes
        if height >= rows or size >= most_bytes:
            yield gathered
            gathered, height, size = [], 0, 0
    if gathered:
        yield gathered


def _numbered(headers: tuple[str, ...], frame: pl.DataFrame, first: int) -> TextTable:
    numbers = pl.int_range(first, first + frame.height, dtype=pl.Int64, eager=True).alias("row_number")
    return TextTable(headers, frame, numbers, (), "parquet", None)


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(text for member in value if (text := _json_text(member)) is not None)
    return json.dumps(value, ensure_ascii=False)


def _json_column(values: list[object]) -> pl.Series:
    """The values of one key as text; texts, and numbers kept as they were written, need no look at each."""
    try:
        return pl.Series(values, dtype=pl.String, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        return pl.Series([_json_text(value) for value in values], dtype=pl.String)


def read_json_lines(data: bytes, name: str) -> TextTable:
    """One JSON object per line, its line number the row number; a line that is none is a fault.

    Numbers are kept as they are written, so that no digit of an identifier is lost.
    """
    if not data.strip():
        raise refused(name, zh="文件是空的。请重新导出。", en="the file is empty. Export it again.")
    encoding = detect_encoding(data, name)
    lines = as_utf8(data, encoding, name).decode("utf-8").split("\n")
    # The scanner is what the decoder runs for each value; called at once, it costs half as much for a short line.
    scan = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).scan_once  # type: ignore[attr-defined]
    rows: list[dict[str, object]] = []
    numbers: list[int] = []
    faults: list[RowFault] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        try:
            value, end = scan(text, 0)
        except (ValueError, RecursionError, StopIteration):
            value, end = None, 0
        if isinstance(value, dict) and end == len(text):
            rows.append(value)
            numbers.append(number)
        else:
            faults.append(RowFault(number, "UNREADABLE_LINE"))
    if not rows:
        raise refused(
            name, zh="没有一行是 JSON 对象。请重新导出。", en="no line is a JSON object. Export it as JSON lines."
        )
    headers = tuple(dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, rows)))))
    columns = {str(at): _json_column([row.get(header) for row in rows]) for at, header in enumerate(headers)}
    row_numbers = pl.Series("row_number", numbers, pl.Int64)
    certain = is_certain(data, encoding)
    return TextTable(headers, pl.DataFrame(columns), row_numbers, tuple(faults), "jsonl", encoding, certain)
