"""Freezes what the warehouse built into an edition: Parquet files, declarations, a manifest.

The edition is written beside the published ones under a hidden name and renamed when it is whole,
so that a run killed at any instant leaves no half edition.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.completeness import FILE as COMPLETENESS
from pipelines import log
from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK
from pipelines.editions.catalogue import MANIFEST_NAME, Edition, edition_at, list_editions, newest_revision
from pipelines.editions.decisions import read_decisions
from pipelines.editions.relations import PUBLISHED_RELATIONS
from pipelines.editions.restated import restated_records
from pipelines.editions.signing import (
    SIGNATURE_NAME,
    SUMS_NAME,
    has_sm3,
    public_text,
    signature_text,
    signing_key,
    sm3_of,
    sums_of,
)
from pipelines.editions.verify import files_of, paths_of, sha256_of
from pipelines.scheme.read import SchemeInForce, scheme_in_force
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import declarations, fingerprint, undecided_rules, variables
from pipelines.warehouse.months import Month

#: Files that speak of the edition before; a rerun of the same content would write others, so they are not compared.
ABOUT_PREVIOUS = ("restated.parquet", "restatement.parquet")

_PARQUET = "(format parquet, compression zstd, row_group_size 122880)"


@dataclass(frozen=True)
class Published:
    """The edition that now stands for the month; `is_new` is False if the same content was there."""

    edition: Edition
    is_new: bool
    row_counts: dict[str, int]


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
    counts["results.parquet"] = _write_results(connection, draft.directory, edition_id)
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


def publish(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    contracts: Contracts,
    *,
    month: Month,
    as_of: datetime,
    quality: pl.DataFrame,
    audit: Path | None = None,
    draft: Draft | None = None,
) -> Published:
    """Freeze the built month and publish it; `audit` is the folder of what the audit has to keep beside `quality`.

    `draft` is what was begun of it while the audit ran; without one all of it is written now. The same content as the
    newest edition of the month publishes nothing new; other content makes the next revision. Raises whatever keeps a
    file from being written; nothing is published then.
    """
    draft = draft or begin_draft(workspace, month=month, as_of=as_of)
    try:
        if draft.restated is None:
            draft.restated = write_built(connection, contracts, draft)
        if not draft.is_judged:
            judge_draft(connection, workspace, contracts, draft, audit)
        return _finish(connection, workspace, draft, draft.restated, quality, audit)
    except BaseException:
        draft.discard()
        raise


def _finish(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    draft: Draft,
    restated: pl.DataFrame,
    quality: pl.DataFrame,
    audit: Path | None,
) -> Published:
    """Add the audit, and publish the draft if it says something new."""
    directory, last, counts = draft.directory, draft.last, draft.counts
    quality.write_parquet(directory / "quality.parquet", compression="zstd")
    counts["quality.parquet"] = quality.height
    counts |= _copy_audit(audit, directory)
    edition_id = str(draft.month) if last is None else f"{draft.month}.r{last.revision + 1}"
    if last is not None:
        manifest = last.manifest()
        said = {name: digest for name, digest in manifest["files"].items() if name not in ABOUT_PREVIOUS}
        if files_of(directory) == said and manifest["as_of"] == draft.as_of.isoformat():
            draft.discard()
            log.event("edition_unchanged", edition=last.edition_id)
            return Published(last, False, manifest["row_counts"])
        _write_results(connection, directory, edition_id)
    manifest = _manifest(connection, workspace, edition_id, draft)
    _write_restatement(draft, restated, manifest)
    _seal(directory, manifest, counts)
    final = workspace.editions / edition_id
    directory.rename(final)
    _sync(workspace.editions)
    log.event("edition_published", edition=edition_id, files=len(manifest["files"]))
    return Published(edition_at(final), True, counts)


def previous_of(workspace: Workspace, month: Month) -> Edition | None:
    """The edition that the next one of `month` follows: the newest of the month, else of the last month before."""
    earlier = [edition for edition in list_editions(workspace.editions) if edition.month <= month]
    return earlier[-1] if earlier else None


def _copy_audit(audit: Path | None, draft: Path) -> dict[str, int]:
    """The audit's relations as they are: they were written from this warehouse, with personal data masked."""
    counts = {}
    for path in sorted(audit.glob("*.parquet")) if audit is not None else ():
        shutil.copyfile(path, draft / path.name)
        counts[path.name] = pl.scan_parquet(path).select(pl.len()).collect().item()
    return counts


def audit_relations_path(workspace: Workspace, month: Month) -> Path:
    """Where the audit leaves the relations that the edition of `month` keeps."""
    return quality_path(workspace, month).parent / "relations"


def quality_path(workspace: Workspace, month: Month) -> Path:
    """Where the audit leaves its result for the edition of `month`."""
    return workspace.logs / "audit" / str(month) / "quality.parquet"


def remove_unfinished(editions: Path) -> None:
    """Remove drafts that a killed run left behind."""
    for path in editions.glob(".*.unfinished-*"):
        shutil.rmtree(path)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    row = connection.execute(f"copy ({query}) to '{target}' {_PARQUET}").fetchone()
    return int(row[0]) if row else 0


def _write_results(connection: duckdb.DuckDBPyConnection, draft: Path, edition_id: str) -> int:
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


def _write_restatement(draft: Draft, restated: pl.DataFrame, manifest: dict[str, Any]) -> None:
    """What is new since the previous edition, and for a revision how each number of the last one changed."""
    from pipelines.editions.diff import Side, compare

    restated.write_parquet(draft.directory / "restated.parquet", compression="zstd")
    draft.counts["restated.parquet"] = restated.height
    if draft.last is not None:
        sides = Side(draft.last.directory, draft.last.manifest()), Side(draft.directory, manifest)
        changes = compare(*sides, restated)
        changes.write_parquet(draft.directory / "restatement.parquet", compression="zstd")
        draft.counts["restatement.parquet"] = changes.height


def _seal(draft: Path, manifest: dict[str, Any], counts: dict[str, int]) -> None:
    """Hash every file, write the manifest, its sums and its signature, and have all of it on the disk."""
    files = files_of(draft)
    manifest["files"] = files
    manifest["files_sm3"] = {name: sm3_of(path) for name, path in paths_of(draft).items()} if has_sm3() else None
    manifest["row_counts"] = dict(sorted(counts.items()))
    manifest["content_sha256"] = content_sha256(files.items())
    key = signing_key()
    manifest["signature"] = {"algorithm": "Ed25519", "public_key": public_text(key)} if key is not None else None
    content = (json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    (draft / MANIFEST_NAME).write_bytes(content)
    (draft / SUMS_NAME).write_text(sums_of(content), encoding="ascii")
    if key is not None:
        (draft / SIGNATURE_NAME).write_text(signature_text(key, content), encoding="ascii")
    for path in sorted(draft.rglob("*")):
        _sync(path)
    _sync(draft)


def _sync(path: Path) -> None:
    """Have a file or a folder on the disk before the edition gets its name: a power cut leaves no half edition."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _manifest(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, edition_id: str, draft: Draft
) -> dict[str, Any]:
    """What the edition is made of; `_seal` adds what its files are."""
    settings = workspace.settings()
    inputs = [
        dict(
            zip(
                ("name", "sha256", "entity", "rows_read", "rows_loaded", "rows_quarantined", "rows_filtered"),
                row,
                strict=True,
            )
        )
        for row in connection.execute(
            "select name, sha256, entity, rows_read, rows_loaded, rows_quarantined, rows_filtered "
            f"from ({PUBLISHED_RELATIONS['files.parquet']}) where status = 'loaded'"
        ).fetchall()
    ]
    before = draft.previous
    previous = (
        {"edition_id": before.edition_id, "manifest_sha256": sha256_of(before.directory / MANIFEST_NAME)}
        if before is not None
        else None
    )
    return {
        "edition_id": edition_id,
        "month": str(draft.month),
        "as_of": draft.as_of.isoformat(),
        "code_version": {"hengfa": version("hengfa"), "dbt_project": fingerprint()},
        "territory": {"zh": settings.territory, "en": settings.territory_en},
        "parameters": {**variables(), **_parameters(draft.declared)},
        "definitions": {declaration["id"]: declaration["version"] for declaration in draft.declared},
        "scheme": draft.scheme.manifest(),
        "inputs": inputs,
        "previous": previous,
    }


def _parameters(declared: list[dict[str, Any]]) -> dict[str, Any]:
    """`<indicator>.<name>` → the value in force, whether declared or set by the scheme."""
    return {f"{one['id']}.{name}": value for one in declared for name, value in one.get("parameters", {}).items()}


def content_sha256(files: Iterable[tuple[str, str]]) -> str:
    """One hash for all files of an edition: of the sorted lines `sha256  path`."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()
