"""What the statutory rules make of a world, for spec tests."""

from typing import Any

from tests.spec.world import World

#: One body with a list of powers and one matter; tables of a test come beside or instead.
BODY = {
    "subjects": "subject_id | kind       | area_code\nS1         | department | 120116001",
    "matters": """
        matter_id | kind    | valid_from | workflow
        M1        | penalty | 2020-01-01 | general
    """,
}


def outcomes(world: World, rule: str) -> dict[str, str]:
    """Record → `pass`, or `result REASON`, for each record that the rule judges."""
    rows = world.connection.execute(
        "select record_id, result, reason from rules.rule_results where rule_id = ? order by record_id", [rule]
    ).fetchall()
    return {record: result if reason is None else f"{result} {reason}" for record, result, reason in rows}


def row(world: World, rule: str, record: str) -> dict[str, Any]:
    """The one result row of a record."""
    relation = world.connection.execute(
        "select * from rules.rule_results where rule_id = ? and record_id = ?", [rule, record]
    )
    names = [column[0] for column in relation.description]
    (found,) = relation.fetchall()
    return dict(zip(names, found, strict=True))


def codes(world: World, rule: str) -> dict[str, str]:
    """Record → the reason alone, `pass` for a pass: for rules with many reasons."""
    return {record: text.split()[-1] for record, text in outcomes(world, rule).items()}
