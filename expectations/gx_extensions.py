"""What this project adds to Great Expectations. Importing this module imports it: 6–9 s.

Only `expectations.duckdb_engine` imports this module, and only when it is needed.
"""

from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
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


class FailingRecordsByRule(QueryMetricProvider):
    """The failing records of several rules: kept in the temporary table `failing_records`, counted by body.

    Each rule runs once and in a statement of its own, so that no two hold their memory at the same time
    and one that cannot be evaluated is known by its id. A value of a record is never read.
    """

    metric_name = "failing_records.by_rule"
    value_keys = ("rules",)

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
        batch = selectable.compile(dialect=execution_engine.engine.dialect, compile_kwargs={"literal_binds": True})
        found: dict[str, dict] = {}
        rows: Any
        for rule, query in metric_value_kwargs["rules"].items():
            failing = query.format(batch=f"({batch})")
            insert = (
                "insert into failing_records (expectation_id, subject_id, record_id) "
                f"select '{rule}', cast(subject_id as varchar), cast(record_id as varchar) "
                f"from (\n{failing}\n) as failing"
            )
            try:
                # Committed at once: what the pool gets back it rolls back.
                with execution_engine.engine.begin() as connection:
                    connection.exec_driver_sql(insert)
                    rows = connection.exec_driver_sql(
                        f"select subject_id, count(*), min(record_id, {EXAMPLES}) from failing_records "
                        f"where expectation_id = '{rule}' group by subject_id order by subject_id nulls first"
                    ).all()
            except sa.exc.SQLAlchemyError as error:
                found[rule] = {"stopped": str(getattr(error, "orig", error))}
                continue
            found[rule] = {
                "by_body": [
                    {"subject_id": subject, "failing": count, "examples": list(examples or [])}
                    for subject, count, examples in rows
                ]
            }
        return found


class ExpectNoFailingRecords(BatchExpectation):
    """SQL selects of failing rows (subject_id, record_id, …) by rule, each of which must give none.

    One expectation holds all rules of a batch, since every expectation costs 8 ms of Python. `{batch}` in a
    rule is the batch as a subquery without an alias. Result: `observed_value`, the failing rows of all
    rules, and `by_rule`, each `{by_body: [{subject_id, failing, examples}]}` or `{stopped: message}`.
    """

    rules: dict[str, str]
    metric_dependencies: ClassVar[tuple[str, ...]] = ("failing_records.by_rule",)
    success_keys: ClassVar[tuple[str, ...]] = ("rules",)
    args_keys: ClassVar[tuple[str, ...]] = ("rules",)

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        by_rule = metrics["failing_records.by_rule"]
        failing = sum(body["failing"] for rule in by_rule.values() for body in rule.get("by_body", ()))
        ran = not any("stopped" in rule for rule in by_rule.values())
        return {"success": ran and failing == 0, "result": {"observed_value": failing, "by_rule": by_rule}}


class ColumnValuesPassSql(ColumnMapMetricProvider):
    """Whether an SQL condition holds for a row; a condition that gives NULL does not hold."""

    condition_metric_name = "column_values.pass_sql"
    condition_value_keys = ("passes",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, passes: str, **kwargs: Any) -> Any:  # noqa: N805
        return sa.literal_column(f"coalesce(({passes}), false)", sa.Boolean)


class ExpectColumnValuesToPassSql(ColumnMapExpectation):
    """Every value of `column` that is not NULL satisfies the SQL condition `passes`.

    Great Expectations refuses its regex expectations on DuckDB; this one also shares a scan with
    the other column expectations of its batch.
    """

    passes: str
    map_metric: ClassVar[str] = "column_values.pass_sql"
    success_keys: ClassVar[tuple[str, ...]] = ("passes", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "passes")
