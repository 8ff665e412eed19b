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
    """What Great Expectations said of one check."""

    evaluated: int | None
    failing: int
    by_body: dict[str | None, int] | None
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


def _outcome_of(check: Check, result: Any, suites: Suites) -> Outcome:
    stopped = _failure_of(result)
    if stopped is not None:
        raise _not_evaluated(check, stopped, suites)
    found = result.result
    if check.needs_rows:
        rows = int(found["observed_value"])
        return Outcome(rows, int(rows == 0), None, {})
    evaluated = int(found["element_count"]) - int(found.get("missing_count") or 0)
    return Outcome(evaluated, int(found["unexpected_count"]), None, {})


def _outcome_of_query(check: Check, found: Mapping[str, Any], suites: Suites) -> Outcome:
    if "stopped" in found:
        raise _not_evaluated(check, _speakable(found["stopped"]), suites)
    by_body = {body["subject_id"]: body["failing"] for body in found["by_body"]}
    examples = {body["subject_id"]: tuple(body["examples"]) for body in found["by_body"]}
    return Outcome(None, sum(by_body.values()), by_body, examples)


def _expectations(checks: Sequence[Check]) -> list[Any]:
    """A column expectation each, and one expectation for all checks that select their failing rows."""
    loaded = warm_up()
    made = []
    for check in checks:
        if check.query is None:
            kind = getattr(loaded, check.gx_type, None) or getattr(loaded.gx.expectations, check.gx_type)
            made.append(kind(**check.arguments, meta={"expectation_id": check.id}))
    rules = {check.id: check.query for check in checks if check.query is not None}
    if rules:
        made.append(loaded.ExpectNoFailingRecords(rules=rules, meta={"expectation_ids": sorted(rules)}))
    return made


def validate(
    data_source: Any, entity: str, checks: Sequence[Check], suites: Suites
) -> tuple[dict[str, Outcome], dict[str, Any]]:
    """What Great Expectations says of the checks, by id, and its own result as JSON.

    Failing rows of checks that select them are left in the temporary table `failing_records`. Raises
    ContractError naming a check that could not be evaluated.
    """
    suite = warm_up().gx.ExpectationSuite(name=entity, expectations=_expectations(checks))
    batch = data_source.add_table_asset(entity, table_name=entity).add_batch_definition_whole_table(entity).get_batch()
    # No values: they may be personal data. Counts are exact without them.
    validated = batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    by_id = {check.id: check for check in checks}
    outcomes: dict[str, Outcome] = {}
    for result in validated.results:
        meta = result.expectation_config.meta
        if "expectation_id" in meta:
            check = by_id[meta["expectation_id"]]
            outcomes[check.id] = _outcome_of(check, result, suites)
            continue
        stopped = _failure_of(result)
        if stopped is not None:
            raise _not_evaluated(by_id[meta["expectation_ids"][0]], stopped, suites)
        for rule, found in result.result["by_rule"].items():
            outcomes[rule] = _outcome_of_query(by_id[rule], found, suites)
    missing = [check.id for check in checks if check.id not in outcomes]
    if missing:
        raise ContractError(f"suite of {entity}: {', '.join(missing)} gave no result. Correct the rule.")
    return outcomes, validated.to_json_dict()
