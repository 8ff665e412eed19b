"""Reads and validates a mapping. Errors name the file, the line, the key and the choices."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import ValidationError

from pipelines.contract.loader import Contracts
from pipelines.errors import MappingError
from pipelines.ingest.mapping_apply import constant_rows
from pipelines.ingest.mapping_model import MappingContent
from pipelines.ingest.records import to_records

Fail = Callable[[tuple[object, ...], str], MappingError]


@dataclass(frozen=True)
class Mapping:
    """A valid mapping with its identity: the content of the file."""

    path: Path
    sha256: str
    content: MappingContent


class _Lines:
    """Finds the line of a key path in the YAML text."""

    def __init__(self, root: yaml.Node) -> None:
        self._root = root

    def of(self, location: tuple[object, ...]) -> int:
        """The line of the deepest node of `location` that the file has."""
        node, line = self._root, self._root.start_mark.line + 1
        for part in location:
            step: yaml.Node | None = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == part:
                        step, line = value, key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                step = node.value[part]
                line = step.start_mark.line + 1
            if step is None:
                continue
            node = step
        return line


def _repeated_key(node: yaml.Node) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                return key
            seen.add(str(key.value))
            if (found := _repeated_key(value)) is not None:
                return found
    elif isinstance(node, yaml.SequenceNode):
        for member in node.value:
            if (found := _repeated_key(member)) is not None:
                return found
    return None


#: So many values hold the largest mapping that a person writes, its aliases written out.
_LARGEST = 200_000
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _size_of(root: yaml.Node) -> int:
    """How many values the document has with its aliases written out; beyond `_LARGEST` if an alias holds itself."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in open_nodes:
            return _LARGEST + 1
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(size(one) for one in _children(node))
            open_nodes.discard(id(node))
        return sizes[id(node)]

    return size(root)


def _tagged(node: yaml.Node) -> yaml.Node | None:
    """The first node with a tag of its own (`!!python/object…`), which another loader might obey."""
    if node.tag not in _PLAIN_TAGS:
        return node
    return next((found for one in _children(node) if (found := _tagged(one)) is not None), None)


def _allowed_keys(location: tuple[object, ...]) -> str:
    """The keys that the model at `location` accepts."""
    model: object = MappingContent
    names = {"sources": "Source", "columns": "Column", "filters": "Filter", "patterns": "Pattern"}
    names |= {"read": "Read", "source": "DatabaseSource", "deduplicate": "Deduplicate"}
    from pipelines.ingest import mapping_model

    above: object = None
    for part in location[:-1]:
        # Below `columns` stand the names of fields, one of which may be called as a key of a mapping is.
        if above != "columns" and isinstance(part, str) and part in names:
            model = getattr(mapping_model, names[part])
        above = part
    fields = model.model_fields  # type: ignore[attr-defined]
    return ", ".join(info.alias or name for name, info in fields.items())


def read_mapping(path: Path, contracts: Contracts) -> Mapping:
    """The mapping at `path`.

    Raises MappingError for a file that is missing or no YAML, a key given twice, an unknown key, entity or field, a
    required field without an origin, and a ledger row that names an unknown field.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        # PyYAML gives aliases the same node; every scalar stays text.
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        raw = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds strings, lists and dicts only
    except OSError as error:
        raise MappingError(f"{path}: the mapping cannot be opened ({error.strerror}). Check the path.") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path}: not readable as YAML ({error}). Correct the file.") from error
    if root is None or not isinstance(raw, dict):
        raise MappingError(f"{path}: a mapping needs the key `sources`. See examples/ for one.")
    lines = _Lines(root)

    def fail(location: tuple[object, ...], message: str) -> MappingError:
        key = ".".join(str(part) for part in location if part != "function-before[_short_form(), Column]")
        return MappingError(f"{path}, line {lines.of(location)}: `{key}`: {message}")

    if _size_of(root) > _LARGEST:
        raise MappingError(f"{path}: its aliases (`*name`) make it grow beyond reason. Write the parts out.")
    tagged = _tagged(root)
    if tagged is not None:
        raise MappingError(
            f"{path}, line {tagged.start_mark.line + 1}: the tag `{tagged.tag}` is not allowed. A mapping holds texts, "
            "lists and keys, and cannot run anything."
        )
    repeated = _repeated_key(root)
    if repeated is not None:
        raise MappingError(
            f"{path}, line {repeated.start_mark.line + 1}: `{repeated.value}` is given twice. Keep one of them."
        )
    try:
        content = MappingContent.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = f"there is no such key. Choose from: {_allowed_keys(first['loc'])}."
        raise fail(first["loc"], f"{message} (found {str(first['input'])[:80]!r})") from error

    for at, source in enumerate(content.sources):
        where: tuple[object, ...] = ("sources", at)
        _check_entity(source.entity, contracts, (*where, "entity"), fail)
        contract = contracts.entities[source.entity]
        for field in source.columns:
            if field not in contract.by_name:
                raise fail((*where, "columns", field), _no_such(field, list(contract.by_name), source.entity))
        missing = [f.name for f in contract.required_fields if f.name not in source.columns and f.default is None]
        if missing:
            raise fail(
                (*where, "columns"),
                f"{source.entity} requires {', '.join(missing)}. Say for each where it comes from.",
            )
    for entity, rows in content.rows.items():
        _check_entity(entity, contracts, ("rows", entity), fail)
        for at, row in enumerate(rows):
            for field in row:
                if field not in contracts.entities[entity].by_name:
                    known = list(contracts.entities[entity].by_name)
                    raise fail(("rows", entity, at, field), _no_such(field, known, entity))
        _check_rows(entity, rows, contracts, fail)
    return Mapping(path, hashlib.sha256(data).hexdigest(), content)


def _check_rows(entity: str, rows: tuple[dict[str, str], ...], contracts: Contracts, fail: Fail) -> None:
    """A ledger row breaks the contract where it is written, not later in a file of somebody else's."""
    contract = contracts.entities[entity]
    if not rows:
        raise fail(("rows", entity), "there is no row. Give one, or leave the entity out.")
    for at, row in enumerate(rows):
        missing = [f.name for f in contract.required_fields if not row.get(f.name) and f.default is None]
        if missing:
            raise fail(("rows", entity, at), f"{entity} requires {', '.join(missing)}.")
    table, match = constant_rows(rows)
    faults = to_records(table, match, contract, contracts).faults
    for number, field, reason in faults.select("row_number", "field", "reason_en").iter_rows():
        raise fail(("rows", entity, number - 1, field), reason)


def _no_such(field: str, known: list[str], entity: str) -> str:
    near = get_close_matches(field, known, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return f"{entity} has no such field.{hint} Its fields are: {', '.join(known)}."


def _check_entity(entity: str, contracts: Contracts, location: tuple[object, ...], fail: Fail) -> None:
    if entity not in contracts.entities:
        near = get_close_matches(entity, list(contracts.entities), n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise fail(location, f"there is no entity `{entity}`.{hint} The entities are: {', '.join(contracts.entities)}.")
