"""The unit of money that stands above or below a table (`金额单位：万元`) instead of in a header.

An amount is never read as yuan where its table says otherwise: the file is refused until its mapping says which unit
each column has. A unit that a header or a value names itself counts before that of the table.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.around_table import note_texts
from pipelines.ingest.reasons import refused
from pipelines.ingest.text_table import TextTable

YUAN = "元"
_UNITS = "(亿元|億元|千万元|百万元|十万元|万元|萬元|千元|百元|元)"
_AROUND = (
    # 填报单位：… names who reports, not a unit of money.
    re.compile(
        rf"(?<!填报)(?<!报送)(?<!制表)(?<!主管)(?:单位|單位)\s*[:：为是]?[^。；;:：]{{0,12}}?{_UNITS}(?=$|[^\w])"
    ),
    re.compile(rf"[（(\[【]\s*(?:人民币)?{_UNITS}\s*[）)\]】]"),
    re.compile(rf"以{_UNITS}(?:为单位|计)"),
)
_IN_HEADER = re.compile(_UNITS)
_TEN_THOUSAND_YUAN = re.compile(r"(?:10,?000|ten[ -]thousand)s?(?: of)? yuan", re.IGNORECASE)
#: A value that names its unit.
OWN_UNIT = r"[元万]\s*$"


@dataclass(frozen=True)
class MoneyColumn:
    """A column that becomes an amount and of which nobody has said the unit; no `values` if it is computed."""

    field: str
    header: str
    values: pl.Series | None


def unit_of_header(header: str) -> str | None:
    """The unit that a header names, None if none."""
    found = _IN_HEADER.search(header)
    return None if found is None else _plain(found[1])


def units_around(table: TextTable) -> tuple[str, ...]:
    """The units of money that the rows above the header and the notes below the table name, each once."""
    found = []
    for text in (*table.titles, *note_texts(table.frame)):
        found += [_plain(match[1]) for pattern in _AROUND for match in pattern.finditer(text)]
        found += ["万元"] if _TEN_THOUSAND_YUAN.search(text) else []
    return tuple(dict.fromkeys(found))


def refuse_unknown_units(table: TextTable, name: str, columns: Sequence[MoneyColumn]) -> None:
    """Refuse a table of which a money column is in another unit than yuan, or may be, and nobody said so.

    `table` is the table as it was read.
    """
    around = units_around(table) if columns else ()
    for column in columns:
        own = unit_of_header(column.header)
        named = (own,) if own is not None else around
        if any(unit != YUAN for unit in named) and not _says_its_unit(column.values):
            raise _unknown(name, column, named)


def _says_its_unit(values: pl.Series | None) -> bool:
    """Whether every value names its unit, or there is none."""
    if values is None:
        return False
    held = values.drop_nulls()
    return bool(held.str.contains(OWN_UNIT).all())


def _plain(unit: str) -> str:
    return unit.replace("萬", "万").replace("億", "亿")


def _unknown(name: str, column: MoneyColumn, units: Iterable[str]) -> FileRefusedError:
    named = "、".join(units)
    header = column.header or column.field
    return refused(
        name,
        zh=f"表头或表格上下方写明金额单位“{named}”，而没有说明列“{header}”的单位，不能当作元读取。请在映射的该列写 "
        "unit: 万元 或 unit: 元（其他单位用 expression 换算并写 unit: 元），或在表中换算为元并删去该说明。",
        en=f"a header or a line around the table names the unit `{named}`, and nothing says the unit of the column "
        f"`{header}`, so it is not read as yuan. Give `unit: 万元` or `unit: 元` for it in a mapping (another unit by "
        "an `expression` and `unit: 元`), or turn the amounts to yuan and take that line away.",
    )
