"""Small worlds written as ASCII tables, computed by the project's own SQL.

dbt compiles the project once per session; a world loads its tables into an in-memory DuckDB and runs
the compiled models in order, so that a test costs a fraction of a second and no SQL stands twice.

A column that a contract requires and a table leaves out gets a plain value: the first code of its
list, 2020-01-01, or the row's own key.
"""

import os
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl

from pipelines.contract.loader import load_contracts
from pipelines.contract.model import Contract, ContractField
from pipelines.warehouse.calendar import write_calendar
from pipelines.warehouse.dbt_project import PARSED_FILE, PROJECT_DIRECTORY, ensure_parsed
from pipelines.warehouse.months import Month, parse_as_of
from pipelines.warehouse.raw_tables import create_raw_tables
from pipelines.warehouse.statistics import register_statistics


@dataclass(frozen=True)
class CompiledModel:
    schema: str
    name: str
    is_view: bool
    sql: str
    upstream: frozenset[str] = frozenset()


def parsed_project() -> Any:
    """The parsed dbt project, a fresh copy."""
    ensure_parsed()
    from dbt.contracts.graph.manifest import Manifest

    parsed = Manifest.from_msgpack(PARSED_FILE.read_bytes())
    parsed.build_flat_graph()
    return parsed


def compiled(parsed: Any, *options: str) -> dict[str, Any]:
    """The nodes of the models that dbt compiles from a parsed project with these options, by unique id."""
    from dbt.cli.main import dbtRunner

    from pipelines.warehouse.build import _close_dbt_connection

    here = Path.cwd()
    with TemporaryDirectory() as work:
        os.environ["HENGFA_WAREHOUSE"] = str(Path(work) / "warehouse.duckdb")
        try:
            done = dbtRunner(manifest=parsed).invoke(
                ["compile", "--quiet", "--no-write-json", "--project-dir", str(PROJECT_DIRECTORY),
                 "--profiles-dir", str(PROJECT_DIRECTORY), "--log-path", work, "--target-path", work, "--log-level", "none",
                 *options]
            )  # fmt: skip
        finally:
            os.chdir(here)
            _close_dbt_connection()
    assert done.success, done.exception
    return {item.node.unique_id: item.node for item in done.result.results if item.node.resource_type == "model"}


@cache
def compiled_models() -> tuple[CompiledModel, ...]:
    """Every model of the project with its compiled SQL, dependencies first."""
    nodes = compiled(parsed_project())
    ordered: dict[str, Any] = {}

    def visit(unique_id: str) -> None:
        if unique_id in nodes and unique_id not in ordered:
            for upstream in nodes[unique_id].depends_on.nodes:
                visit(upstream)
            ordered[unique_id] = nodes[unique_id]

    for unique_id in sorted(nodes):
        visit(unique_id)
    return tuple(
        CompiledModel(
            node.schema,
            node.name,
            node.config.materialized == "view",
            node.compiled_code,
            frozenset(nodes[upstream].name for upstream in node.depends_on.nodes if upstream in nodes),
        )
        for node in ordered.values()
    )


def with_declaration(model: str, kind: str, **changes: Any) -> tuple[CompiledModel, ...]:
    """The project's models as they are where the declaration beside `model` says `changes` instead."""
    parsed = parsed_project()
    node = parsed.nodes[f"model.hengfa.{model}"]
    node.config.meta[kind] = {**node.config.meta[kind], **changes}
    parsed.build_flat_graph()
    changed = {node.name: node.compiled_code for node in compiled(parsed, "--select", model).values()}
    return tuple(replace(one, sql=changed.get(one.name, one.sql)) for one in compiled_models())


def models_until(name: str) -> tuple[CompiledModel, ...]:
    """The model of that name and every model it is made from, dependencies first."""
    needed = {name}
    for model in reversed(compiled_models()):
        if model.name in needed:
            needed |= model.upstream
    return tuple(model for model in compiled_models() if model.name in needed)


def rows_of(table: str) -> list[dict[str, str | None]]:
    """The rows of an ASCII table: a header line, cells divided by `|`; `.` and blank cells are NULL."""
    lines = [line.strip() for line in table.strip().splitlines()]
    lines = [line for line in lines if line and not set(line) <= set("-+| ")]
    header, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = []
    for cells in body:
        assert len(cells) == len(header), f"{len(cells)} cells under {len(header)} headings: {cells}"
        rows.append({name: cell if cell not in ("", ".") else None for name, cell in zip(header, cells, strict=True)})
    return rows


def _plain_value(contract: Contract, field: ContractField, row: dict[str, str | None]) -> str:
    if field.type in ("code", "list") and field.codes is not None:
        return next(iter(load_contracts().code_lists[field.codes].codes))
    if field.type in ("date", "datetime"):
        return "2020-01-01"
    if field.type in ("integer", "number", "money"):
        return "0"
    return row.get(contract.key[0]) or field.name


class World:
    """A district in tables, as known at `as_of`, computed for one month."""

    def __init__(
        self,
        month: str,
        as_of: str | None = None,
        *,
        until: str | None = None,
        models: tuple[CompiledModel, ...] | None = None,
        **tables: str | list[dict[str, str | None]],
    ) -> None:
        """Load the tables (entity name → ASCII table, or the rows of one) and run every model.

        `until` names a model: then only that one and what it is made from are run. `models` are run instead of the
        project's own (`with_declaration`).
        """
        self.month = Month.parse(month)
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse; use warehouse")
        self.connection.execute("set threads = 1")
        register_statistics(self.connection)
        create_raw_tables(self.connection, load_contracts())
        write_calendar(self.connection, Path("no calendar of its own"))
        moment: datetime = parse_as_of(as_of) if as_of else self.month.default_as_of
        self.connection.execute("insert into control.run values (?, ?)", [self.month.first_day, moment])
        order = 0
        for entity, table in tables.items():
            rows = rows_of(table) if isinstance(table, str) else table
            order = self._load(load_contracts().entities[entity], rows, order)
        for model in models or (compiled_models() if until is None else models_until(until)):
            kind = "view" if model.is_view else "table"
            self.connection.execute(f"create schema if not exists {model.schema}")
            self.connection.execute(f"create {kind} {model.schema}.{model.name} as {model.sql}")

    def _load(self, contract: Contract, rows: list[dict[str, str | None]], order: int) -> int:
        full_rows = []
        for number, row in enumerate(rows, start=2):
            order += 1
            unknown = set(row) - set(contract.by_name) - {"_loaded_at"}
            assert not unknown, f"{contract.entity} has no field {', '.join(sorted(unknown))}"
            plain = {
                field.name: _plain_value(contract, field, row)
                for field in contract.required_fields
                if field.name not in row
            }
            load = {
                "_file_id": "spec",
                "_row_number": str(number),
                "_load_order": str(order),
                "_loaded_at": "2000-01-01",
            }
            full_rows.append({**load, **plain, **row})
        if full_rows:
            frame = pl.DataFrame(full_rows, schema=dict.fromkeys(full_rows[0], pl.String))
            names = ", ".join(frame.columns)
            self.connection.register("frame", frame)
            self.connection.execute(f"insert into raw.{contract.entity} ({names}) select {names} from frame")
            self.connection.unregister("frame")
        return order

    def evidence(self, indicator: str, variant: str, month: str | None = None) -> list[tuple[Any, ...]]:
        """(subject, unit, state, reason) of a month, sorted by subject and unit."""
        return self.connection.execute(
            "select subject_id, unit_id, state, reason from assessment.evidence "
            "where indicator_id = ? and variant = ? and month = ? order by subject_id, unit_kind, unit_id",
            [indicator, variant, Month.parse(month).first_day if month else self.month.first_day],
        ).fetchall()

    def result(
        self,
        indicator: str,
        variant: str,
        entity: str = "total",
        *,
        level: str | None = None,
        period_kind: str = "month",
        period: str | None = None,
    ) -> dict[str, Any]:
        """The one result row of an entity; level is `total` for `total`, else `subject`."""
        relation = self.connection.execute(
            "select * from assessment.results where indicator_id = ? and variant = ? and level = ? and entity_id = ? "
            "and period_kind = ? and period = ?",
            [
                indicator, variant, level or ("total" if entity == "total" else "subject"), entity,
                period_kind, period or str(self.month),
            ],
        )  # fmt: skip
        names = [column[0] for column in relation.description]
        found = relation.fetchall()
        assert len(found) == 1, f"{len(found)} rows for {indicator} {variant} {entity} {period_kind} {period}"
        return dict(zip(names, found[0], strict=True))

    def counts(
        self, indicator: str, variant: str, entity: str = "total", **which: Any
    ) -> tuple[float, float, int, int]:
        """(numerator, denominator, excluded, undecidable) of `result`."""
        row = self.result(indicator, variant, entity, **which)
        return row["numerator"], row["denominator"], row["excluded"], row["undecidable"]


def day(text: str) -> date:
    """A day written 2026-10-05."""
    return date.fromisoformat(text)
