"""Exact Poisson limits as DuckDB functions.

For a count k the 95 % limits of its mean are χ²(0.025; 2k)/2 and χ²(0.975; 2k+2)/2 (Garwood, F.,
"Fiducial limits for the Poisson distribution", Biometrika 28, 1936); the lower limit of 0 is 0.
"""

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

CONFIDENCE = 0.95


def _lower(counts: pa.ChunkedArray) -> pa.Array:
    import numpy as np
    from scipy.special import chdtri

    k = np.asarray(counts.to_numpy(zero_copy_only=False), dtype=float)
    # chdtri inverts the survival function: the lower limit leaves 1 - α/2 above it.
    with np.errstate(invalid="ignore"):
        limits = np.where(k > 0, chdtri(2 * k, 1 - (1 - CONFIDENCE) / 2) / 2, 0.0)
    return pa.array(limits, from_pandas=True)


def _upper(counts: pa.ChunkedArray) -> pa.Array:
    import numpy as np
    from scipy.special import chdtri

    k = np.asarray(counts.to_numpy(zero_copy_only=False), dtype=float)
    return pa.array(chdtri(2 * k + 2, (1 - CONFIDENCE) / 2) / 2, from_pandas=True)


def register_interval_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `poisson_lower(double)` and `poisson_upper(double)` on the connection; NULL gives NULL."""
    for name, function in (("poisson_lower", _lower), ("poisson_upper", _upper)):
        connection.create_function(name, function, ["double"], "double", type=PythonUDFType.ARROW)
