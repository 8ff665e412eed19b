"""What a load is made of: files and sheets, each read as one entity, in the order they are loaded."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.contract.forms import OWN_SHEETS
from pipelines.contract.loader import ENTITY_ORDER, Contracts
from pipelines.contract.model import Contract
from pipelines.errors import FileRefusedError
from pipelines.ingest.contents import Content
from pipelines.ingest.discover import Candidate, entity_of
from pipelines.ingest.headers import HeaderMatch, folded_header, known_headers, match_headers, personal_columns
from pipelines.ingest.mapping_apply import apply_mapping, constant_rows
from pipelines.ingest.mapping_file import Mapping
from pipelines.ingest.mapping_model import Source
from pipelines.ingest.money_units import MoneyColumn, refuse_unknown_units
from pipelines.ingest.readers import ReadOptions, open_workbook, read_text_tables
from pipelines.ingest.reasons import refused
from pipelines.ingest.sheets import sheets_of, unread_sheets
from pipelines.ingest.spreadsheets import Workbook
from pipelines.ingest.text_table import TextTable, cleaned

Known = Callable[[str], bool]


@dataclass(frozen=True)
class Prepared:
    """A table whose fields are found, and the rows that a mapping left out of it, by reason.

    `came` is the table as it was read, if a mapping made another of it.
    """

    table: TextTable
    match: HeaderMatch
    filtered: Counter[str]
    came: TextTable | None = None


@dataclass(frozen=True)
class Part:
    """What becomes one row of `raw.files`.

    `unread_sheets` are the sheets of its workbook that hold something and that no part reads; the first part has them.
    """

    name: str
    entity: str
    file_id: str
    tables: Callable[[], Iterator[Prepared]]
    unread_sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A file to read: as its name says, as a source of a mapping, or as a mapping's constant rows of `entity`.

    `number` counts the readings of files of one name in a load: what comes of each has a name of its own.
    """

    candidate: Candidate
    entity: str | None
    source: Source | None = None
    constants: bool = False
    number: int = 1

    @property
    def name(self) -> str:
        """The file's name, from the second reading on with its number: `x.csv#2`."""
        name = self.candidate.name
        if self.number == 1:
            return name
        # The watermark of a table of a database stays at the end, where the next load looks for it.
        table = self.source.source.label if self.source is not None and self.source.source is not None else name
        return f"{table}#{self.number}{name[len(table) :]}"

    @property
    def order(self) -> tuple[int, str]:
        """Entities in dependency order, then by name."""
        at = ENTITY_ORDER.index(self.entity) if self.entity in ENTITY_ORDER else len(ENTITY_ORDER)
        return at, self.candidate.name


def file_id_of(sha256: str, entity: str | None, *, sheet: str = "", mapping_sha256: str = "") -> str:
    """The identity of a load: the same content, entity, sheet and mapping give the same id."""
    joined = "\n".join((sha256, entity or "", sheet, mapping_sha256))
    return hashlib.sha256(joined.encode("utf-8")).hexdigest()[:32]


def plan(candidates: list[Candidate], mapping: Mapping | None, extracted: Sequence[Task] = ()) -> list[Task]:
    """The tasks of a load in their order, with those `extracted` from databases.

    A file that no source of the mapping takes is read by its name.
    """
    tasks: list[Task] = list(extracted)
    if mapping is not None:
        path = Path(mapping.path)
        tasks += [
            Task(Candidate(path, path.name, entity, "yml", zipped=False), entity, constants=True)
            for entity in mapping.content.rows
        ]
    for candidate in candidates:
        sources = [] if mapping is None else [one for one in mapping.content.sources if one.takes(candidate.name)]
        if mapping is not None and candidate.path.resolve() == mapping.path.resolve():
            continue
        tasks += [Task(candidate, source.entity, source) for source in sources] or [Task(candidate, candidate.entity)]
    met: Counter[str] = Counter()
    numbered = []
    for task in sorted(tasks, key=lambda task: task.order):
        met[task.candidate.name] += 1
        numbered.append(replace(task, number=met[task.candidate.name]))
    return numbered


def parts_of(task: Task, content: Content, contracts: Contracts, mapping: Mapping | None) -> list[Part]:
    """The parts of a file; refuses one whose name or format says nothing."""
    candidate = task.candidate
    if mapping is not None and task.constants:
        return [_constants(task, content, mapping)]
    if mapping is not None and task.source is not None:
        return mapped_parts(task, task.source, content, contracts, mapping)
    if candidate.format in ("xlsx", "xls"):
        return _sheets(task, content, contracts)
    if candidate.entity is None or candidate.format is None:
        raise _unknown(candidate, contracts)
    entity = candidate.entity
    contract = contracts.entities[entity]

    def tables() -> Iterator[Prepared]:
        for table in _read(candidate, content, _known_of(entity, contracts), ReadOptions()):
            yield _prepared(table, contract, candidate.name)

    return [Part(task.name, entity, file_id_of(content.sha256, entity), tables)]


def _prepared(came: TextTable, contract: Contract, name: str) -> Prepared:
    """A table that follows the contract."""
    match = match_headers(came.headers, contract, name)
    table = cleaned(came, personal_columns(came.headers, contract))
    money = [
        MoneyColumn(field, came.headers[at], table.frame[str(at)])
        for field, at in match.fields.items()
        if contract.field(field).type == "money"
    ]
    refuse_unknown_units(came, name, money)
    return Prepared(table, match, Counter(table.filtered))


def _known_of(entity: str, contracts: Contracts) -> Known:
    known = known_headers(contracts.entities[entity])
    return lambda header: folded_header(header) in known


def _read(candidate: Candidate, content: Content, known: Known, options: ReadOptions) -> Iterator[TextTable]:
    if candidate.format is None:
        raise _unsupported(candidate)
    return read_text_tables(
        content, candidate.name, candidate.format, zipped=candidate.zipped, known=known, options=options
    )


def _constants(task: Task, content: Content, mapping: Mapping) -> Part:
    entity = task.entity or ""
    rows = mapping.content.rows[entity]

    def tables() -> Iterator[Prepared]:
        table, match = constant_rows(rows)
        yield Prepared(table, match, Counter())

    file_id = file_id_of(content.sha256, entity, mapping_sha256=mapping.sha256)
    return Part(f"{task.candidate.name}#{entity}", entity, file_id, tables)


def mapped_parts(task: Task, source: Source, content: Content, contracts: Contracts, mapping: Mapping) -> list[Part]:
    """What `source` of a mapping reads of a file: one part, of a workbook one per sheet."""
    candidate = task.candidate
    # Two sources of one mapping may read the same file into one entity: the source's place tells them apart.
    place = f"source {mapping.content.sources.index(source)}"

    def part(name: str, at: str, read: Callable[[], Iterator[TextTable]], unread: tuple[str, ...] = ()) -> Part:
        file_id = file_id_of(content.sha256, source.entity, sheet=at, mapping_sha256=mapping.sha256)
        contract = contracts.entities[source.entity]
        return Part(name, source.entity, file_id, lambda: _mapped_tables(source, read, name, contract), unread)

    if candidate.format not in ("xlsx", "xls"):
        options = ReadOptions(source.read.encoding, source.read.separator, source.read.header_row)
        return [part(task.name, place, lambda: _read(candidate, content, _known_by(source), options))]
    workbook = open_workbook(content, candidate.name)
    sheets = sheets_of(source, workbook)

    def sheet_reader(sheet: str) -> Callable[[], Iterator[TextTable]]:
        return lambda: iter([workbook.table(sheet, _known_by(source), source.read.header_row)])

    if len(sheets) == 1:
        unread = _unread_by(mapping, source, candidate, workbook)
        return [part(task.name, place, sheet_reader(sheets[0]), unread)]
    return [
        part(
            f"{task.name}#{sheet}",
            f"{place}, {sheet}",
            sheet_reader(sheet),
            () if at else _unread_by(mapping, source, candidate, workbook),
        )
        for at, sheet in enumerate(sheets)
    ]


def _known_by(source: Source) -> Known:
    wanted = source.spellings()
    return lambda header: folded_header(header) in wanted


def _unread_by(mapping: Mapping, source: Source, candidate: Candidate, workbook: Workbook) -> tuple[str, ...]:
    """The sheets of a workbook that no source of the mapping reads; the first source that takes the file names them."""
    takers = [one for one in mapping.content.sources if one.takes(candidate.name)]
    if takers[0] is not source:
        return ()
    read: set[str] = set()
    for one in takers:
        try:
            read.update(sheets_of(one, workbook))
        except FileRefusedError:
            # That source's own part tells it.
            continue
    return unread_sheets(workbook, read)


def _mapped_tables(
    source: Source, read: Callable[[], Iterator[TextTable]], name: str, contract: Contract
) -> Iterator[Prepared]:
    # Repeats may lie in different batches of a large file, so they are looked for in the whole of it.
    looks_back = source.distinct or source.deduplicate is not None
    for table in (TextTable.joined(list(read())),) if looks_back else read():
        mapped = apply_mapping(table, source, name, contract)
        yield Prepared(mapped.table, mapped.match, mapped.filtered, came=table)


def _sheets(task: Task, content: Content, contracts: Contracts) -> list[Part]:
    """A workbook's sheets named after an entity, else those that hold the entity of the file's name.

    A form's own sheets hold no records.
    """
    candidate = task.candidate
    workbook = open_workbook(content, candidate.name)
    sheets = [(sheet, entity) for sheet in workbook.sheets if (entity := entity_of(sheet, contracts)) is not None]
    if not sheets and candidate.entity is not None:
        contract = contracts.entities[candidate.entity]
        names, known = known_headers(contract), _known_of(candidate.entity, contracts)
        required = {field.name for field in contract.required_fields}
        fitting = [
            sheet
            for sheet in workbook.sheets
            if required <= {names.get(folded_header(header)) for header in workbook.headers(sheet, known)}
        ]
        sheets = [(sheet, candidate.entity) for sheet in fitting or workbook.sheets[:1]]
    if not sheets:
        raise _unknown(candidate, contracts)

    def tables_of(sheet: str, entity: str, name: str) -> Callable[[], Iterator[Prepared]]:
        def tables() -> Iterator[Prepared]:
            contract = contracts.entities[entity]
            table = workbook.table(sheet, _known_of(entity, contracts))
            yield _prepared(table, contract, name)

        return tables

    several = len(sheets) > 1
    unread = unread_sheets(workbook, {*OWN_SHEETS, *(sheet for sheet, _ in sheets)})
    parts: list[Part] = []
    for sheet, entity in sorted(sheets, key=lambda pair: ENTITY_ORDER.index(pair[1])):
        name = f"{task.name}#{sheet}" if several else task.name
        file_id = file_id_of(content.sha256, entity, sheet=sheet if several else "")
        parts.append(Part(name, entity, file_id, tables_of(sheet, entity, name), () if parts else unread))
    return parts


def _unsupported(candidate: Candidate) -> FileRefusedError:
    return refused(
        candidate.name,
        zh="不支持的格式。支持 .csv、.csv.gz、.tsv、.txt、.xlsx、.xlsm、.xls、.parquet、.jsonl 和它们的 .zip。",
        en="the format is not supported. Use .csv, .csv.gz, .tsv, .txt, .xlsx, .xlsm, .xls, .parquet, .jsonl "
        "or a .zip of them.",
    )


def _unknown(candidate: Candidate, contracts: Contracts) -> FileRefusedError:
    if candidate.entity is not None:
        return _unsupported(candidate)
    names = contracts.entities
    return refused(
        candidate.name,
        zh=f"文件名不是已知的数据表。请命名为“表名__说明.csv”，表名为：{'、'.join(names)}；或用 --mapping 指定映射。",
        en=f"its name is no known entity. Name it `<entity>__<anything>.csv`, the entity one of {', '.join(names)}; "
        "or give a mapping with --mapping.",
    )
