"""Lays the reference beside the project's results and evidence and says, in words, where they differ.

Only indicators that both sides know are compared: the reference may be ahead of the warehouse or behind it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet

from tests.reference.evidence import Evidence
from tests.reference.results import Result

KEY = ("indicator_id", "variant", "level", "entity_id", "period_kind", "period")
EXACT = ("numerator", "denominator", "excluded", "undecidable", "status", "reason")
CLOSE = ("value", "lower", "upper")
TOLERANCE = 1e-9
UNIT = ("indicator_id", "variant", "subject_id", "month", "unit_kind", "unit_id")
SEEN = ("agency_id", "state", "numerator", "denominator", "reason")


def _close(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is two
    return abs(one - two) <= TOLERANCE


def compare(expected_rows: Iterable[Result], results_parquet: Path) -> list[str]:
    """Differences between the reference and an edition's `results.parquet`, one line each; empty if they agree."""
    table = pyarrow.parquet.read_table(results_parquet, columns=[*KEY, *EXACT, *CLOSE])
    return result_differences(expected_rows, table.to_pylist())


def result_differences(expected_rows: Iterable[Result], found_rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Differences between the reference's results and others, one line each.

    Counts, status and reason are compared exactly, value and interval to 1e-9.
    """
    expected = {tuple(getattr(row, name) for name in KEY): row for row in expected_rows}
    given = list(found_rows)
    both = {row.indicator_id for row in expected.values()} & {row["indicator_id"] for row in given}
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    differences: list[str] = []
    for row in given:
        key = tuple(row[name] for name in KEY)
        if row["indicator_id"] not in both:
            continue
        if key in found:
            differences.append(f"{' '.join(key)}: given twice in the edition")
        found[key] = row
    for key in sorted(key for key in expected.keys() | found.keys() if key[0] in both):
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


def evidence_differences(
    expected_rows: Iterable[Evidence], found_rows: Iterable[Mapping[str, Any]], indicators: set[str]
) -> list[str]:
    """Differences between the reference's evidence of these indicators and others, one line a unit seen differently.

    A reason is compared where the reference gives one: it gives none where the definitions name none.
    """
    expected: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for mine in expected_rows:
        expected[tuple(getattr(mine, name) for name in UNIT)].append(tuple(getattr(mine, name) for name in SEEN))
    for row in found_rows:
        found[tuple(row[name] for name in UNIT)].append(tuple(row[name] for name in SEEN))
    differences = []
    for key in sorted((key for key in expected.keys() | found.keys() if key[0] in indicators), key=str):
        one, two = expected.get(key, []), found.get(key, [])
        if len(one) != len(two) or any(not _same_unit(a, b) for a, b in zip(_sorted(one), _sorted(two), strict=True)):
            where = " ".join(map(str, key))
            differences.append(f"{where}: expected {_sorted(one) or 'nothing'}, found {_sorted(two) or 'nothing'}")
    return differences


def _sorted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=str)


def _same_unit(expected: tuple[Any, ...], found: tuple[Any, ...]) -> bool:
    return expected[:-1] == found[:-1] and expected[-1] in (None, found[-1])


def _shown(row: Mapping[str, Any]) -> str:
    return f"{row['numerator']}/{row['denominator']} {row['status']}"
