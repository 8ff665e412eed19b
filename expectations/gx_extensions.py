"""What this project adds to Great Expectations. Importing this module imports it: some seconds.

Only `expectations.duckdb_engine` imports this module, and only when it is needed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider
from sqlalchemy.pool import StaticPool

#: How many record ids per body an expectation keeps as examples.
EXAMPLES = 5


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs SQL on one DuckDB connection and reads every result before the connection is returned."""

    def _setup_engine(
        self, kwargs: Any, connection_string: Any = None, credentials: Any = None, url: Any = None
    ) -> None:
        # One connection for all queries: temporary views and macros belong to a connection.
        self.engine = sa.create_engine(connection_string or url, poolclass=StaticPool, **kwargs)

    def execute_query(self, query: Any) -> Any:
        """The rows of `query`, detached from the connection."""
        with self.get_connection() as connection:
            return self._execute_query_with_recovery(connection, query).freeze()()

    def close(self) -> None:
        """Keep the connection open: it belongs to whoever opened it."""


class DuckDBDatasource(SQLDatasource):
    """A data source over a DuckDB connection; registers itself as `add_duckdb`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> Any:  # The field `type` hides the builtin in this class.
        """The engine that reads results to the end."""
        return DuckDBExecutionEngine

    def get_engine(self) -> sa.Engine:
        """The engine that the expectations use: a second one would not see temporary views."""
        return self.get_execution_engine().engine


@dataclass(frozen=True)
class _Batch:
    """The records `r` that rules judge, and what is told of those that fail: subject, id and the join they need."""

    engine: sa.Engine
    sql: str
    record: Mapping[str, str]

    def run(self, sql: str) -> Any:
        # Committed at once: what the pool gets back it rolls back.
        with self.engine.begin() as connection:
            return connection.exec_driver_sql(sql).all()

    def counts(self, rules: Collection[Mapping[str, str]]) -> dict[str, int]:
        """Condition → of how many records it holds, in one scan for all; select of `evaluated` → what it counts."""
        conditions = dict.fromkeys(rule[kind] for rule in rules for kind in ("scope", "fails") if kind in rule)
        columns = ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
        rows = self.run(f"select {columns} from {self.sql} as r") if conditions else [()]
        counted = dict(zip(conditions, rows[0], strict=True))
        for select in dict.fromkeys(rule["evaluated"] for rule in rules if "evaluated" in rule):
            counted[select] = int(self.run(f"select coalesce(sum(evaluated), 0) from ({select})")[0][0])
        return counted

    def judged(self, name: str, rule: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, Any]:
        """`{evaluated, failing, by_body}` of one rule; its failing records are in `failing_records` then."""
        evaluated = counts[rule["evaluated"] if "evaluated" in rule else rule["scope"]]
        if "query" in rule:
            failing, selected = None, rule["query"].format(batch=self.sql)
        else:
            rows = f"from {self.sql} as r {rule.get('narrowed', '').format(batch=self.sql)}"
            failing = counts[rule["fails"]] if "fails" in rule else self.run(f"select count(*) {rows}")[0][0]
            selected = (
                f"select {self.record['subject']} as subject_id, {self.record['id']} as record_id {rows} "
                f"{self.record['join']} where {rule.get('fails', 'true')}"
            )
        by_body = [] if failing == 0 else self._kept(name, selected)
        if failing is None:
            failing = sum(body["failing"] for body in by_body)
        return {"evaluated": evaluated, "failing": failing, "by_body": by_body}

    def _kept(self, name: str, selected: str) -> list[dict[str, Any]]:
        """What `selected` selects is kept as failing by the rule `name`; who fails, and a few examples of it."""
        inserted = self.run(
            "insert into failing_records (expectation_id, subject_id, record_id) "
            f"select '{name}', cast(subject_id as varchar), cast(record_id as varchar) "
            f"from (\n{selected}\n) as failing"
        )
        if not inserted[0][0]:
            return []
        bodies = self.run(
            f"select subject_id, count(*), min(record_id, {EXAMPLES}) from failing_records "
            f"where expectation_id = '{name}' group by subject_id order by subject_id nulls first"
        )
        return [
            {"subject_id": subject, "failing": count, "examples": list(examples or [])}
            for subject, count, examples in bodies
        ]


class FailingRecordsByRule(QueryMetricProvider):
    """What several rules judged, and their failing records: kept in `failing_records`, counted by body.

    One scan counts all conditions of the batch. Every other rule runs once and in a statement of its own, so that
    no two hold their memory at the same time. Whose a failing record is, is looked up only where there is one. A
    rule that cannot be evaluated is known by its id. A value of a record is never read.
    """

    metric_name = "failing_records.by_rule"
    value_keys = ("rules", "record")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805 - Great Expectations binds the class itself.
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict,
        metric_value_kwargs: dict,
        metrics: dict,
        runtime_configuration: dict,
    ) -> dict[str, dict]:
        selectable, _, _ = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        selected = selectable.compile(dialect=execution_engine.engine.dialect, compile_kwargs={"literal_binds": True})
        batch = _Batch(execution_engine.engine, f"({selected})", metric_value_kwargs["record"])
        rules = metric_value_kwargs["rules"]
        try:
            counts = batch.counts(rules.values())
        except sa.exc.SQLAlchemyError:
            # One of the conditions is wrong: each rule counts its own, and the wrong one names itself.
            counts = None
        found: dict[str, dict] = {}
        for name, rule in rules.items():
            try:
                found[name] = batch.judged(name, rule, batch.counts([rule]) if counts is None else counts)
            except sa.exc.SQLAlchemyError as error:
                found[name] = {"stopped": str(getattr(error, "orig", error))}
        return found


class ExpectNoFailingRecords(BatchExpectation):
    """No record of the batch `r` fails any of `rules`, by their ids.

    One expectation holds all rules of a batch, since every expectation costs 8 ms of Python and a column
    expectation of Great Expectations would scan the batch once more for every failing rule. A rule is
    `{scope | evaluated, fails | narrowed | query}`: `scope` is a condition, which records it judges; `evaluated`
    selects how many instead; `fails` is a condition, `narrowed` joins after `r` that leave only failing records,
    `query` a select of failing rows (subject_id, record_id). `{batch}` in the last two is the batch as a subquery
    without an alias. `record` says of `r` its `subject`, its `id` and the `join` that these need.

    Result: `observed_value`, the failing rows of all rules, and `by_rule`, each
    `{evaluated, failing, by_body: [{subject_id, failing, examples}]}` or `{stopped: message}`.
    """

    rules: dict[str, dict[str, str]]
    record: dict[str, str]
    metric_dependencies: ClassVar[tuple[str, ...]] = ("failing_records.by_rule",)
    success_keys: ClassVar[tuple[str, ...]] = ("rules", "record")
    args_keys: ClassVar[tuple[str, ...]] = ("rules", "record")

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        by_rule = metrics["failing_records.by_rule"]
        failing = sum(rule.get("failing", 0) for rule in by_rule.values())
        ran = not any("stopped" in rule for rule in by_rule.values())
        return {"success": ran and failing == 0, "result": {"observed_value": failing, "by_rule": by_rule}}
