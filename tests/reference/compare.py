"""Lays the reference beside the results of an edition and says, in words, where they differ."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet

from tests.reference.results import Result

KEY = ("indicator_id", "variant", "level", "entity_id", "period_kind", "period")
EXACT = ("numerator", "denominator", "excluded", "undecidable", "status", "reason")
CLOSE = ("value", "lower", "upper")
TOLERANCE = 1e-9


def _close(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= TOLERANCE


def compare(expected_rows: Iterable[Result], results_parquet: Path) -> list[str]:
    """Differences between the reference and an edition's `results.parquet`, one line each; empty if they agree.

    Indicators that the reference does not compute are left aside. Counts, status and reason are compared exactly,
    value and interval to 1e-9.
    """
    expected = {tuple(getattr(row, name) for name in KEY): row for row in expected_rows}
    indicators = {row.indicator_id for row in expected.values()}
    table = pyarrow.parquet.read_table(results_parquet, columns=[*KEY, *EXACT, *CLOSE])
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    differences: list[str] = []
    for row in table.to_pylist():
        key = tuple(row[name] for name in KEY)
        if row["indicator_id"] not in indicators:
            continue
        if key in found:
            differences.append(f"{' '.join(key)}: given twice in the edition")
        found[key] = row
    for key in sorted(expected.keys() | found.keys()):
        where = " ".join(key)
        if key not in found:
            differences.append(f"{where}: missing in the edition, expected {_shown(expected[key]._asdict())}")
        elif key not in expected:
            differences.append(f"{where}: not expected, the edition has {_shown(found[key])}")
        else:
            mine, theirs = expected[key]._asdict(), found[key]
            wrong = [name for name in EXACT if mine[name] != theirs[name]]
            wrong += [name for name in CLOSE if not _close(mine[name], theirs[name])]
            if wrong:
                parts = (f"{name} expected {mine[name]!r}, found {theirs[name]!r}" for name in wrong)
                differences.append(f"{where}: {'; '.join(parts)}")
    return differences


def _shown(row: dict[str, Any]) -> str:
    return f"{row['numerator']}/{row['denominator']} {row['status']}"
