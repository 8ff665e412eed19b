"""What a mapping makes of a file, without loading it: first rows before and after, and what does not fit."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK
from pipelines.errors import UsageError
from pipelines.ingest.contents import read_content
from pipelines.ingest.discover import discover
from pipelines.ingest.mapping_file import Mapping
from pipelines.ingest.parts import mapped_tables, plan
from pipelines.ingest.records import to_records

#: So many rows are shown before and after.
SHOWN = 5


@dataclass(frozen=True)
class SourcePreview:
    """One source of a mapping over one file.

    `before` and `after` hold the first rows under their headings, personal data masked. `unmapped` counts by field and
    value what `values` does not list; `faults` counts rows by field and reason (in both languages).
    """

    name: str
    entity: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    filtered: dict[str, int]
    before: tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]
    after: tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]
    unmapped: dict[tuple[str, str], int]
    faults: dict[tuple[str, str, str], int]


def preview_mapping(
    path: Path, mapping: Mapping, contracts: Contracts, *, progress: Callable[[str, int, int], None] | None = None
) -> list[SourcePreview]:
    """Apply every source of `mapping` that takes a file at `path`.

    `progress(name, index, total)` is called before each file and source.

    Raises UsageError if none does, FileRefusedError for a file that cannot be read or lacks a column.
    """
    tasks = [task for task in plan(discover([path], contracts), mapping) if task.source is not None]
    if not tasks:
        patterns = ", ".join(pattern for source in mapping.content.sources for pattern in source.files)
        raise UsageError(
            f"{path}: no source of {mapping.path.name} takes it. Their file patterns are: {patterns}. "
            "Correct `files`, or give another file."
        )
    previews = []
    for index, task in enumerate(tasks):
        candidate, source = task.candidate, task.source
        if progress is not None:
            progress(candidate.name, index, len(tasks))
        assert source is not None  # noqa: S101 - only such tasks were kept
        if candidate.refusal is not None:
            raise candidate.refusal
        content = read_content(candidate.path, candidate.name, candidate.member)
        contract = contracts.entities[source.entity]
        filtered: Counter[str] = Counter()
        unmapped: Counter[tuple[str, str]] = Counter()
        faults: Counter[tuple[str, str, str]] = Counter()
        read = accepted = quarantined = 0
        before: tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]] = ((), ())
        after = before
        secret = {
            header
            for field, column in source.columns.items()
            if contract.field(field).pii
            for header in column.headers()
        }
        for raw, prepared in mapped_tables(source, candidate, content, contract):
            records = to_records(prepared.table, prepared.match, contract, contracts)
            if not after[0]:
                used = [header for header in source.headers() if header in raw.headers]
                columns = [str(raw.headers.index(header)) for header in used]
                rows = raw.frame.select(columns).head(SHOWN).rows() if columns else []
                before = (
                    tuple(used),
                    tuple(tuple(_shown(value, used[at] in secret) for at, value in enumerate(row)) for row in rows),
                )
                names = tuple(field for field in source.columns if field in records.accepted.columns)
                rows = records.accepted.select(names).head(SHOWN).rows()
                after = (
                    names,
                    tuple(
                        tuple(_shown(value, contract.field(names[at]).pii) for at, value in enumerate(row))
                        for row in rows
                    ),
                )
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
        read = accepted + quarantined + filtered.total()
        previews.append(
            SourcePreview(
                candidate.name,
                source.entity,
                read,
                accepted,
                quarantined,
                dict(filtered),
                before,
                after,
                dict(unmapped.most_common()),
                dict(faults.most_common()),
            )
        )
    return previews


def _shown(value: object, is_secret: bool) -> str | None:
    if value is None:
        return None
    return MASK if is_secret else str(value)
