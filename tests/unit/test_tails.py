"""Tail probabilities in SQL: SciPy's distributions are the yardstick."""

import math

import duckdb
import pytest
from scipy.stats import binom, chi2, poisson

from pipelines.warehouse.statistics import register_statistics


@pytest.fixture(scope="module")
def connection():
    opened = duckdb.connect()
    register_statistics(opened)
    return opened


def value(connection, expression):
    return connection.execute(f"select {expression}").fetchone()[0]


@pytest.mark.parametrize(("statistic", "degrees"), [(0, 1), (2.2, 22), (13.5, 137), (137, 137), (500, 137)])
def test_chi_squared_lower_tail(connection, statistic, degrees):
    found = value(connection, f"chi_squared_lower_tail({statistic}, {degrees})")
    assert math.isclose(found, chi2.cdf(statistic, degrees), rel_tol=1e-9)


@pytest.mark.parametrize(
    ("hits", "trials", "chance"), [(0, 5, 0.3), (1, 5, 0.3), (5, 5, 0.25), (90, 90, 0.05), (6, 5, 0.3)]
)
def test_binomial_upper_tail_includes_the_value_itself(connection, hits, trials, chance):
    found = value(connection, f"binomial_upper_tail({hits}, {trials}, {chance})")
    assert math.isclose(found, binom.sf(hits - 1, trials, chance), rel_tol=1e-9)


@pytest.mark.parametrize(("events", "mean"), [(0, 6.9), (0, 0.001), (7, 6.9), (30, 6.9), (1, 200)])
def test_poisson_tails_include_the_value_itself(connection, events, mean):
    lower = value(connection, f"poisson_lower_tail({events}, {mean})")
    upper = value(connection, f"poisson_upper_tail({events}, {mean})")
    assert math.isclose(lower, poisson.cdf(events, mean), rel_tol=1e-9)
    assert math.isclose(upper, poisson.sf(events - 1, mean), rel_tol=1e-9)


@pytest.mark.parametrize(
    "call", ["chi_squared_lower_tail(null, 3)", "binomial_upper_tail(1, null, 0.5)", "poisson_lower_tail(0, null)"]
)
def test_null_gives_null(connection, call):
    assert value(connection, call) is None


def test_columns_of_many_rows_keep_their_order(connection):
    rows = connection.execute(
        "select k, poisson_lower_tail(k, 3.0) from range(5000) t(k) order by k desc limit 3"
    ).fetchall()
    assert [k for k, _ in rows] == [4999, 4998, 4997]
    assert all(tail == 1.0 for _, tail in rows)
