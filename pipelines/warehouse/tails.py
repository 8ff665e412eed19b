"""Tail probabilities as DuckDB functions, for the tests behind integrity signals.

Each tail includes the value itself: `binomial_upper_tail(k, n, p)` is P(X ≥ k). The regularised incomplete
gamma and beta functions of SciPy give them to full precision far into the tail (NIST DLMF 8.2, 8.17).
"""

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType


def _chi_squared_lower(x: Any, degrees: Any) -> Any:
    from scipy.special import gammainc

    return gammainc(degrees / 2, x / 2)


def _binomial_upper(k: Any, n: Any, p: Any) -> Any:
    import numpy as np
    from scipy.special import betainc

    return np.where(k <= 0, 1.0, np.where(k > n, 0.0, betainc(np.maximum(k, 1), np.maximum(n - k + 1, 1), p)))


def _poisson_lower(k: Any, mean: Any) -> Any:
    import numpy as np
    from scipy.special import gammaincc

    return np.where(k < 0, 0.0, gammaincc(np.maximum(k, 0) + 1, mean))


def _poisson_upper(k: Any, mean: Any) -> Any:
    import numpy as np
    from scipy.special import gammainc

    return np.where(k <= 0, 1.0, gammainc(np.maximum(k, 1), mean))


#: Name of the function → how many arguments it takes, what computes it.
TAILS: dict[str, tuple[int, Callable[..., Any]]] = {
    "chi_squared_lower_tail": (2, _chi_squared_lower),
    "binomial_upper_tail": (3, _binomial_upper),
    "poisson_lower_tail": (2, _poisson_lower),
    "poisson_upper_tail": (2, _poisson_upper),
}


def _as_floats(column: pa.ChunkedArray) -> Any:
    import numpy as np

    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=float)


def _as_array(values: Any) -> pa.Array:
    return pa.array(values, from_pandas=True)


# DuckDB counts the parameters of a function that it is given, so that there is one wrapper for each number of them.
def _of_two(tail: Callable[..., Any]) -> Callable[..., pa.Array]:
    def over_columns(first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.Array:
        return _as_array(tail(_as_floats(first), _as_floats(second)))

    return over_columns


def _of_three(tail: Callable[..., Any]) -> Callable[..., pa.Array]:
    def over_columns(first: pa.ChunkedArray, second: pa.ChunkedArray, third: pa.ChunkedArray) -> pa.Array:
        return _as_array(tail(_as_floats(first), _as_floats(second), _as_floats(third)))

    return over_columns


def register_tail_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the functions of `TAILS` on the connection, doubles in, double out; a NULL argument gives NULL."""
    for name, (arguments, tail) in TAILS.items():
        wrapped = _of_two(tail) if arguments == 2 else _of_three(tail)
        connection.create_function(name, wrapped, ["double"] * arguments, "double", type=PythonUDFType.ARROW)
