"""Where Dagster keeps the events of runs: one SQLite file in the workspace, over one pool of connections.

Dagster's own SQLite storages make a new database engine for every event, so that no statement is ever
compiled twice from the cache; for the five hundred events of an assessment that cost 10 s, more than
the build of a small district. Everything else is theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import sqlalchemy
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy.engine import Connection, Engine

BUSY_SECONDS = 60


class EventLog(ConsolidatedSqliteEventLogStorage):
    """The storage that `dagster.yaml` of a workspace names."""

    @cached_property
    def _engine(self) -> Engine:
        engine = sqlalchemy.create_engine(self._conn_string, connect_args={"timeout": BUSY_SECONDS})
        # An event lost with the power is no record lost: the warehouse and the editions have their own guarantees.
        sqlalchemy.event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous=off"))
        return engine

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the connections."""
        super().dispose()
        self._engine.dispose()
