"""A small district in a workspace on disk: files are loaded, months built and published, as a run does.

The models are the project's own, compiled once per session, so that a month costs a second instead of a
run of dbt.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.contract.loader import load_contracts
from pipelines.editions.freeze import Published, publish
from pipelines.ingest.load import load_paths
from pipelines.settings import Workspace
from pipelines.warehouse.build import set_run
from pipelines.warehouse.connection import open_for_writing
from pipelines.warehouse.months import Month, parse_as_of
from pipelines.warehouse.statistics import register_statistics
from tests.spec.world import CompiledModel, compiled_models, rows_of


class District:
    """A workspace, and the two things that happen to it."""

    def __init__(self, home: Path) -> None:
        self.workspace = Workspace.at(home).prepare()
        self.sources = home / "sources"
        self.sources.mkdir(exist_ok=True)

    def load(self, loaded_at: str, suffix: str = "", **tables: str) -> None:
        """Load ASCII tables, entity → table, as files `<entity>__<suffix>.csv`."""
        paths = []
        for entity, table in tables.items():
            path = self.sources / f"{entity}{'__' + suffix if suffix else ''}.csv"
            rows = rows_of(table)
            pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)).write_csv(path)
            paths.append(path)
        with open_for_writing(self.workspace) as connection:
            report = load_paths(
                connection, paths, contracts=load_contracts(), loaded_at=parse_as_of(loaded_at),
                quarantine=self.workspace.quarantine, landing=self.workspace.landing,
            )  # fmt: skip
        assert not report.refused, [file.reason for file in report.refused]
        assert not report.rows_quarantined

    def publish(
        self, month: str, as_of: str | None = None, change: Callable[[CompiledModel], str] | None = None
    ) -> Published:
        """Build and publish a month; `change` may rewrite the SQL of a model."""
        chosen = Month.parse(month)
        moment: datetime = parse_as_of(as_of) if as_of else chosen.default_as_of
        with open_for_writing(self.workspace) as connection:
            register_statistics(connection)
            set_run(connection, chosen, moment)
            for model in compiled_models():
                sql = change(model) if change else model.sql
                kind = "view" if model.is_view else "table"
                connection.execute(f"create schema if not exists {model.schema}")
                connection.execute(f"create or replace {kind} {model.schema}.{model.name} as {sql}")
            return publish(
                connection,
                self.workspace,
                load_contracts(),
                month=chosen,
                as_of=moment,
                quality=pl.DataFrame(schema={"border": pl.String, "success": pl.Boolean}),
            )


SUBJECTS = """
    subject_id | name   | kind        | field         | valid_from
    S1         | 甲街道 | street_town | comprehensive | 2020-01-01
    S2         | 乙街道 | street_town | comprehensive | 2020-01-01
    S3         | 丙街道 | street_town | comprehensive | 2020-01-01
    S4         | 丁街道 | street_town | comprehensive | 2020-01-01
    D1         | 某局   | department  | economic      | 2020-01-01
"""
MATTERS = """
    matter_id | name   | kind    | valid_from
    P1        | 某事项 | penalty | 2020-01-01
"""


def cases(*rows: tuple[str, int, int], month: str = "2026-10", first: int = 1) -> str:
    """(subject, proactive, reactive) → a table of cases that were filed and decided in `month`."""
    lines = ["case_id | subject_id | matter_id | source | procedure | filed_at | decided_at | decision | submitted_at"]
    for subject, proactive, reactive in rows:
        for number in range(proactive + reactive):
            source = "patrol" if number < proactive else "complaint"
            lines.append(
                f"{subject}-{month[-2:]}-{number + first} | {subject} | P1 | {source} | ordinary | {month}-05 | "
                f"{month}-08 | penalty | {month}-09"
            )
    return "\n".join(lines)
