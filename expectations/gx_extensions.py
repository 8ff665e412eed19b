"""What this project adds to Great Expectations. Importing this module imports it: 6–9 s.

Only `expectations.duckdb_engine` imports this module, and only when it is needed.
"""

from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import ColumnMapExpectation
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


class FailingRecordsByBody(QueryMetricProvider):
    """Counts the rows of a query per body in one pass, with the smallest few record ids."""

    metric_name = "failing_records.by_body"
    value_keys = ("unexpected_rows_query",)
    query_param_name: ClassVar[str] = "unexpected_rows_query"

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805 - Great Expectations binds the class itself.
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict,
        metric_value_kwargs: dict,
        metrics: dict,
        runtime_configuration: dict,
    ) -> list[dict]:
        selectable, _, _ = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        batch = selectable.compile(dialect=execution_engine.engine.dialect, compile_kwargs={"literal_binds": True})
        failing = cls._format_query(cls._get_query_from_metric_value_kwargs(metric_value_kwargs), batch=f"({batch})")
        counted = (
            "select cast(subject_id as varchar) as subject_id, count(*) as failing, "
            f"min(cast(record_id as varchar), {EXAMPLES}) as examples "
            f"from (\n{failing}\n) as failing_rows group by 1 order by 1 nulls first"
        )
        # A colon in SQL text (`x::date`) would be read as a parameter.
        rows = execution_engine.execute_query(sa.text(counted.replace(":", "\\:"))).fetchall()
        return [{"subject_id": row[0], "failing": int(row[1]), "examples": list(row[2] or [])} for row in rows]


class ExpectNoFailingRecords(UnexpectedRowsExpectation):
    """An SQL select of failing rows (subject_id, record_id, value) that must give none.

    Unlike its parent it runs the query once, counts every row, and gives the count per body:
    result `{observed_value, by_body: [{subject_id, failing, examples}]}`. `{batch}` in the query is
    the batch as a subquery without an alias.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("failing_records.by_body",)

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        by_body = metrics["failing_records.by_body"]
        failing = sum(row["failing"] for row in by_body)
        return {"success": failing == 0, "result": {"observed_value": failing, "by_body": by_body}}


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
