"""A build leaves the views alone where they are those of the project, and makes them where anything says otherwise."""

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.warehouse import views
from pipelines.warehouse.dbt_project import manifest
from pipelines.warehouse.raw_tables import create_raw_tables

VALUES = {"tiny_below": 5, "small_below": 20}


@pytest.fixture
def built() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse after a build with `VALUES`; what its views say does not matter here."""
    with duckdb.connect() as connection:
        create_raw_tables(connection, load_contracts())
        for node in manifest()["nodes"].values():
            if node["resource_type"] == "model" and views.is_view(node):
                connection.execute(f"create schema if not exists {node['schema']}")
                connection.execute(f"create view {node['schema']}.{node['name']} as select 1 as one")
        views.keep(connection, views.made_from(VALUES))
        yield connection


def kept(connection: duckdb.DuckDBPyConnection) -> list[tuple[str]]:
    return connection.execute("select made_from from control.views").fetchall()


def test_views_of_the_same_project_and_values_stand(built: duckdb.DuckDBPyConnection) -> None:
    assert views.stand(built, views.made_from({"small_below": 20, "tiny_below": 5}))
    assert kept(built) == [(views.made_from(VALUES),)]


def test_another_value_of_the_scheme_has_them_made_and_a_build_that_fails_leaves_it_so(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert not views.stand(built, views.made_from(VALUES | {"small_below": 30}))
    # The build that follows may end in the middle: also the old values make them all then.
    assert kept(built) == []
    assert not views.stand(built, views.made_from(VALUES))
    views.keep(built, views.made_from(VALUES))
    assert views.stand(built, views.made_from(VALUES))


def test_a_view_that_somebody_dropped_has_them_made(built: duckdb.DuckDBPyConnection) -> None:
    built.execute("drop view staging.stg_cases")
    assert not views.stand(built, views.made_from(VALUES))


def test_a_warehouse_that_was_never_built_has_them_made() -> None:
    with duckdb.connect() as connection:
        create_raw_tables(connection, load_contracts())
        assert not views.stand(connection, views.made_from(VALUES))


def test_other_files_of_the_project_have_them_made(monkeypatch: pytest.MonkeyPatch) -> None:
    before = views.made_from(VALUES)
    monkeypatch.setattr(views, "fingerprint", lambda: "of other files")
    assert views.made_from(VALUES) != before
