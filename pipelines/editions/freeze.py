"""Freezes what the warehouse built into an edition: Parquet files, declarations, a manifest.

The edition is written beside the published ones under a hidden name and renamed when it is whole,
so that a run killed at any instant leaves no half edition.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

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


def publish(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    contracts: Contracts,
    *,
    month: Month,
    as_of: datetime,
    quality: pl.DataFrame,
    audit: Path | None = None,
) -> Published:
    """Freeze the built month and publish it; `audit` is the folder of what the audit has to keep beside `quality`.

    The same content as the newest edition of the month publishes nothing new; other content makes
    the next revision. Raises whatever keeps a file from being written; nothing is published then.
    """
    remove_unfinished(workspace.editions)
    scheme = scheme_in_force(workspace, month, declarations())
    declared = declarations(on=month.first_day, parameters=scheme.scheme.parameters)
    decisions = read_decisions(workspace, month)
    last = newest_revision(workspace.editions, month)
    draft = workspace.editions / f".{month}.unfinished-{os.getpid()}"
    draft.mkdir(parents=True)
    try:
        counts = _write_relations(connection, draft, contracts, declared, quality) | _copy_audit(audit, draft)
        counts |= _write_judgement(connection, workspace, draft, contracts, scheme, declared, decisions, month, as_of)
        if last is not None:
            _write_results(connection, draft, last.edition_id)
            manifest = last.manifest()
            said = {name: digest for name, digest in manifest["files"].items() if name not in ABOUT_PREVIOUS}
            if files_of(draft) == said and manifest["as_of"] == as_of.isoformat():
                shutil.rmtree(draft)
                log.event("edition_unchanged", edition=last.edition_id)
                return Published(last, False, manifest["row_counts"])
        edition_id = str(month) if last is None else f"{month}.r{last.revision + 1}"
        counts["results.parquet"] = _write_results(connection, draft, edition_id)
        manifest = _manifest(connection, workspace, edition_id, month, as_of, scheme, declared)
        counts |= _write_restatement(connection, draft, contracts, last, previous_of(workspace, month), manifest, as_of)
        _seal(draft, manifest, counts)
        final = workspace.editions / edition_id
        draft.rename(final)
        _sync(workspace.editions)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
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
    quality: pl.DataFrame,
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
    quality.write_parquet(draft / "quality.parquet", compression="zstd")
    counts["quality.parquet"] = quality.height
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
            f"case when {field.name} is null then null else '{MASK}' end as {field.name}"
            if field.pii
            else f"staged.{field.name}"
            for field in contract.fields
        ]
        query = f"""
            select {", ".join(columns)}, files.name as source_file, staged._row_number as source_row
            from staging.stg_{entity} as staged
            inner join named_records as named
                on named.record_id = staged.{contract.key[0]} and named.record_entity = '{entity}'
            left join raw.files as files on files.file_id = staged._file_id
            order by staged.{contract.key[0]}
        """
        name = f"records/{entity}.parquet"
        counts[name] = _copy(connection, query, draft / name)
    return counts


def _write_judgement(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    draft: Path,
    contracts: Contracts,
    scheme: SchemeInForce,
    declared: list[dict[str, Any]],
    decisions: pl.DataFrame,
    month: Month,
    as_of: datetime,
) -> dict[str, int]:
    """Scores, peers, findings, explanations, the scheme they follow, and the decisions on objections."""
    # Imported here, since SciPy's distributions take half a second that reading an edition should not pay.
    from pipelines.editions.judgement import judge_month

    completeness = draft / "completeness.parquet"
    judged = judge_month(
        connection, workspace, contracts, scheme.scheme, declared, decisions, month=month, as_of=as_of,
        completeness=completeness if completeness.exists() else None,
    )  # fmt: skip
    frames = {**judged.frames(), "appeals.parquet": decisions}
    for name, frame in frames.items():
        frame.write_parquet(draft / name, compression="zstd")
    (draft / "scheme.json").write_text(scheme.text(), encoding="utf-8")
    return {name: frame.height for name, frame in frames.items()}


def _write_restatement(
    connection: duckdb.DuckDBPyConnection,
    draft: Path,
    contracts: Contracts,
    last: Edition | None,
    previous: Edition | None,
    manifest: dict[str, Any],
    as_of: datetime,
) -> dict[str, int]:
    """What is new since the previous edition, and for a revision how each number of the last one changed."""
    from pipelines.editions.diff import Side, compare

    restated = restated_records(connection, contracts, previous.manifest() if previous else None, as_of)
    restated.write_parquet(draft / "restated.parquet", compression="zstd")
    counts = {"restated.parquet": restated.height}
    if last is not None:
        changes = compare(Side(last.directory, last.manifest()), Side(draft, manifest), restated)
        changes.write_parquet(draft / "restatement.parquet", compression="zstd")
        counts["restatement.parquet"] = changes.height
    return counts


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
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    edition_id: str,
    month: Month,
    as_of: datetime,
    scheme: SchemeInForce,
    declared: list[dict[str, Any]],
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
    before = previous_of(workspace, month)
    previous = (
        {"edition_id": before.edition_id, "manifest_sha256": sha256_of(before.directory / MANIFEST_NAME)}
        if before is not None
        else None
    )
    return {
        "edition_id": edition_id,
        "month": str(month),
        "as_of": as_of.isoformat(),
        "code_version": {"hengfa": version("hengfa"), "dbt_project": fingerprint()},
        "territory": {"zh": settings.territory, "en": settings.territory_en},
        "parameters": {**variables(), **_parameters(declared)},
        "definitions": {declaration["id"]: declaration["version"] for declaration in declared},
        "scheme": scheme.manifest(),
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
