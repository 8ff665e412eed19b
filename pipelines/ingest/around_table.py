"""What people write above and below a table: headers of two rows, totals, notes. None of it is a record.

A row left out here is counted with its reason, as a row that a mapping leaves out is.
"""

import re
from collections.abc import Callable
from itertools import product

import polars as pl

TOTAL_ROW = "合计行 total row"
NOTE_ROW = "表下说明 note below the table"

_PREFIXES = ("", "本页", "本月", "本年", "累计", "以上", "全区")
_GAPS = ("", " ", "  ", "   ", "\u3000", "\u3000\u3000")
TOTALS = frozenset(
    prefix + first + gap + "计" + mark
    for prefix, first, gap, mark in product(_PREFIXES, "合总小共", _GAPS, ("", ":", "：", "数"))
) | frozenset(
    spelling(text) + mark
    for text in ("total", "grand total", "subtotal", "sub-total", "totals")
    for spelling in (str.lower, str.title, str.upper, str.capitalize)
    for mark in ("", ":")
)
_NOTE = re.compile(
    r"^(?:注|备注|说明|填表人|填报人|填报单位|制表人?|制表日期|审核人?|复核人?|负责人|单位负责人|联系电话|打印时间|导出时间|数据来源|"
    r"note|notes|source|prepared by|exported)\s*\d*\s*[:：]",
    re.IGNORECASE,
)
#: What the column of a group is called that holds the name of what the group is about.
_OWN_NAMES = ("名称", "姓名", "name")
#: Notes stand below the table, so only so many of its last rows are looked at.
_LAST_ROWS = 12
#: A total stands in one of the first columns: the number of columns that may be blank before it.
_LEADING = 3

#: Up to so many rows Python is faster than a query.
_FEW = 2_000

Known = Callable[[str], bool]


def is_total(text: str | None) -> bool:
    """Whether the first value of a row says that the row is a total."""
    return text is not None and text in TOTALS


def rows_around(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """By reason, which rows of a trimmed frame are totals or notes below the table; nothing for a clean frame."""
    found: dict[str, pl.Series] = {}
    if not frame.height or frame.width < 2:
        return found
    totals = _total_rows(frame)
    if totals is not None:
        found[TOTAL_ROW] = totals
    notes = _note_rows(frame)
    if notes is not None:
        found[NOTE_ROW] = notes
    return found


def _total_rows(frame: pl.DataFrame) -> pl.Series | None:
    mask: pl.Series | None = None
    blank: pl.Series | None = None
    for name in frame.columns[:_LEADING]:
        column = frame[name]
        if frame.height <= _FEW and not column.null_count() and TOTALS.isdisjoint(column.to_list()):
            # The usual case of a small file, without the fixed cost of a query.
            break
        here = column.is_in(list(TOTALS)).fill_null(value=False)
        if blank is not None:
            here = here & blank
        mask = here if mask is None else mask | here
        if not column.null_count():
            break
        blank = column.is_null() if blank is None else blank & column.is_null()
    return mask if mask is not None and mask.any() else None


def _note_rows(frame: pl.DataFrame) -> pl.Series | None:
    last = frame.tail(_LAST_ROWS)
    first = frame.height - last.height
    at = []
    for position, row in enumerate(last.iter_rows()):
        values = [value for value in row if value is not None]
        if values and len(values) <= 3 and all(_NOTE.match(value) for value in values):
            at.append(first + position)
    if not at:
        return None
    return pl.int_range(0, frame.height, eager=True).is_in(at)


def note_texts(frame: pl.DataFrame) -> list[str]:
    """The texts of the notes below the table, of a frame as it was read."""
    rows = ([value.strip() for value in row if value is not None] for row in frame.tail(_LAST_ROWS).iter_rows())
    return [text for row in rows if any(_NOTE.match(text) for text in row) for text in row]


def joined_headers(upper: tuple[str, ...], lower: tuple[str, ...], known: Known) -> tuple[tuple[str, ...], int]:
    """Two rows of headers as one, and how many of them are known.

    A cell merged over rows stands in the upper row alone; one merged over columns stands at their left, above the
    names of the columns: `检查对象` over `名称` and `代码`. The name of such a group is no name of one of its columns,
    unless that column is the group's own name.
    """
    upper, lower = _same_width(upper, lower)
    headers: list[str] = []
    score, group = 0, ""
    for at, (above, below) in enumerate(zip(upper, lower, strict=True)):
        group = above or (group if below else "")
        if below and (not above or _begins_group(upper, lower, at)):
            joined = [group[cut:] + below for cut in range(len(group))]
            choices = [*joined, below, *([group] if below.casefold() in _OWN_NAMES else [])]
        else:
            choices = [text for text in (group + below if below else "", below, above) if text]
        chosen = next((text for text in choices if known(text)), None)
        score += chosen is not None
        headers.append(chosen or below or above)
    return tuple(headers), score


def is_second_row(upper: tuple[str, ...], lower: tuple[str, ...], known: Known) -> bool:
    """Whether the row `lower` only names the columns of merged cells of the row of headers `upper`.

    A row of data that is empty but for two columns, the last of which has no header, looks alike; but none of its
    values is a header.
    """
    if not any(known(value) or value.casefold() in _OWN_NAMES for value in lower if value):
        return False
    upper, lower = _same_width(upper, lower)
    groups = [at for at in range(len(upper)) if upper[at] and _begins_group(upper, lower, at)]
    alone = [at for at in range(len(upper)) if upper[at] and at not in groups]
    return bool(groups) and bool(alone) and not any(lower[at] for at in alone)


def _begins_group(upper: tuple[str, ...], lower: tuple[str, ...], at: int) -> bool:
    following = at + 1
    return following < len(upper) and bool(lower[at] and not upper[following] and lower[following])


def _same_width(upper: tuple[str, ...], lower: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    width = max(len(upper), len(lower))
    return upper + ("",) * (width - len(upper)), lower + ("",) * (width - len(lower))
