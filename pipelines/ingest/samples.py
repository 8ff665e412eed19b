"""The beginning of a file as a table, for people who write a mapping: nothing is loaded."""

from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.contract.loader import Contracts
from pipelines.ingest.contents import read_content
from pipelines.ingest.discover import discover
from pipelines.ingest.headers import folded_header, known_headers
from pipelines.ingest.readers import ReadOptions, open_workbook, read_text_tables
from pipelines.ingest.reasons import refused
from pipelines.ingest.text_table import TextTable, cleaned

#: So many rows show what a column holds.
ROWS = 2_000


@dataclass(frozen=True)
class Sample:
    """The first rows of a table, its values as `cleaned`; `sheet` is set if the workbook has several sheets."""

    name: str
    table: TextTable
    sheet: str | None = None


def read_samples(path: Path, contracts: Contracts) -> list[Sample]:
    """The tables of the file, folder or zip at `path`; raises FileRefusedError for one that cannot be read."""
    known = {header for contract in contracts.entities.values() for header in known_headers(contract)}

    def is_known(header: str) -> bool:
        return folded_header(header) in known

    samples = []
    for candidate in discover([path], contracts):
        if candidate.refusal is not None:
            raise candidate.refusal
        if candidate.format is None:
            raise refused(
                candidate.name,
                zh="不支持的格式。请另存为 CSV 或 Excel。",
                en="the format is not supported. Save it as CSV.",
            )
        content = read_content(candidate.path, candidate.name, candidate.member)
        if candidate.format in ("xlsx", "xls"):
            workbook = open_workbook(content, candidate.name)
            sheets = [sheet for sheet in workbook.sheets if workbook.headers(sheet, is_known)]
            for sheet in sheets:
                table = workbook.table(sheet, is_known)
                samples.append(Sample(candidate.name, _beginning(table), sheet if len(workbook.sheets) > 1 else None))
            continue
        tables = read_text_tables(
            content, candidate.name, candidate.format, zipped=candidate.zipped, known=is_known, options=ReadOptions()
        )
        samples.append(Sample(candidate.name, _beginning(next(tables))))
    return samples


def _beginning(table: TextTable) -> TextTable:
    table = cleaned(table)
    return replace(table, frame=table.frame.head(ROWS), row_numbers=table.row_numbers.head(ROWS))
