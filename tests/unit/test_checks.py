"""The sample of failing rows that a check of the graph shows."""

from pathlib import Path

from expectations.audit import AuditResult
from pipelines.checks import SAMPLES, failing_ids


def test_failing_ids_are_a_few_per_rule_over_all_bodies() -> None:
    many = tuple(f"C{number}" for number in range(SAMPLES))
    examples = {("dates", "S1"): ("C8", "C9"), ("fines", None): ("C1",), ("dates", "S2"): many}
    found = failing_ids(AuditResult("publish", (), (), examples, Path("record"), Path("relations")))
    first = [{"body": "S1", "record": "C8"}, {"body": "S1", "record": "C9"}]
    rest = [{"body": "S2", "record": record} for record in many[: SAMPLES - 2]]
    # A record of a body that is in no ledger has none.
    assert found == {"dates": first + rest, "fines": [{"body": "", "record": "C1"}]}


def test_where_nothing_fails_there_is_nothing_to_show() -> None:
    assert failing_ids(AuditResult("publish", (), (), {}, Path("record"), Path("relations"))) == {}
