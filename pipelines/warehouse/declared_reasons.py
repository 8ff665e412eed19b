"""What models say in the rows they build, held against their declarations: states and reasons.

A report prints the declared text of a reason, so a code without one must not reach an edition.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from pipelines.errors import DeclarationError

#: What a unit of evidence can be.
STATES = ("hit", "miss", "excluded", "undecidable")
#: What the engine itself says of a record for which a rule's expression foresees nothing.
NOT_DECIDED = "NOT_DECIDED"


def require_declared(
    connection: duckdb.DuckDBPyConnection,
    indicators: Sequence[dict[str, Any]],
    rules: Sequence[dict[str, Any]],
) -> None:
    """Raise DeclarationError for evidence of an unknown state, and for reasons that no declaration explains.

    `indicators` and `rules` are `declarations()` of those kinds; a reason may be of any version of its indicator.
    """
    told = []
    texts: dict[str, set[str]] = {}
    model: dict[str, str] = {}
    for newest in indicators:
        for version in (newest, *newest.get("earlier_versions", [])):
            texts.setdefault(version["id"], set()).update(version["reasons"])
        model[newest["id"]] = f"models/indicators/{newest['model']}"
    evidence = connection.execute(
        "select indicator_id, state, reason, count(*) from assessment.evidence group by all order by all"
    ).fetchall()
    for indicator, state, reason, rows in evidence:
        if state not in STATES:
            told.append(
                f"{model[indicator]}.sql: {rows} rows of `{indicator}` have the state `{state}`. "
                f"States are: {', '.join(STATES)}."
            )
        elif reason is not None and reason not in texts[indicator]:
            told.append(_undeclared(model[indicator], indicator, reason, rows, texts[indicator]))
    declared = {rule["id"]: rule for rule in rules}
    given = connection.execute(
        "select rule_id, reason, count(*) from rules.rule_results where reason is not null group by all order by all"
    ).fetchall()
    for rule, reason, rows in given:
        if reason != NOT_DECIDED and reason not in declared[rule]["reasons"]:
            told.append(
                _undeclared(f"models/rules/{declared[rule]['model']}", rule, reason, rows, declared[rule]["reasons"])
            )
    if told:
        raise DeclarationError(
            "rows that their declarations do not explain:\n" + "\n".join(f"  {line}" for line in told)
        )


def _undeclared(model: str, identity: str, reason: str, rows: int, declared: Sequence[str] | set[str]) -> str:
    choices = ", ".join(sorted(declared)) or "none"
    return (
        f"{model}.yml: {rows} rows of `{identity}` give the reason `{reason}`, which is not declared. "
        f"Add it under `reasons`, or correct {model}.sql. Declared are: {choices}."
    )
