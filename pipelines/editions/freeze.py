"""Freezes a draft into an edition: adds the audit, hashes, a manifest, and publishes it.

The draft is written beside the published editions under a hidden name and renamed when it is whole,
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
from pipelines.editions.catalogue import MANIFEST_NAME, Edition, edition_at
from pipelines.editions.draft import Draft, begin_draft, judge_draft, write_built, write_results
from pipelines.editions.relations import PUBLISHED_RELATIONS
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
from pipelines.settings import Workspace
from pipelines.warehouse.dbt_project import fingerprint, variables
from pipelines.warehouse.months import Month

#: Files that speak of the edition before; a rerun of the same content would write others, so they are not compared.
ABOUT_PREVIOUS = ("restated.parquet", "restatement.parquet")


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
        write_results(connection, directory, edition_id)
    manifest = _manifest(connection, workspace, edition_id, draft)
    _write_restatement(draft, restated, manifest)
    _seal(directory, manifest, counts)
    final = workspace.editions / edition_id
    directory.rename(final)
    _sync(workspace.editions)
    log.event("edition_published", edition=edition_id, files=len(manifest["files"]))
    return Published(edition_at(final), True, counts)


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
    return workspace.audit_of(month) / "quality.parquet"


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
