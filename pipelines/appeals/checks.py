"""Whether a corrected record is one that the loader would take, and whose dates stand in order.

The rules are those of the contract and of the date suite, so that an appeal brings in nothing that the audit would
have to find: what a record already had wrong is no fault of the correction.
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from expectations.suite_model import WrittenExpectation, load_suites
from pipelines.contract.loader import Contracts
from pipelines.contract.model import Contract, ContractField
from pipelines.ingest.casting import cast_field
from pipelines.ingest.first_look import first_look

#: The suite whose rules read one record alone.
DATE_SUITE = "landed_dates.yml"


def refused_as(text: str | None, field: ContractField, contracts: Contracts) -> str | None:
    """The reason code for which the loader would quarantine a row with this value; None if it would take it."""
    faults = _cast({field.name: text}, [field], contracts)[1]
    return next(iter(faults.values()), None)


def orders_broken(
    contract: Contract, contracts: Contracts, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> list[WrittenExpectation]:
    """The rules of the order of dates that `after` breaks and `before` did not; both are rows as a file holds them."""
    suites = load_suites()
    rules = [
        rule
        for rule in suites.written["landed"]
        if rule.entity == contract.entity and suites.file_of[rule.id] == DATE_SUITE
    ]
    frames = [_cast(row, contract.fields, contracts)[0] for row in (before, after)]
    broken: list[set[str]] = []
    with duckdb.connect() as connection:
        for frame in frames:
            connection.register("corrected", frame.to_arrow())
            broken.append({rule.id for rule in rules if _fails(connection, rule)})
            connection.unregister("corrected")
    return [rule for rule in rules if rule.id in broken[1] - broken[0]]


def _fails(connection: duckdb.DuckDBPyConnection, rule: WrittenExpectation) -> bool:
    return bool(connection.execute(rule.sql.replace("{batch}", "corrected")).fetchall())


def _cast(
    row: Mapping[str, str | None], fields: tuple[ContractField, ...] | list[ContractField], contracts: Contracts
) -> tuple[pl.DataFrame, dict[str, str]]:
    """(the row with the types of its fields, field → reason code of what the loader would not take)."""
    texts = pl.DataFrame({field.name: [row[field.name] or None] for field in fields},
                         schema=dict.fromkeys((field.name for field in fields), pl.String))  # fmt: skip
    looks = first_look(texts, {field.name: field for field in fields}, contracts)
    columns: list[pl.Series] = []
    faults: dict[str, str] = {}
    for field in fields:
        typed, found = cast_field(texts[field.name], field, contracts, looks[field.name])
        columns.append(typed)
        if found:
            faults[field.name] = found[0].reason_code
    return pl.DataFrame(columns), faults
