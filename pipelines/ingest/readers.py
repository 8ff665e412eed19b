"""A file to tables of text, whatever its format: the one place that knows all readers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipelines.ingest.columnar import read_json_lines, read_parquet_batches
from pipelines.ingest.contents import Content, open_stream, whole_text
from pipelines.ingest.delimited import read_delimited, read_delimited_batches
from pipelines.ingest.reasons import refused
from pipelines.ingest.spreadsheets import Workbook
from pipelines.ingest.text_table import TextTable

Known = Callable[[str], bool]


@dataclass(frozen=True)
class ReadOptions:
    """How to read a source; what is None is found out. `header_row` counts from 1."""

    encoding: str | None = None
    separator: str | None = None
    header_row: int | None = None


def read_text_tables(
    content: Content, name: str, file_format: str, *, zipped: bool, known: Known, options: ReadOptions
) -> Iterator[TextTable]:
    """The tables of a CSV, JSON lines or Parquet file: one, or the batches of a large file."""
    if file_format == "parquet":
        if content.data is None and content.member is not None:
            raise too_large(name)
        yield from read_parquet_batches(content, name)
        return
    data = whole_text(content, name, zipped=zipped)
    if file_format == "jsonl":
        if data is None:
            raise too_large(name)
        yield read_json_lines(data, name)
    elif data is not None:
        yield read_delimited(
            data,
            name,
            known,
            encoding=options.encoding,
            separator=options.separator,
            header_row=options.header_row,
        )
    else:
        with open_stream(content, name, zipped=zipped) as sample, open_stream(content, name, zipped=zipped) as source:
            yield from read_delimited_batches(
                sample,
                source,
                name,
                known,
                encoding=options.encoding,
                separator=options.separator,
                header_row=options.header_row,
                most_bytes=content.in_memory,
            )


def open_workbook(content: Content, name: str) -> Workbook:
    """The workbook in `content`; refuses one too large to hold."""
    if content.data is None:
        raise too_large(name)
    return Workbook(name, content.data)


def too_large(name: str) -> Exception:
    """A refusal of a file that its format does not allow to read in batches."""
    return refused(
        name,
        zh="文件过大。请分批导出，或导出为 CSV、Parquet。",
        en="the file is too large. Export it in parts, or as CSV or Parquet.",
    )
