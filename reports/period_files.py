"""The other periods of comparisons between bodies, as one script file.

Comparisons are written for the month. The switch to three months, the year or twelve months works by script
anyway, so their cells are not written into every page of every language, but once: `data/periods.js`.
"""

from typing import Any

from reports.contexts.book import Book, Cell
from reports.data_files import packed
from reports.edition import PERIOD_KINDS


def _written(cell: Cell) -> list[Any]:
    mark = cell.mark
    counts = f"{cell.numerator}/{cell.denominator}"
    return [cell.value, counts, cell.interval, cell.status, mark.at, mark.low, mark.high, mark.goes_on]


def periods_script(book: Book) -> str:
    """`data/periods.js`: indicator/variant → period → body or peer group → what its cell shows."""
    entities = [("peer_group", row["peer_group_id"]) for row, _ in book.groups]
    entities += [("subject", body.subject_id) for body in book.bodies]
    value: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for indicator in book.indicators:
        variant = indicator["default_variant"]
        value[f"{indicator['id']}/{variant}"] = {
            kind: {
                entity: _written(cell)
                for level, entity in entities
                if (cell := book.cell(level, entity, indicator, variant, kind)) is not None
            }
            for kind in PERIOD_KINDS[1:]
        }
    return f"hengfaPeriods({packed(value)});\n"
