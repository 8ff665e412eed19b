"""Records written as small ASCII tables, so that a test shows its input.

    case_id | subject_id | decided_at | decision
    C1      | S1         | 2026-10-31 | penalty

An empty cell is an empty field; a column left out is empty in every row. Values are read as an export is, yet
nothing is refused: a table may leave out required fields that the test does not speak of.
"""

from datetime import datetime

from pipelines.contract.loader import load_contracts
from tests.reference.exports import Row, parse_value
from tests.reference.records import Records, records

#: When a table counts as loaded, unless the test says otherwise: well before any `as_of` used in the tests.
LOADED_AT = datetime(2025, 1, 1)


def table(entity: str, text: str, loaded_at: datetime = LOADED_AT, load_order: int = 0) -> list[Row]:
    """The rows of an ASCII table, numbered in load order after `load_order`."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    names, *body = lines
    given = [{name: cell or None for name, cell in zip(names, cells, strict=True)} for cells in body]
    return rows_of_strings(entity, given, loaded_at, load_order)


def rows_of_strings(
    entity: str, given: list[dict[str, str | None]], loaded_at: datetime = LOADED_AT, load_order: int = 0
) -> list[Row]:
    """Rows of strings as typed rows, loaded in the order given, each at its `_loaded_at` if it has one."""
    contracts = load_contracts()
    contract = contracts.entities[entity]
    found = []
    for position, cells in enumerate(given, start=load_order + 1):
        row: Row = {field.name: field.default for field in contract.fields}
        for name, cell in cells.items():
            if cell is not None and name in contract.by_name:
                codes = contracts.codes_of(contract.field(name))
                known = {} if codes is None else {code: code for code in codes.codes}
                row[name] = parse_value(cell, contract.field(name), known)
        own = cells.get("_loaded_at")
        moment = loaded_at if own is None else datetime.fromisoformat(own)
        found.append(row | {"_loaded_at": moment, "_load_order": position})
    return found


def records_of(as_of: str = "2026-11-05 23:59:59", **tables: str | list[Row]) -> Records:
    """The records that count at `as_of`, out of one ASCII table (or list of rows) per entity."""
    contracts = load_contracts()
    rows: dict[str, list[Row]] = {entity: [] for entity in contracts.entities}
    for entity, given in tables.items():
        rows[entity] = table(entity, given) if isinstance(given, str) else given
    return records(rows, datetime.fromisoformat(as_of), contracts)
