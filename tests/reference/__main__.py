"""`python -m tests.reference EXPORTS MONTH LOADED_AT [RESULTS]`: the reference beside an edition's results.parquet."""

import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path

from tests.reference.compare import compare
from tests.reference.exports import read_exports
from tests.reference.indicators import evidence
from tests.reference.periods import default_as_of
from tests.reference.records import Records, records
from tests.reference.results import Result, results


def known_records(exports: Path, month: date, loaded_at: datetime, as_of: datetime | None = None) -> Records:
    """The records of a folder of exports as known at `as_of` (default: end of the 5th day after the month)."""
    return records(read_exports(exports, loaded_at).rows, as_of or default_as_of(month))


def reference(exports: Path, month: date, loaded_at: datetime, as_of: datetime | None = None) -> list[Result]:
    """The results of `month` from a folder of exports, as known at `as_of` (default: end of the 5th day after)."""
    known = known_records(exports, month, loaded_at, as_of)
    return results(evidence(known, month), known.subjects, month)


def main(arguments: list[str]) -> int:
    """Print the differences, or without an edition the number of results by indicator; 1 if they differ."""
    exports, month, loaded_at, *edition = arguments
    expected = reference(Path(exports), date.fromisoformat(f"{month}-01"), datetime.fromisoformat(loaded_at))
    if edition:
        differences = compare(expected, Path(edition[0]))
        sys.stdout.write("".join(f"{line}\n" for line in differences))
        return 1 if differences else 0
    counts = Counter((row.indicator_id, row.variant, row.status) for row in expected)
    sys.stdout.write("".join(f"{' '.join(key)} {count}\n" for key, count in sorted(counts.items())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
