"""Writes the draft of an edition: what was built and what is judged of it, in a hidden folder.

`freeze` adds the audit and publishes it.
"""

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.completeness import FILE as COMPLETENESS
from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK
from pipelines.editions.catalogue import Edition, list_editions, newest_revision
from pipelines.editions.decisions import read_decisions
from pipelines.editions.relations import PUBLISHED_RELATIONS
from pipelines.editions.restated import restated_records
from pipelines.scheme.read import SchemeInForce, scheme_in_force
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import declarations, undecided_rules
from pipelines.warehouse.months import Month

_PARQUET = "(format parquet, compression zstd, row_group_size 122880)"


@dataclass
class Draft:
    """The edition that is being made, in a hidden folder beside the published ones.

    `last` is the newest edition of the month, `previous` the one that the draft follows; `counts` are the rows of the
    files that are written. What was built and what was judged may be written at the same time.
    """

    directory: Path
    month: Month
    as_of: datetime
    last: Edition | None
    previous: Edition | None
    scheme: SchemeInForce
    declared: list[dict[str, Any]]
    decisions: pl.DataFrame
    counts: dict[str, int] = field(default_factory=dict)
    #: What is new since the previous edition; None until that is written (`write_built`).
    restated: pl.DataFrame | None = None
    is_judged: bool = False

    def discard(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self.directory, ignore_errors=True)


def begin_draft(workspace: Workspace, *, month: Month, as_of: datetime) -> Draft:
    """An empty draft of the month that was built; what earlier runs left of theirs is removed."""
    remove_unfinished(workspace.editions)
    scheme = scheme_in_force(workspace, month, declarations())
    draft = Draft(
        directory=workspace.editions / f".{month}.unfinished-{os.getpid()}",
        month=month,
        as_of=as_of,
        last=newest_revision(workspace.editions, month),
        previous=previous_of(workspace, month),
        scheme=scheme,
        declared=declarations(on=month.first_day, parameters=scheme.scheme.parameters),
        decisions=read_decisions(workspace, month),
    )
    draft.directory.mkdir(parents=True)
    return draft


def write_built(connection: duckdb.DuckDBPyConnection, contracts: Contracts, draft: Draft) -> pl.DataFrame:
    """Write what no audit has a say in: evidence, records, results. Gives what is new since the edition before."""
    counts = _write_relations(connection, draft.directory, contracts, draft.declared)
    # Of the month's first edition, or as the last one says it: that the content is new is known at the end.
    edition_id = draft.last.edition_id if draft.last is not None else str(draft.month)
    counts["results.parquet"] = write_results(connection, draft.directory, edition_id)
    known = draft.previous.manifest() if draft.previous is not None else None
    restated = restated_records(connection, contracts, known, draft.as_of)
    draft.counts.update(counts)
    return restated


def judge_draft(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, contracts: Contracts, draft: Draft, audit: Path | None
) -> None:
    """Write scores, peers, findings and explanations; `audit` is the folder of what the audit keeps for the edition."""
    completeness = audit / COMPLETENESS if audit is not None else None
    draft.counts.update(_write_judgement(connection, workspace, draft, contracts, completeness))
    draft.is_judged = True


def previous_of(workspace: Workspace, month: Month) -> Edition | None:
    """The edition that the next one of `month` follows: the newest of the month, else of the last month before."""
    earlier = [edition for edition in list_editions(workspace.editions) if edition.month <= month]
    return earlier[-1] if earlier else None


def remove_unfinished(editions: Path) -> None:
    """Remove drafts that a killed run left behind."""
    for path in editions.glob(".*.unfinished-*"):
        shutil.rmtree(path)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    row = connection.execute(f"copy ({query}) to '{target}' {_PARQUET}").fetchone()
    return int(row[0]) if row else 0


def write_results(connection: duckdb.DuckDBPyConnection, draft: Path, edition_id: str) -> int:
    """Write `results.parquet` of an edition with that id; gives its rows."""
    query = f"""
        select '{edition_id}' as edition_id, results.*
        from assessment.results
        order by indicator_id, variant, level, entity_id, period_kind, period
    """
    return _copy(connection, query, draft / "results.parquet")


def _write_relations(
    connection: duckdb.DuckDBPyConnection,
    draft: Path,
    contracts: Contracts,
    declared: list[dict[str, Any]],
) -> dict[str, int]:
    counts: dict[str, int] = {}
    for declaration in declared:
        name = f"evidence/{declaration['id']}.parquet"
        query = f"""
            select * from assessment.evidence where indicator_id = '{declaration["id"]}'
            order by variant, subject_id, month, unit_kind, unit_id
        """
        counts[name] = _copy(connection, query, draft / name)
    counts |= _write_records(connection, draft, contracts)
    for name, query in PUBLISHED_RELATIONS.items():
        counts[name] = _copy(connection, query, draft / name)
    _write_json(draft / "indicators.json", declared)
    _write_json(draft / "rules.json", declarations("rule"))
    _write_json(draft / "rules_undecided.json", undecided_rules())
    _write_json(draft / "signals.json", declarations("signal"))
    return counts


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_records(connection: duckdb.DuckDBPyConnection, draft: Path, contracts: Contracts) -> dict[str, int]:
    """The newest version of every record that evidence or a rule not passed names, personal data masked."""
    counts: dict[str, int] = {}
    named = connection.execute("""
        create or replace temporary table named_records as
        select record_entity, record_id from assessment.evidence where record_id is not null
        union
        select record_entity, record_id from rules.rule_results where result in ('fail', 'undecidable');
        select distinct record_entity from named_records order by record_entity
    """).fetchall()
    for (entity,) in named:
        contract = contracts.entities[entity]
        columns = [
            f"case when record.{field.name} is null then null else '{MASK}' end as {field.name}"
            if field.pii
            else f"record.{field.name}"
            for field in contract.fields
        ]
        # Which version is the newest is asked of the columns that tell it, and only those named are read as a whole.
        query = f"""
            with newest as (
                select staged._load_order from staging.stg_{entity} as staged
                inner join named_records as named
                    on named.record_id = staged.{contract.key[0]} and named.record_entity = '{entity}'
            )
            select {", ".join(columns)}, files.name as source_file, record._row_number as source_row
            from raw.{entity} as record
            inner join newest on newest._load_order = record._load_order
            left join raw.files as files on files.file_id = record._file_id
            order by record.{contract.key[0]}
        """
        name = f"records/{entity}.parquet"
        counts[name] = _copy(connection, query, draft / name)
    return counts


def _write_judgement(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    draft: Draft,
    contracts: Contracts,
    completeness: Path | None,
) -> dict[str, int]:
    """Scores, peers, findings, explanations, the scheme they follow, and the decisions on objections."""
    # Imported here, since SciPy's distributions take half a second that reading an edition should not pay.
    from pipelines.editions.judgement import judge_month

    judged = judge_month(
        connection, workspace, contracts, draft.scheme.scheme, draft.declared, draft.decisions, month=draft.month,
        as_of=draft.as_of, completeness=completeness if completeness is not None and completeness.exists() else None,
    )  # fmt: skip
    frames = {**judged.frames(), "appeals.parquet": draft.decisions}
    for name, frame in frames.items():
        frame.write_parquet(draft.directory / name, compression="zstd")
    (draft.directory / "scheme.json").write_text(draft.scheme.text(), encoding="utf-8")
    return {name: frame.height for name, frame in frames.items()}
