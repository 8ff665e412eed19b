"""Hands the checks of one entity to Great Expectations and reads what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.contract_suite import Check
from expectations.duckdb_engine import warm_up
from expectations.suite_model import Suites
from pipelines.errors import ContractError


@dataclass(frozen=True)
class Outcome:
    """What Great Expectations said of one check: how many it judged, how many fail, of whom, and examples."""

    evaluated: int
    failing: int
    by_body: dict[str | None, int]
    examples: dict[str | None, tuple[str, ...]]


def _speakable(message: str) -> str:
    """The line of a message that may be told: one of binding or parsing names tables and columns.

    Any other may quote a record's value and is reduced to its type.
    """
    safe = ("Binder Error", "Catalog Error", "Parser Error", "does not exist")
    return next((line for line in message.splitlines() if any(word in line for word in safe)), message.split(":")[0])


def _failure_of(result: Any) -> str | None:
    """What stopped an expectation, None if it ran."""
    said = result.exception_info or {}
    entries = [said] if "raised_exception" in said else list(said.values())
    for entry in entries:
        if entry.get("raised_exception"):
            return _speakable(str(entry.get("exception_message") or "no message"))
    return None


def _not_evaluated(check: Check, stopped: str, suites: Suites) -> ContractError:
    place = suites.file_of.get(check.id, f"the contract of {check.entity}")
    return ContractError(f"{place}: `{check.id}` could not be evaluated: {stopped}. Correct the rule.")


def _outcome_of(check: Check, found: Mapping[str, Any], suites: Suites) -> Outcome:
    if "stopped" in found:
        raise _not_evaluated(check, _speakable(found["stopped"]), suites)
    by_body = {body["subject_id"]: body["failing"] for body in found["by_body"]}
    examples = {body["subject_id"]: tuple(body["examples"]) for body in found["by_body"]}
    if sum(by_body.values()) != found["failing"]:
        raise ContractError(
            f"`{check.id}`: {found['failing']} records fail, the bodies' records sum to {sum(by_body.values())}. "
            f"The relation of {check.entity} or its body in bodies.yml is ambiguous."
        )
    return Outcome(found["evaluated"], found["failing"], by_body, examples)


def _rule(check: Check) -> dict[str, str]:
    """The check as `ExpectNoFailingRecords` takes it."""
    rule = {"scope": check.scope} if check.evaluated_sql is None else {"evaluated": check.evaluated_sql}
    ways = {"fails": check.fails, "narrowed": check.narrowed, "query": check.query}
    return {**rule, **{way: sql for way, sql in ways.items() if sql is not None}}


def _expectations(checks: Sequence[Check], record: Mapping[str, str]) -> list[Any]:
    """One expectation for a check that asks for rows, and one for all other checks."""
    loaded = warm_up()
    made: list[Any] = [
        loaded.gx.expectations.ExpectTableRowCountToBeBetween(min_value=1, meta={"expectation_id": check.id})
        for check in checks
        if check.needs_rows
    ]
    rules = {check.id: _rule(check) for check in checks if not check.needs_rows}
    if rules:
        meta = {"expectation_ids": sorted(rules)}
        made.append(loaded.ExpectNoFailingRecords(rules=rules, record=dict(record), meta=meta))
    return made


def validate(
    data_source: Any, entity: str, checks: Sequence[Check], record: Mapping[str, str], suites: Suites
) -> tuple[dict[str, Outcome], dict[str, Any]]:
    """What Great Expectations says of the checks, by id, and its own result as JSON.

    `record` is SQL for the `subject` and `id` of a record `r` of the entity, and the `join` that these need.
    The failing records are left in the temporary table `failing_records`. Raises ContractError naming a check
    that could not be evaluated.
    """
    suite = warm_up().gx.ExpectationSuite(name=entity, expectations=_expectations(checks, record))
    batch = data_source.add_table_asset(entity, table_name=entity).add_batch_definition_whole_table(entity).get_batch()
    validated = batch.validate(suite, result_format="BASIC")
    by_id = {check.id: check for check in checks}
    outcomes: dict[str, Outcome] = {}
    for result in validated.results:
        meta = result.expectation_config.meta
        stopped = _failure_of(result)
        if stopped is not None:
            raise _not_evaluated(by_id[meta.get("expectation_id") or meta["expectation_ids"][0]], stopped, suites)
        if "expectation_id" in meta:
            rows = int(result.result["observed_value"])
            outcomes[meta["expectation_id"]] = Outcome(rows, int(rows == 0), {}, {})
            continue
        for name, found in result.result["by_rule"].items():
            outcomes[name] = _outcome_of(by_id[name], found, suites)
    missing = [check.id for check in checks if check.id not in outcomes]
    if missing:
        raise ContractError(f"suite of {entity}: {', '.join(missing)} gave no result. Correct the rule.")
    return outcomes, validated.to_json_dict()
