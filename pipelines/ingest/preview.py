"""What a mapping makes of a file, without loading it: first rows before and after, and what does not fit."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK, Contract, Label
from pipelines.errors import FileRefusedError, UsageError
from pipelines.ingest.contents import read_content
from pipelines.ingest.discover import discover
from pipelines.ingest.extracts import extracted
from pipelines.ingest.mapping_file import Mapping
from pipelines.ingest.mapping_model import Source
from pipelines.ingest.parts import Part, Task, mapped_parts, plan
from pipelines.ingest.reasons import reason_of
from pipelines.ingest.records import to_records
from pipelines.ingest.text_table import TextTable

#: So many rows are shown before and after.
SHOWN = 5
#: So many rows of a table of a database are read for a preview.
MOST_ROWS = 2_000
#: Headings, and the rows under them.
_Rows = tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]


@dataclass(frozen=True)
class SourcePreview:
    """One source of a mapping over one file, or one sheet of it.

    `before` and `after` hold the first rows under their headings, personal data masked. `unmapped` counts by field and
    value what `values` does not list; `faults` counts rows by field and reason (in both languages). `unread_sheets`
    hold something and are not read; the first of a workbook's previews has them. `refusal` is why it cannot be loaded,
    `is_beginning` says that a table of a database has more rows.
    """

    name: str
    entity: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    filtered: dict[str, int]
    before: _Rows
    after: _Rows
    unmapped: dict[tuple[str, str], int]
    faults: dict[tuple[str, str, str], int]
    unread_sheets: tuple[str, ...] = ()
    refusal: Label | None = None
    is_beginning: bool = False


def preview_mapping(
    path: Path | None,
    mapping: Mapping,
    contracts: Contracts,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    environment: MappingType[str, str] | None = None,
) -> list[SourcePreview]:
    """Apply every source of `mapping` that takes a file at `path` or is a table of a database.

    `progress(name, index, total)` is called before each file and source.

    A table of a database is read anew, its first `MOST_ROWS` rows; addresses come from `environment` (default: the
    process's own). `path` may be None if all sources are such tables.

    Raises UsageError if no source takes a file, SettingError for a database without an address.
    """
    candidates = [] if path is None else discover([path], contracts)
    from_files = [task for task in plan(candidates, mapping) if task.source is not None]
    reads_databases = any(source.source is not None for source in mapping.content.sources)
    if not from_files and (path is not None or not reads_databases):
        raise _taken_by_none(path, mapping)
    with TemporaryDirectory(prefix="hengfa-") as folder:
        tasks = extracted(mapping, Path(folder), environment, most=MOST_ROWS) + from_files
        previews = []
        for index, task in enumerate(tasks):
            if progress is not None:
                progress(task.candidate.name, index, len(tasks))
            previews += _previews_of(task, contracts, mapping)
        return previews


def _taken_by_none(path: Path | None, mapping: Mapping) -> UsageError:
    patterns = [pattern for source in mapping.content.sources for pattern in source.files]
    if not patterns:
        return UsageError(
            f"{path}：{mapping.path.name} 只读取数据库，请不要给出文件。\n"
            f"{path}: {mapping.path.name} reads databases alone. Leave the file out."
        )
    if path is None:
        return UsageError(
            f"{mapping.path.name} 读取文件，请给出一个文件或目录。\n"
            f"{mapping.path.name} reads files. Give one, or a folder of them."
        )
    return UsageError(
        f"{path}：{mapping.path.name} 没有来源读取它。文件名写法是：{'、'.join(patterns)}。"
        "请更正 files，或换一个文件。\n"
        f"{path}: no source of {mapping.path.name} takes it. Their file patterns are: {', '.join(patterns)}. "
        "Correct `files`, or give another file."
    )


def _previews_of(task: Task, contracts: Contracts, mapping: Mapping) -> list[SourcePreview]:
    candidate, source = task.candidate, task.source
    assert source is not None  # noqa: S101 - only such tasks are kept
    try:
        if candidate.refusal is not None:
            raise candidate.refusal
        content = read_content(candidate.path, candidate.name, candidate.member)
        parts = mapped_parts(task, source, content, contracts, mapping)
    except FileRefusedError as error:
        return [_refused(task.name, source.entity, error)]
    return [_previewed(part, source, contracts) for part in parts]


def _refused(name: str, entity: str, error: FileRefusedError, unread: tuple[str, ...] = ()) -> SourcePreview:
    nothing: _Rows = ((), ())
    return SourcePreview(name, entity, 0, 0, 0, {}, nothing, nothing, {}, {}, unread, reason_of(error))


def _previewed(part: Part, source: Source, contracts: Contracts) -> SourcePreview:
    try:
        return _applied(part, source, contracts)
    except FileRefusedError as error:
        return _refused(part.name, part.entity, error, part.unread_sheets)


def _applied(part: Part, source: Source, contracts: Contracts) -> SourcePreview:
    contract = contracts.entities[part.entity]
    filtered: Counter[str] = Counter()
    unmapped: Counter[tuple[str, str]] = Counter()
    faults: Counter[tuple[str, str, str]] = Counter()
    came = accepted = quarantined = 0
    before: _Rows = ((), ())
    after = before
    for prepared in part.tables():
        records = to_records(prepared.table, prepared.match, contract, contracts)
        came += prepared.came.frame.height if prepared.came is not None else 0
        if not after[0] and prepared.came is not None:
            before = _first_rows_before(prepared.came, source, contract)
            after = _first_rows_after(records.accepted, source, contract)
        for field, value, reason_code, zh, en in records.faults.select(
            "field", "value", "reason_code", "reason_zh", "reason_en"
        ).iter_rows():
            if reason_code == "UNMAPPED_VALUE":
                unmapped[field, value or ""] += 1
            else:
                faults[field or "", zh, en] += 1
        accepted += records.accepted.height + records.withdrawals.height
        quarantined += records.quarantined
        filtered += prepared.filtered
    return SourcePreview(
        part.name,
        part.entity,
        accepted + quarantined + filtered.total(),
        accepted,
        quarantined,
        dict(filtered),
        before,
        after,
        dict(unmapped.most_common()),
        dict(faults.most_common()),
        part.unread_sheets,
        is_beginning=source.source is not None and came >= MOST_ROWS,
    )


def _first_rows_before(came: TextTable, source: Source, contract: Contract) -> _Rows:
    secret = {
        header for field, column in source.columns.items() if contract.field(field).pii for header in column.headers()
    }
    used = [(header, at) for header in source.headers() if (at := source.place_of(header, came.headers)) is not None]
    rows = came.frame.select(str(at) for _, at in used).head(SHOWN).rows() if used else []
    return (
        tuple(came.headers[at] for _, at in used),
        tuple(tuple(_shown(value, used[at][0] in secret) for at, value in enumerate(row)) for row in rows),
    )


def _first_rows_after(accepted: pl.DataFrame, source: Source, contract: Contract) -> _Rows:
    names = tuple(field for field in source.columns if field in accepted.columns)
    rows = accepted.select(names).head(SHOWN).rows()
    return names, tuple(
        tuple(_shown(value, contract.field(names[at]).pii) for at, value in enumerate(row)) for row in rows
    )


def _shown(value: object, is_secret: bool) -> str | None:
    if value is None:
        return None
    return MASK if is_secret else str(value)
