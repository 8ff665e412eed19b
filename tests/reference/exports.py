"""Reads a folder of exports into plain rows: one dictionary per row, all versions kept.

A row that breaks the contract is left out here (the product puts it in quarantine); its file, place and fault
are kept in `Exports.refused`, without its value, so that the two can be reconciled.
"""

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow.parquet

from pipelines.contract.loader import Contracts, load_contracts
from pipelines.contract.model import Contract, ContractField

Row = dict[str, Any]

TEXT_ENDINGS = (".csv.gz", ".csv", ".tsv", ".txt")
ENDINGS = (*TEXT_ENDINGS, ".xlsx", ".xlsm", ".xls", ".jsonl", ".parquet")
TRUE_WORDS = {"true", "是", "1", "y"}
FALSE_WORDS = {"false", "否", "0", "n"}

_CLOCK = r"(?:[ T]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})?(\.\d+)?)?秒?)?\s*(Z|[+-]\d{2}:?\d{2})?"
_NUMBERED = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})" + _CLOCK)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日" + _CLOCK)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")


class ReadingError(ValueError):
    """A value that the contract does not allow; the message names the kind of fault, never the value."""


@dataclass(frozen=True)
class Refusal:
    """A row left out, and the first fault found in it. `row_number` counts the header row."""

    file: str
    entity: str
    row_number: int
    field: str
    fault: str


@dataclass
class Exports:
    """`rows` holds, by entity, the accepted rows in load order; `files` the number of rows read by file and entity.

    A row is the contract's fields (None where empty) and `_loaded_at`, `_load_order`.
    """

    rows: dict[str, list[Row]]
    refused: list[Refusal] = field(default_factory=list)
    refused_files: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], int] = field(default_factory=dict)


def parse_moment(text: str) -> datetime:
    """A date or time in one of the accepted spellings, as local time of Asia/Shanghai; ReadingError otherwise.

    ISO `2026-01-05T09:03:00`, `2026/1/5 9:03`, `2026年1月5日`, `20260105`, an Excel serial such as `46027.377`.
    """
    if match := _NUMBERED.fullmatch(text):
        year, _, month, day, *clock = match.groups()
    elif match := _CHINESE.fullmatch(text):
        year, month, day, *clock = match.groups()
    elif match := _COMPACT.fullmatch(text):
        year, month, day, clock = *match.groups(), []
    elif _SERIAL.fullmatch(text):
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
    else:
        raise ReadingError("unreadable date")
    hour, minute, second, fraction, zone = clock or (None,) * 5
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError as error:
        raise ReadingError("unreadable date") from error
    moment += timedelta(seconds=float(fraction or 0))
    if zone:
        # A stamp that names its offset is moved to the eight hours of Asia/Shanghai.
        digits = "+0000" if zone == "Z" else zone.replace(":", "")
        offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5])) * (-1 if digits[0] == "-" else 1)
        moment += timedelta(hours=8) - offset
    return moment


def parse_number(text: str) -> Decimal:
    """A plain decimal number; ReadingError otherwise."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ReadingError("not a number") from error
    if not number.is_finite():
        raise ReadingError("not a number")
    return number


def parse_code(text: str, codes: dict[str, str]) -> str:
    """The code for `code`, `中文` or `code 中文`, which `codes` all map to the code; ReadingError otherwise."""
    if text not in codes:
        raise ReadingError("unknown code")
    return codes[text]


def parse_value(text: str, spec: ContractField, codes: dict[str, str]) -> Any:
    """The value of a field that is not empty; ReadingError if the contract does not allow it."""
    if spec.type == "datetime":
        return parse_moment(text)
    if spec.type == "date":
        return parse_moment(text).date()
    if spec.type == "code":
        return parse_code(text, codes)
    if spec.type == "list":
        members = [member.strip() for member in re.split("[;；、]", text) if member.strip()]
        return [parse_code(member, codes) for member in members] if codes else members
    if spec.type == "boolean":
        word = text.lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            raise ReadingError("not a boolean")
        return word in TRUE_WORDS
    if spec.type in ("integer", "money", "number"):
        number = parse_number(text)
        if spec.type == "integer" and number != number.to_integral_value():
            raise ReadingError("not a whole number")
        if spec.minimum is not None and number < Decimal(str(spec.minimum)):
            raise ReadingError("below the minimum")
        if spec.maximum is not None and number > Decimal(str(spec.maximum)):
            raise ReadingError("above the maximum")
        return int(number) if spec.type == "integer" else number
    if spec.max_length is not None and len(text) > spec.max_length:
        raise ReadingError("text too long")
    return text


def _as_text(cell: object) -> str:
    """A cell of any source as the text a spreadsheet would show; empty for nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, list | tuple):
        return ";".join(_as_text(member) for member in cell)
    return str(cell).strip().strip("\ufeff")


def decode(content: bytes) -> str:
    """Text in UTF-8, UTF-8 with BOM, UTF-16 with BOM, or GB18030."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _text_table(content: bytes) -> Iterator[list[str]]:
    text = decode(content)
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _keyed_table(records: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Rows that name their own fields, as one header and rows below it."""
    rows = list(records)
    header = list(dict.fromkeys(name for row in rows for name in row))
    yield header
    for row in rows:
        yield [row.get(name) for name in header]


def _sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    reader = fastexcel.read_excel(path)
    return {
        name: reader.load_sheet(name, header_row=None, dtypes="string").to_polars().rows()
        for name in reader.sheet_names
    }


def _tables(path: Path, entities: dict[str, str]) -> Iterator[tuple[str, Iterable[Iterable[Any]]]]:
    """The entity and the rows, header first, of each table in a file."""
    name = path.name.lower()
    stem = path.name[: -len(next(ending for ending in ENDINGS if name.endswith(ending)))].split("__")[0]
    entity = entities.get(stem)
    if name.endswith((".xlsx", ".xlsm", ".xls")):
        sheets = _sheets(path)
        named = {sheet: entities[sheet.split("__")[0]] for sheet in sheets if sheet.split("__")[0] in entities}
        if named:
            yield from ((named[sheet], sheets[sheet]) for sheet in named)
        elif entity is not None:
            yield entity, next(iter(sheets.values()))
    elif entity is None:
        return
    elif name.endswith(".parquet"):
        yield entity, _keyed_table(pyarrow.parquet.read_table(path).to_pylist())
    elif name.endswith(".jsonl"):
        lines = decode(path.read_bytes()).splitlines()
        # Numbers stay as they are written: 0123 and 1.10 would lose their shape as floats.
        yield entity, _keyed_table(json.loads(line, parse_float=str) for line in lines if line.strip())
    else:
        content = path.read_bytes()
        yield entity, _text_table(gzip.decompress(content) if name.endswith(".gz") else content)


def _read_table(
    exports: Exports, file: str, contract: Contract, contracts: Contracts, table: Iterable[Iterable[Any]]
) -> list[Row]:
    """The accepted rows of one table; refusals are added to `exports`."""
    lines = iter(table)
    header = [_as_text(cell) for cell in next(lines, [])]
    by_header = {spec.label.zh: spec for spec in contract.fields} | {spec.name: spec for spec in contract.fields}
    columns = [by_header.get(name) for name in header]
    present = {spec.name for spec in columns if spec is not None}
    missing = [spec.name for spec in contract.required_fields if spec.name not in present]
    # A log of withdrawals needs to say which record goes, and when.
    if missing and not {*contract.key, "updated_at", "operation"} <= present:
        exports.refused_files[file] = f"{contract.entity}: missing required columns {', '.join(missing)}"
        return []
    codes: dict[str, dict[str, str]] = {spec.name: {} for spec in contract.fields}
    for coded in contract.fields:
        code_list = contracts.codes_of(coded)
        for code, label in {} if code_list is None else code_list.codes.items():
            codes[coded.name] |= {code: code, label.zh: code, f"{code} {label.zh}": code}

    accepted: list[Row] = []
    read = 0
    for row_number, line in enumerate(lines, start=2):
        cells = [_as_text(cell) for cell in line]
        if not any(cells):
            continue
        read += 1
        row: Row = {spec.name: None for spec in contract.fields}
        fault: tuple[str, str] | None = None
        for spec, cell in zip(columns, cells, strict=False):
            if spec is None or not cell:
                continue
            try:
                row[spec.name] = parse_value(cell, spec, codes[spec.name])
            except ReadingError as error:
                fault = fault or (spec.name, str(error))
        for declared in contract.fields:
            if row[declared.name] is None and declared.default is not None:
                row[declared.name] = declared.default
            is_withdrawal = row.get("operation") == "d" and row["updated_at"] is not None
            if (
                row[declared.name] is None
                and declared.required
                and (declared.name in contract.key or not is_withdrawal)
            ):
                fault = fault or (declared.name, "missing")
        if fault is None:
            accepted.append(row)
        else:
            exports.refused.append(Refusal(file, contract.entity, row_number, *fault))
    exports.files[file, contract.entity] = read
    return accepted


def read_exports(
    batches: Path | list[tuple[Path, datetime]], loaded_at: datetime | None = None, contracts: Contracts | None = None
) -> Exports:
    """Read every export below a folder, or below several folders loaded one after the other.

    `batches` is a folder with its `loaded_at`, or a list of (folder, time of loading). Within a folder the files
    are read in the order of their path. The same content for the same entity is read once.
    """
    contracts = contracts or load_contracts()
    if isinstance(batches, Path):
        if loaded_at is None:
            raise ValueError("read_exports: give `loaded_at`, the time at which the folder counts as loaded.")
        batches = [(batches, loaded_at)]
    entities = {contract.label.zh: name for name, contract in contracts.entities.items()}
    entities |= {name: name for name in contracts.entities}
    exports = Exports({name: [] for name in contracts.entities})
    seen: set[tuple[str, str]] = set()
    load_order = 0
    for folder, moment in batches:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or not path.name.lower().endswith(ENDINGS):
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            file = path.relative_to(folder).as_posix()
            for entity, table in _tables(path, entities):
                if (digest, entity) in seen:
                    continue
                seen.add((digest, entity))
                for row in _read_table(exports, file, contracts.entities[entity], contracts, table):
                    load_order += 1
                    exports.rows[entity].append(row | {"_loaded_at": moment, "_load_order": load_order})
    return exports
