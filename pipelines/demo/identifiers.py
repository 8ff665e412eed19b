"""Codes with check digits, and running numbers, for whole columns at once."""

from typing import Any

import numpy as np
import polars as pl

#: GB 32100-2015: the 31 characters, their weights.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
#: GB 11714: weights of the eight characters of an organisation code.
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_CHARACTERS = np.array([ord(c) for c in ALPHABET], dtype=np.uint8)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def credit_check_value(values: np.ndarray) -> np.ndarray:
    """The check value of rows of 17 character values (GB 32100-2015)."""
    return (31 - (values * _WEIGHTS).sum(axis=1) % 31) % 31


def credit_codes(generator: np.random.Generator, prefix: str, count: int, region: str) -> list[str]:
    """`count` distinct unified social credit codes: `prefix` (2) + `region` (6) + organisation code (9) + check."""
    digits = np.empty((count, 18), dtype=np.int64)
    digits[:, :8] = [_VALUES[c] for c in prefix + region]
    # Running numbers scattered by a multiplier prime to 10^8 are distinct and look drawn.
    start = int(generator.integers(10_000_000))
    body = (start + np.arange(count, dtype=np.int64)) * 48_271_939 % 100_000_000
    for place in range(8):
        digits[:, 8 + place] = body // 10 ** (7 - place) % 10
    own = 11 - (digits[:, 8:16] * _ORGANISATION_WEIGHTS).sum(axis=1) % 11
    digits[:, 16] = np.where(own == 10, _VALUES["X"], np.where(own == 11, 0, own))
    digits[:, 17] = credit_check_value(digits[:, :17])
    return [row.tobytes().decode("ascii") for row in _CHARACTERS[digits]]


def is_credit_code(code: str) -> bool:
    """Whether `code` has 18 allowed characters and the right check character."""
    if len(code) != 18 or any(c not in _VALUES for c in code):
        return False
    values = np.array([[_VALUES[c] for c in code]])
    return int(credit_check_value(values[:, :17])[0]) == int(values[0, 17])


def wrong_check(code: str) -> str:
    """`code` with the next check character, which is never the right one."""
    return code[:-1] + ALPHABET[(_VALUES[code[-1]] + 1) % 31]


def running(prefix: str, numbers: Any, width: int) -> pl.Series:
    """`prefix` and zero-padded numbers."""
    return prefix + pl.Series(np.asarray(numbers, dtype=np.int64)).cast(pl.String).str.zfill(width)


def pick(values: Any, index: Any) -> pl.Series:
    """The value at each index; an index below 0 gives null."""
    index = np.asarray(index, dtype=np.int64)
    series = values if isinstance(values, pl.Series) else pl.Series(list(values), dtype=pl.String)
    taken = series.gather(np.where(index < 0, 0, index))
    if (index >= 0).all():
        return taken
    return taken.to_frame("v").select(pl.when(pl.Series(index >= 0)).then(pl.col("v")).alias("v")).to_series()
