"""Reads the next files while the one before them is written: parsing and casting need no database.

Files up to `AHEAD` are read whole by threads of their own; larger ones are read batch by batch, when it is their
turn. The order of files, and so of everything that is loaded, is that of the tasks.
"""

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from collections.abc import Mapping as MappingType
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.contract.loader import Contracts
from pipelines.errors import FileRefusedError
from pipelines.ingest.contents import IN_MEMORY, Content, read_content
from pipelines.ingest.discover import Candidate
from pipelines.ingest.headers import columns_missing, refused_for_columns
from pipelines.ingest.inbox import is_unchanged
from pipelines.ingest.mapping_file import Mapping
from pipelines.ingest.originals import Originals
from pipelines.ingest.parts import Part, Task, parts_of
from pipelines.ingest.reasons import refused
from pipelines.ingest.records import Records, to_records, withdrawing

#: The size (bytes, as the file stands) up to which a file is read before its turn.
AHEAD = 64 << 20
#: How many files are read at a time. Writing takes less than one core, so two keep two cores busy.
READERS = 2
#: How much larger a gzip or Parquet file may be once it is unpacked.
_PACKED = 16


@dataclass(frozen=True)
class Batch:
    """Typed records of one table or batch, with the extra columns it had and the rows a mapping left out."""

    records: Records
    filtered: Counter[str]
    extra: tuple[str, ...]
    format: str
    encoding: str | None
    encoding_is_certain: bool = True


@dataclass(frozen=True)
class ReadPart:
    """A part of a file; `batches` gives its records, or raises what refuses it: at once if it `is_read`."""

    name: str
    entity: str
    file_id: str
    batches: Callable[[], Iterator[Batch]]
    is_read: bool = False
    unread_sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A file that was opened: its parts, or why it is refused; `is_waiting` if it was still being written.

    `state` is the size and time that a file of the inbox had.
    """

    task: Task
    content: Content | None = None
    parts: tuple[ReadPart, ...] = ()
    refusal: FileRefusedError | None = field(default=None)
    is_waiting: bool = False
    state: tuple[int, int] | None = None


class Opener:
    """Opens files ahead of the caller."""

    def __init__(
        self,
        contracts: Contracts,
        mapping: Mapping | None,
        loaded: AbstractSet[str],
        originals: Originals,
        states: MappingType[Path, tuple[int, int]] | None = None,
        *,
        in_memory: int = IN_MEMORY,
    ) -> None:
        """`loaded` holds the ids of files that need not be read again; the caller may add to it.

        `originals` are what returned lists of quarantined rows take the place of their masks from.

        A file larger than `in_memory` bytes is read in batches of about that size.
        `states` are sizes and times of the files that must not have changed since; any other is taken as it is.
        """
        self._states = states or {}
        self._contracts = contracts
        self._mapping = mapping
        self._loaded = loaded
        self._originals = originals
        self._in_memory = in_memory

    def ahead(self, tasks: Sequence[Task]) -> Generator[Opened]:
        """Every task opened, in order; while the caller works on one, the next are read."""
        with ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="ingest") as readers:
            upcoming: deque[Future[Opened]] = deque()
            try:
                for task in tasks:
                    upcoming.append(readers.submit(self.open, task))
                    if len(upcoming) > READERS:
                        yield upcoming.popleft().result()
                while upcoming:
                    yield upcoming.popleft().result()
            finally:
                # A caller that stops early waits for no file that nobody will take.
                readers.shutdown(wait=True, cancel_futures=True)

    def open(self, task: Task) -> Opened:
        """Open one file; a refusal is a result, not an error."""
        candidate = task.candidate
        content: Content | None = None
        if not self._is_whole(candidate):
            return Opened(task, is_waiting=True)
        try:
            if not candidate.is_regular:
                raise refused(
                    candidate.name,
                    zh="不是普通文件（链接或管道）。请放入文件本身。",
                    en="it is not a plain file (a link or a pipe). Put the file itself there.",
                )
            if candidate.refusal is not None:
                raise candidate.refusal
            content = read_content(candidate.path, candidate.name, candidate.member, in_memory=self._in_memory)
            if not self._is_whole(candidate):
                # It changed while it was read.
                return Opened(task, is_waiting=True)
            parts = parts_of(task, content, self._contracts, self._mapping)
        except FileRefusedError as error:
            return Opened(task, content, refusal=error)
        read = tuple(self._read(part, candidate, content) for part in parts)
        return Opened(task, content, read, state=self._states.get(candidate.path))

    def _is_whole(self, candidate: Candidate) -> bool:
        state = self._states.get(candidate.path)
        return state is None or is_unchanged(candidate.path, state)

    def _read(self, part: Part, candidate: Candidate, content: Content) -> ReadPart:
        def batches() -> Iterator[Batch]:
            contract = self._contracts.entities[part.entity]
            for prepared in part.tables():
                table, superseded = self._originals.restored(prepared.table, prepared.match, contract, self._contracts)
                if columns_missing(prepared.match.fields, contract):
                    withdraws = withdrawing(table, prepared.match, contract, self._contracts)
                    if withdraws is None or not withdraws.all():
                        raise refused_for_columns(table.headers, prepared.match.fields, contract, candidate.name)
                records = to_records(table, prepared.match, contract, self._contracts, superseded)
                yield Batch(
                    records,
                    prepared.filtered,
                    tuple(prepared.match.extra),
                    table.format,
                    table.encoding,
                    table.encoding_is_certain,
                )

        later = ReadPart(part.name, part.entity, part.file_id, batches, unread_sheets=part.unread_sheets)
        is_packed = candidate.zipped or candidate.format == "parquet"
        ahead = min(AHEAD, self._in_memory)
        if content.size_bytes > (ahead // _PACKED if is_packed else ahead) or part.file_id in self._loaded:
            return later
        try:
            read = list(batches())
        except FileRefusedError as error:
            return replace(later, batches=_refusing(error), is_read=True)
        return replace(later, batches=lambda: iter(read), is_read=True)


def _refusing(error: FileRefusedError) -> Callable[[], Iterator[Batch]]:
    def batches() -> Iterator[Batch]:
        raise error
        yield

    return batches
