"""Which sheets of a workbook are read, and which are not: none is left out without a word."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pipelines.errors import FileRefusedError
from pipelines.ingest.headers import folded_header
from pipelines.ingest.mapping_model import Source
from pipelines.ingest.reasons import refused
from pipelines.ingest.spreadsheets import Workbook


def sheets_of(source: Source, workbook: Workbook) -> list[str]:
    """The sheets that `source` of a mapping reads, in the workbook's order.

    Without `read.sheet` they are those with every header that the mapping reads, and those with more than half of
    them: the same table with a column missing is refused by name instead of being passed over. Refuses a workbook
    without such a sheet, or without one that `read.sheet` names.
    """
    if source.read.sheet:
        chosen = [
            sheet for sheet in workbook.sheets if any(fnmatchcase(sheet, pattern) for pattern in source.read.sheet)
        ]
        for pattern in source.read.sheet:
            if not any(fnmatchcase(sheet, pattern) for sheet in workbook.sheets):
                raise refused(
                    workbook.name,
                    zh=f"没有工作表“{pattern}”。现有：{'、'.join(workbook.sheets)}。",
                    en=f"there is no sheet `{pattern}`. Its sheets are: {', '.join(workbook.sheets)}.",
                )
        return chosen
    if len(workbook.sheets) == 1:
        return workbook.sheets
    missing = {sheet: missing_headers(source, workbook, sheet) for sheet in workbook.sheets}
    if not any(not headers for headers in missing.values()):
        raise _no_sheet(source, workbook, missing)
    return [sheet for sheet in workbook.sheets if 2 * len(missing[sheet]) < len(source.headers())]


def missing_headers(source: Source, workbook: Workbook, sheet: str) -> tuple[str, ...]:
    """The headers that `source` reads and the sheet has not."""
    wanted = source.spellings()
    return source.missing(
        workbook.headers(sheet, lambda header: folded_header(header) in wanted, source.read.header_row)
    )


def unread_sheets(workbook: Workbook, read: Iterable[str]) -> tuple[str, ...]:
    """The sheets that hold something and are not among `read`."""
    taken = set(read)
    return tuple(sheet for sheet in workbook.sheets if sheet not in taken and not workbook.is_blank(sheet))


def _no_sheet(source: Source, workbook: Workbook, missing: dict[str, tuple[str, ...]]) -> FileRefusedError:
    nearest = min(workbook.sheets, key=lambda sheet: len(missing[sheet]))
    return refused(
        workbook.name,
        zh=f"没有一张工作表有映射所用的全部列。现有工作表：{'、'.join(workbook.sheets)}；最接近的“{nearest}”缺少："
        f"{'、'.join(missing[nearest])}。请更正映射的列名，或用 read: {{sheet: 工作表名}} 指定。",
        en=f"no sheet has all columns that the mapping reads. Its sheets are: {', '.join(workbook.sheets)}; the "
        f"nearest, `{nearest}`, lacks: {', '.join(missing[nearest])}. Correct the headers in the mapping, or name the "
        "sheet with read: {sheet: NAME}.",
    )
