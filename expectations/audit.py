"""Runs the suites of one border inside DuckDB and says what failed, for whom, out of how many.

A rule that cannot be evaluated (misspelled SQL, a column that is not there) stops the audit with a
ContractError that names the rule. A rule that found nothing to judge is never a pass: it is reported
as `evaluated = 0, success = false` at severity `info`; a table that must have rows and has none fails
at severity `error`.
"""

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from expectations import completeness, effects, failures, mended, scoreboard
from expectations.audit_result import AuditResult, AuditRow
from expectations.contract_suite import Check, contract_checks, record_id, stated_checks, written_check
from expectations.duckdb_engine import close_data_source, open_data_source, warm_up
from expectations.endangered import indicators_of_entities
from expectations.expected_file import Expected, read_expected
from expectations.publication_layer import PUBLISHED, create_publication_layer
from expectations.record_layer import create_record_layer
from expectations.suite_model import Border, Suites, load_suites
from expectations.validation import Outcome, validate
from pipelines.contract.loader import Contracts
from pipelines.errors import ContractError, UsageError, WarehouseBusyError
from pipelines.log import event
from pipelines.warehouse.connection import connect
from pipelines.warehouse.months import Month

if TYPE_CHECKING:
    import polars as pl


#: Within the folder of an audit: what an edition keeps of it, and what effects that are computed later need.
_RELATIONS, _FOR_EFFECTS = "relations", "for_effects"


def _run(connection: duckdb.DuckDBPyConnection, sql: str, what: str) -> list[tuple]:
    try:
        return connection.execute(sql).fetchall()
    except duckdb.Error as error:
        raise ContractError(f"{what}: {str(error).splitlines()[0]}. Correct the suite file.") from error


def _record(entity: str, contracts: Contracts, suites: Suites) -> dict[str, str]:
    """SQL for whose a record `r` is and its id; what stands at the border `publish` has no id of its own."""
    body = suites.bodies[entity]
    contract = contracts.entities.get(entity)
    return {
        "subject": body.subject or "null",
        "id": "null" if contract is None else record_id(contract),
        "join": body.join,
    }


def _evaluated_by_body(
    connection: duckdb.DuckDBPyConnection, entity: str, failed: Sequence[Check], record: Mapping[str, str]
) -> dict[str, dict[str | None, int]]:
    """Per check and body, how many records it judged; one scan per entity, one query per `evaluated_sql`."""
    found: dict[str, dict[str | None, int]] = {check.id: {} for check in failed}
    by_scope = [check for check in failed if check.evaluated_sql is None]
    if by_scope:
        columns = ", ".join(f"count(*) filter (where {check.scope})" for check in by_scope)
        sql = (
            f"select cast({record['subject']} as varchar) as body, {columns} "
            f"from {entity} as r {record['join']} group by 1 order by 1 nulls first"
        )
        for subject_id, *numbers in _run(connection, sql, f"bodies of {entity}"):
            for check, evaluated in zip(by_scope, numbers, strict=True):
                found[check.id][subject_id] = int(evaluated)
    for check in failed:
        if check.evaluated_sql is not None:
            sql = f"select subject_id, sum(evaluated) from ({check.evaluated_sql}) group by 1"
            rows = _run(connection, sql, f"evaluated_sql of {check.id}")
            found[check.id] = {subject_id: int(evaluated) for subject_id, evaluated in rows}
    return found


def _row(border: Border, check: Check, subject_id: str | None, evaluated: int, failing: int) -> AuditRow:
    judgement = check.judgement
    nothing_judged = evaluated == 0 and failing == 0
    return AuditRow(
        border=border,
        expectation_id=check.id,
        entity=check.entity,
        field=check.field,
        severity="info" if nothing_judged else judgement.severity,
        dimension=judgement.dimension,
        owner_zh=judgement.owner.zh,
        owner_en=judgement.owner.en,
        label_zh=judgement.label.zh,
        label_en=judgement.label.en,
        reason_zh=judgement.reason.zh,
        reason_en=judgement.reason.en,
        remedy_zh=judgement.remedy.zh,
        remedy_en=judgement.remedy.en,
        indicators=";".join(check.indicators),
        subject_id=subject_id,
        evaluated=evaluated,
        failing=failing,
        success=failing == 0 and not nothing_judged,
    )


def _judge_entity(
    connection: duckdb.DuckDBPyConnection,
    border: Border,
    entity: str,
    checks: Sequence[Check],
    outcomes: Mapping[str, Outcome],
    record: Mapping[str, str],
    bodies: frozenset[str],
) -> tuple[list[AuditRow], dict[tuple[str, str | None], tuple[str, ...]]]:
    failed = [check for check in checks if outcomes[check.id].failing and not check.needs_rows]
    by_body = _evaluated_by_body(connection, entity, failed, record) if failed else {}
    rows: list[AuditRow] = []
    examples: dict[tuple[str, str | None], tuple[str, ...]] = {}
    for check in checks:
        outcome = outcomes[check.id]
        rows.append(_row(border, check, None, outcome.evaluated, outcome.failing))
        if check not in failed:
            continue
        for body, failing in sorted(outcome.by_body.items(), key=lambda item: (item[0] is not None, item[0] or "")):
            examples[check.id, body] = outcome.examples[body]
            # A record of a body that is not in the ledger counts for nobody; all bodies together include it.
            if body is not None and body in bodies:
                evaluated = by_body[check.id].get(body, failing)
                rows.append(_row(border, check, body, max(evaluated, failing), failing))
    return rows, examples


@contextmanager
def _opened(warehouse: Path | duckdb.DuckDBPyConnection, threads: int, memory_limit: str) -> Iterator[Any]:
    """A connection of its own: temporary views vanish with it."""
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        connection = warehouse.cursor()
    else:
        if not warehouse.is_file():
            raise UsageError(f"{warehouse}: there is no warehouse. Load files first: hengfa load PATH")
        try:
            connection = connect(warehouse, read_only=True, threads=threads, memory_limit=memory_limit)
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            raise WarehouseBusyError(
                f"the warehouse {warehouse} cannot be opened for reading while it is written. Wait, then start again."
            ) from error
    try:
        yield connection
    finally:
        connection.close()


def _landed_checks(contracts: Contracts, suites: Suites, expected: Expected) -> dict[str, list[Check]]:
    endangered = indicators_of_entities()
    checks = {
        name: [
            replace(check, indicators=endangered.get(name, ()))
            for check in contract_checks(contract, contracts, suites)
        ]
        for name, contract in contracts.entities.items()
    }
    for total in expected.totals:
        checks[total.entity] += stated_checks(total, contracts, suites)
    for expectation in suites.written["landed"]:
        if expectation.entity not in checks:
            raise ContractError(
                f"{suites.file_of[expectation.id]}: `{expectation.id}` judges `{expectation.entity}`, which is no "
                f"entity. Entities are {', '.join(checks)}."
            )
        field = expectation.field
        if field is not None and field not in contracts.entities[expectation.entity].by_name:
            raise ContractError(
                f"{suites.file_of[expectation.id]}: `{expectation.id}` names the field `{field}`, which "
                f"{expectation.entity} does not have."
            )
        checks[expectation.entity].append(written_check(expectation))
    return checks


def _publish_checks(suites: Suites) -> dict[str, list[Check]]:
    checks: dict[str, list[Check]] = {}
    for expectation in suites.written["publish"]:
        if expectation.entity not in PUBLISHED:
            raise ContractError(
                f"{suites.file_of[expectation.id]}: `{expectation.id}` judges `{expectation.entity}`; at this border "
                f"stand {', '.join(PUBLISHED)}."
            )
        checks.setdefault(expectation.entity, []).append(written_check(expectation))
    return checks


def run_audit(
    warehouse: Path | duckdb.DuckDBPyConnection,
    *,
    border: Border,
    contracts: Contracts,
    month: date,
    work: Path,
    relations: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    entities: Collection[str] | None = None,
    indicators: Sequence[Mapping[str, Any]] = (),
    expected: Path | None = None,
    suites: Suites | None = None,
    with_effects: bool = True,
    threads: int = 2,
    memory_limit: str = "4GB",
) -> AuditResult:
    """Judge what was landed, or what is about to be published.

    `warehouse` is a file, opened read-only, or an open connection (a cursor of it is used).
    `month` is the first day of the month assessed; `as_of` defaults to the month's default (`Month.default_as_of`).
    `relations`: at `landed`, entity to a relation holding newest versions, else `raw.<entity>` is read;
    at `publish`, any of `results`, `evidence`, `subjects` to a relation, else `PUBLISHED` says which.
    `entities` restricts the audit to the rules of these entities; without it every rule is judged.
    `indicators` are the declarations of `indicators.json`; needed at `publish`, and at `landed` for the
    range within which failing rules could move them. `expected` is the workspace's `expected.yml`.
    `work` receives `gx_<border>.json`, the result as Great Expectations gives it, and at `landed` in
    `relations` failures, completeness, scoreboard and quality_effects (where evidence was built) as Parquet, and
    `mended.parquet` where the month or one before it was audited before. Without
    `with_effects`, for an audit that runs before or beside the build, quality_effects is left to `run_effects`.

    Raises ContractError when a rule cannot be evaluated, SettingError when `expected` cannot be used,
    UsageError when the warehouse is missing,
    WarehouseBusyError when it is being written.
    """
    suites = suites or load_suites()
    as_of = as_of or Month.of(month).default_as_of
    kept = work / _RELATIONS
    whole = border == "landed" and entities is None
    before = mended.audit_before(work, as_of) if whole else None
    if whole and kept.exists():
        # What an earlier audit left must not be frozen as this one's.
        shutil.rmtree(kept)
    kept.mkdir(parents=True, exist_ok=True)
    rows: list[AuditRow] = []
    examples: dict[tuple[str, str | None], tuple[str, ...]] = {}
    raw_results: dict[str, Any] = {}
    stated = read_expected(expected, contracts)
    checks_of = _landed_checks(contracts, suites, stated) if border == "landed" else _publish_checks(suites)
    if entities is not None:
        unknown = sorted(set(entities) - set(checks_of))
        if unknown:
            raise UsageError(f"no such entity: {', '.join(unknown)}. Entities are {', '.join(checks_of)}.")
        checks_of = {entity: checks for entity, checks in checks_of.items() if entity in entities}
    with _opened(warehouse, threads, memory_limit) as connection:
        try:
            connection.execute(f"set temp_directory = '{(work / 'spill').as_posix().replace(chr(39), chr(39) * 2)}'")
        except duckdb.Error:
            # A database that already spilled keeps the directory it has.
            event("audit_keeps_temp_directory")
        try:
            if border == "landed":
                create_record_layer(
                    connection, contracts, month=Month.of(month), as_of=as_of, relations=relations, expected=stated
                )
            else:
                create_publication_layer(connection, month=month, relations=relations, indicators=indicators)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise ContractError(
                f"border {border}: {str(error).splitlines()[0]}. Build the relation, or name another one."
            ) from error
        known = "select distinct cast(subject_id as varchar) from subjects where subject_id is not null"
        bodies = frozenset(row[0] for row in connection.execute(known).fetchall())
        failures.create_failing_records(connection)
        data_source = open_data_source(connection, name=f"hengfa_{border}")
        try:
            for entity, checks in checks_of.items():
                to_run, outcomes = checks, {}
                if border == "landed" and not _run(connection, f"select 1 from {entity} limit 1", entity):
                    # Nothing to judge: each rule but the one that asks for rows is reported as such.
                    to_run = [check for check in checks if check.needs_rows]
                    outcomes = {check.id: Outcome(0, 0, {}, {}) for check in checks}
                record = _record(entity, contracts, suites)
                ran, raw_results[entity] = validate(data_source, entity, to_run, record, suites)
                outcomes.update(ran)
                entity_rows, entity_examples = _judge_entity(
                    connection, border, entity, checks, outcomes, record, bodies
                )
                rows += entity_rows
                examples.update(entity_examples)
        finally:
            close_data_source(f"hengfa_{border}")
        if whole:
            all_checks = [check for checks in checks_of.values() for check in checks]
            _write_relations(connection, kept, all_checks, contracts, suites, Month.of(month), as_of, stated)
            if with_effects:
                effects.write_effects(connection, all_checks, indicators, kept, month=Month.of(month))
            else:
                effects.keep_failures(connection, work / _FOR_EFFECTS)
    said = work / f"gx_{border}.json"
    said.write_text(json.dumps(raw_results, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    if not any(row.evaluated for row in rows):
        rows = [replace(row, success=False, severity="error") for row in rows]
    failed = tuple(row.expectation_id for row in rows if row.subject_id is None and _stops(row))
    event(
        "audit",
        border=border,
        month=f"{month:%Y-%m}",
        rules=sum(row.subject_id is None for row in rows),
        failed=sum(row.subject_id is None and row.failing > 0 for row in rows),
        failed_errors=len(failed),
    )
    since = _write_mended(before, {row.expectation_id for row in rows}, kept, work, as_of) if whole else None
    result = AuditResult(border, tuple(rows), failed, examples, said, kept, since)
    result.to_frame().write_parquet(work / f"quality_{border}.parquet")
    return result


def run_effects(
    warehouse: Path,
    *,
    contracts: Contracts,
    month: date,
    work: Path,
    indicators: Sequence[Mapping[str, Any]],
    expected: Path | None = None,
    threads: int = 2,
    memory_limit: str = "4GB",
) -> None:
    """Add quality_effects to an audit of landed records that ran without them, now that evidence is built.

    Raises what `run_audit` raises.
    """
    checks_of = _landed_checks(contracts, load_suites(), read_expected(expected, contracts))
    checks = [check for checks in checks_of.values() for check in checks]
    with _opened(warehouse, threads, memory_limit) as connection:
        effects.recall_failures(connection, work / _FOR_EFFECTS)
        effects.write_effects(connection, checks, indicators, work / _RELATIONS, month=Month.of(month))
    shutil.rmtree(work / _FOR_EFFECTS)


def _write_relations(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    checks: Sequence[Check],
    contracts: Contracts,
    suites: Suites,
    month: Month,
    as_of: datetime,
    expected: Expected,
) -> None:
    """What an edition keeps of the audit of landed records beside its rows, but effects."""
    failures.create_failing_acts(connection, checks)
    failures.write_failures(connection, folder / failures.FILE, checks, contracts, suites)
    completeness.create_completeness(connection, suites, contracts, month=month, as_of=as_of, expected=expected)
    scoreboard.create_scoreboard(connection, checks, contracts, suites, month=month)
    completeness.write_relation(connection, "from completeness", folder / completeness.FILE)
    completeness.write_relation(connection, "from scoreboard", folder / scoreboard.FILE)


def _write_mended(
    before: "tuple[pl.DataFrame, frozenset[str]] | None", rules: set[str], kept: Path, work: Path, as_of: datetime
) -> Path | None:
    """It depends on what was audited before and when: a workspace keeps it, an edition does not."""
    import polars as pl

    path = work / mended.FILE
    path.unlink(missing_ok=True)
    mended.keep_rules(work, rules, as_of)
    if before is None:
        return None
    failed, judged = before
    mended.mended(failed, pl.read_parquet(kept / failures.FILE), judged & rules).write_parquet(path)
    return path


def _stops(row: AuditRow) -> bool:
    return row.severity == "error" and not row.success


__all__ = ["AuditResult", "AuditRow", "Border", "run_audit", "warm_up"]
