"""The load: every file whole or not at all, every row accounted for, the same content never twice."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import duckdb

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, Label
from pipelines.errors import FileRefusedError
from pipelines.ingest.append import FileRow, RawWriter
from pipelines.ingest.contents import IN_MEMORY, Content
from pipelines.ingest.corrections import with_corrections
from pipelines.ingest.databases import DatabaseSource
from pipelines.ingest.discover import Candidate, discover
from pipelines.ingest.extracts import extracted
from pipelines.ingest.inbox import clear_away, is_unchanged, settled
from pipelines.ingest.keeping import WorklistFile, keep_landed
from pipelines.ingest.mapping_file import Mapping, read_mapping
from pipelines.ingest.opening import Batch, Opened, Opener, ReadPart
from pipelines.ingest.originals import Originals
from pipelines.ingest.parts import file_id_of, plan
from pipelines.ingest.reasons import reason_of, refused
from pipelines.ingest.records import Records, with_withdrawals
from pipelines.ingest.reports import FileReport, LoadReport
from pipelines.ingest.withdrawals import completed
from pipelines.log import event


class Progress(Protocol):
    """What is called while files are loaded."""

    def __call__(self, name: str, index: int, total: int) -> None:
        """`name` is being loaded, the file number `index` (from 0) of `total`."""


#: Small files share a transaction up to so many rows and files: a commit costs more than such a file.
GROUP_ROWS = 100_000
GROUP_FILES = 64


@dataclass
class _Counts:
    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    filtered: Counter[str] = field(default_factory=Counter)
    extra: dict[str, None] = field(default_factory=dict)
    encoding: str | None = None
    encoding_is_certain: bool = True
    format: str | None = None


class _ChangedError(Exception):
    """A file of the inbox changed while it was read batch by batch."""


class Loader:
    """One call of `load_paths`: its connection, its writer, and where copies and worklists go."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        contracts: Contracts,
        loaded_at: datetime,
        *,
        mapping: Mapping | None,
        quarantine: Path | None,
        landing: Path | None,
    ) -> None:
        """Prepare to append to `connection`, which has the raw tables."""
        self.connection = connection
        self.contracts = contracts
        self.writer = RawWriter(connection, contracts, loaded_at)
        self.loaded_at = loaded_at
        self.mapping = mapping
        self.quarantine = quarantine
        self.landing = landing
        self._is_open = False
        self._first_order = 0
        self._events: list[dict[str, Any]] = []

    def load_file(self, opened: Opened, tell: Callable[[str], None] | None = None) -> Iterator[FileReport]:
        """Load every part of a file; a refusal is a report, not an error.

        `tell` is given the name and the rows so far while a large file is read.
        """
        candidate, content = opened.task.candidate, opened.content
        if opened.is_waiting:
            yield FileReport(candidate.name, opened.task.entity, "waiting", format=candidate.format)
            return
        if opened.refusal is not None or content is None:
            refusal = opened.refusal or refused(candidate.name, zh="无法读取。", en="it cannot be read.")
            yield self._refuse(candidate, content, candidate.name, opened.task.entity, None, refusal)
            return
        for part in opened.parts:
            if part.file_id in self.writer.loaded_files:
                yield FileReport(part.name, part.entity, "already_loaded", format=candidate.format)
                continue
            if not part.is_read:
                # It is read batch by batch and may be refused midway: its transaction is its own.
                self.commit()
            try:
                yield self._load_part(opened, content, part, tell)
            except _ChangedError:
                self.roll_back()
                yield FileReport(part.name, part.entity, "waiting", format=candidate.format)
            except FileRefusedError as error:
                if not part.is_read:
                    self.roll_back()
                refused_part = self._refuse(candidate, content, part.name, part.entity, part.file_id, error)
                yield replace(refused_part, unread_sheets=part.unread_sheets)
            if not part.is_read or self.writer.waiting_rows >= GROUP_ROWS or self.writer.waiting_files >= GROUP_FILES:
                self.commit()

    def begin(self) -> None:
        """Open a transaction if none is."""
        if not self._is_open:
            self.connection.begin()
            self._is_open, self._first_order = True, self.writer.next_order

    def commit(self) -> None:
        """Write and commit the files of the open transaction, if there is one."""
        if not self._is_open:
            return
        self.writer.flush()
        self.connection.commit()
        self._is_open = False
        self.writer.committed()
        for fields in self._events:
            event("file_loaded", **fields)
        self._events = []

    def roll_back(self) -> None:
        """Undo the files of the open transaction, if there is one."""
        if self._is_open:
            self.connection.rollback()
            self._is_open = False
            self.writer.rolled_back(self._first_order)
            self._events = []

    def _load_part(
        self, opened: Opened, content: Content, part: ReadPart, tell: Callable[[str], None] | None
    ) -> FileReport:
        contract = self.contracts.entities[part.entity]
        counts = _Counts()
        batches = part.batches()
        # A file that was read ahead is refused here if it is, before anything of it is appended.
        first = next(batches, None)
        self.begin()
        to_mend = WorklistFile(self.quarantine, self.writer.batch_id, part.name)
        try:
            for batch in () if first is None else chain((first,), batches):
                records = self._take(batch, contract, part, counts)
                to_mend.append(records.rejected, records.faults)
                if self.writer.waiting_rows >= GROUP_ROWS:
                    self.writer.flush()
                    if tell is not None:
                        tell(f"{part.name} {counts.read:,}")
            self._check_unchanged(opened, part)
        except BaseException:
            to_mend.discard()
            raise
        worklist = to_mend.finish()
        report = FileReport(
            name=part.name,
            entity=part.entity,
            status="loaded",
            rows_read=counts.read,
            rows_loaded=counts.loaded,
            rows_quarantined=counts.quarantined,
            rows_filtered=counts.filtered.total(),
            extra_columns=tuple(counts.extra),
            encoding=counts.encoding,
            format=counts.format,
            filtered=dict(counts.filtered),
            quarantine_file=worklist,
            encoding_is_certain=counts.encoding_is_certain,
            unread_sheets=part.unread_sheets,
        )
        self.writer.file(self._file_row(report, content, part.file_id))
        keep_landed(self.landing, self.writer.batch_id, opened.task.candidate, content)
        self.writer.loaded_files.add(part.file_id)
        fields: dict[str, Any] = {
            "name": part.name,
            "entity": part.entity,
            "rows_read": counts.read,
            "rows_loaded": counts.loaded,
            "rows_quarantined": counts.quarantined,
            "rows_filtered": counts.filtered.total(),
        }
        self._events.append(fields)
        return report

    def _check_unchanged(self, opened: Opened, part: ReadPart) -> None:
        """Raise `_ChangedError` if a file that was read batch by batch is no longer the one that was opened."""
        if not part.is_read and opened.state is not None and not is_unchanged(opened.task.candidate.path, opened.state):
            raise _ChangedError

    def _take(self, batch: Batch, contract: Contract, part: ReadPart, counts: _Counts) -> Records:
        records = batch.records
        if records.withdrawals.height:
            # Their records may stand in files that wait to be written.
            self.writer.flush()
            rows, beside = records.withdrawals, records.accepted
            known = completed(self.connection, contract, rows, beside, self.loaded_at)
            records = with_withdrawals(records, known)
        self.writer.records(contract, records.accepted, part.file_id)
        self.writer.quarantine(part.entity, records.faults, part.file_id)
        self.writer.originals(records.originals, part.file_id)
        counts.loaded += records.accepted.height
        counts.quarantined += records.quarantined
        counts.filtered += batch.filtered
        counts.read += records.accepted.height + records.quarantined + batch.filtered.total()
        counts.extra.update(dict.fromkeys(batch.extra))
        counts.encoding, counts.format = batch.encoding, batch.format
        counts.encoding_is_certain = counts.encoding_is_certain and batch.encoding_is_certain
        return records

    def _file_row(self, report: FileReport, content: Content | None, file_id: str) -> FileRow:
        mapping = self.mapping
        return FileRow(
            file_id=file_id,
            batch_id=self.writer.batch_id,
            entity=report.entity,
            name=report.name,
            sha256=content.sha256 if content is not None else "",
            size_bytes=content.size_bytes if content is not None else 0,
            format=report.format,
            encoding=report.encoding,
            mapping=mapping.path.name if mapping is not None else None,
            mapping_sha256=mapping.sha256 if mapping is not None else None,
            status=report.status,
            rows_read=report.rows_read,
            rows_loaded=report.rows_loaded,
            rows_quarantined=report.rows_quarantined,
            rows_filtered=report.rows_filtered,
            extra_columns=json.dumps(report.extra_columns, ensure_ascii=False) if report.extra_columns else None,
            reason=_reason_json(report.reason),
            loaded_at=self.loaded_at,
        )

    def refuse(self, candidate: Candidate, error: FileRefusedError) -> FileReport:
        """Refuse a file before any part of it was opened."""
        return self._refuse(candidate, None, candidate.name, candidate.entity, None, error)

    def _refuse(
        self,
        candidate: Candidate,
        content: Content | None,
        name: str,
        entity: str | None,
        file_id: str | None,
        error: FileRefusedError,
    ) -> FileReport:
        report = FileReport(name, entity, "refused", reason=reason_of(error), format=candidate.format)
        # A file that could not be read has no content to be known by: it is known by its name.
        known_by = content.sha256 if content is not None else name
        row = self._file_row(report, content, file_id or file_id_of(known_by, entity))
        event("file_refused", name=name, entity=entity or "", reason=str(error))
        if self.writer.refused_files.get(row.file_id) == row.reason:
            return report
        self.begin()
        self.writer.file(row)
        return report


def _reason_json(reason: Label | None) -> str | None:
    return None if reason is None else json.dumps({"zh": reason.zh, "en": reason.en}, ensure_ascii=False)


def _watermark(connection: duckdb.DuckDBPyConnection, mapping: Mapping, source: DatabaseSource) -> str | None:
    """The highest value of the incremental column that was read before with this mapping, None the first time.

    A file's name is `DATABASE/table@watermark`; a mapping that was changed reads everything again.
    """
    beginning = f"{source.label}@"
    found = connection.execute(
        "select name from raw.files where status = 'loaded' and starts_with(name, ?) and mapping_sha256 = ? "
        "order by batch_id desc, name desc limit 1",
        [beginning, mapping.sha256],
    ).fetchone()
    return None if found is None else str(found[0])[len(beginning) :]


def load_paths(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    *,
    contracts: Contracts,
    loaded_at: datetime,
    mapping: Path | None = None,
    quarantine: Path | None = None,
    landing: Path | None = None,
    progress: Progress | None = None,
    environment: MappingType[str, str] | None = None,
    inbox: Path | None = None,
    settle_seconds: float = 0.0,
    in_memory: int = IN_MEMORY,
) -> LoadReport:
    """Append the files at `paths` to `raw`; `connection` holds the raw tables and no open transaction.

    Folders are walked. Files are loaded by entity in dependency order, then by name. Each is
    there whole, or not at all (small ones share a transaction). A file that is refused does not stop the others. Loaded
    files are copied untouched to `landing/<batch>/`, and rows to mend are listed in `quarantine/<batch>/`.
    `progress(name, index, total)` is called before each file, and with the rows so far while a large one is read.

    A filled form of `hengfa remedy` is loaded as the versions of records that it stands for.

    Sources of the mapping that are tables of databases are read first, their addresses from `environment` (default:
    the process's own).

    Below `inbox`, a file that changes within `settle_seconds` or while it is read is left for the next load; a loaded
    file leaves the inbox (with `landing`), and a refused one stays with a `.why.txt` beside it. One that changed after
    it was read stays, and is reported once more as waiting.

    A file of more than `in_memory` bytes is read in batches of about that size: what a load may hold does not grow with
    its files.

    Raises UsageError for a path that does not exist, MappingError for a broken mapping, SettingError for a database
    without an address or a driver.
    """
    rules = read_mapping(mapping, contracts) if mapping is not None else None
    loader = Loader(connection, contracts, loaded_at, mapping=rules, quarantine=quarantine, landing=landing)
    reports: list[FileReport] = []
    with TemporaryDirectory(prefix="hengfa-") as extracts:
        from_databases = (
            extracted(rules, Path(extracts), environment, since=partial(_watermark, connection, rules))
            if rules is not None
            else []
        )
        whole = settled(inbox, settle_seconds) if inbox is not None else {}
        discovered = discover(paths, contracts)
        # Only files of the inbox can be half-written; any other is taken as it is.
        arriving = {path for one in discovered if inbox is not None and inbox in (path := one.path).parents}
        states = {path: whole.get(path, (-1, -1)) for path in arriving}
        candidates, forms, refused_forms = with_corrections(
            connection,
            discovered,
            contracts,
            loaded_at=loaded_at,
            folder=Path(extracts),
            waiting=arriving - set(whole),
        )
        tasks = plan(candidates, rules, from_databases)
        loader.writer.files_in_batch = len(tasks) + len(refused_forms)
        by_file: dict[Path, tuple[str, list[FileReport]]] = {}
        for form in refused_forms:
            refusal = forms[form.path]
            assert refusal is not None  # noqa: S101 - it is among those that were refused
            reports.append(loader.refuse(form, refusal))
            by_file[form.path] = (form.name, [reports[-1]])
        for form_path, refusal in forms.items():
            if refusal is None:
                # What it stands for is loaded and kept as files of its own: the form leaves as one loaded before.
                by_file[form_path] = (form_path.name, [FileReport(form_path.name, None, "already_loaded")])
        originals = Originals(connection)
        opener = Opener(contracts, rules, loader.writer.loaded_files, originals, states, in_memory=in_memory)
        try:
            # The readers end before what they read through is closed.
            with closing(opener.ahead(tasks)) as files:
                for index, opened in enumerate(files):
                    tell = None if progress is None else partial(progress, index=index, total=len(tasks))
                    if tell is not None:
                        tell(opened.task.candidate.name)
                    found = list(loader.load_file(opened, tell))
                    reports.extend(found)
                    candidate = opened.task.candidate
                    by_file.setdefault(candidate.path, (candidate.archive or candidate.name, []))[1].extend(found)
            loader.commit()
            loader.begin()
            loader.writer.forget_mended(contracts)
            loader.commit()
        except BaseException:
            loader.roll_back()
            raise
        finally:
            originals.close()
        if inbox is not None and landing is not None:
            for path, (name, said) in by_file.items():
                if inbox in path.parents and not clear_away(path, name, said, landing, states[path]):
                    reports.append(FileReport(name, None, "waiting"))
    return LoadReport(tuple(reports), loader.writer.batch_id if loader.writer.has_batch else None)
