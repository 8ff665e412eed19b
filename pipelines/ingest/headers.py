"""Which column is which field: English names, Chinese labels or English labels, in any order."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from pipelines.contract.model import Contract, ContractField
from pipelines.errors import FileRefusedError
from pipelines.ingest.around_table import is_second_row, joined_headers
from pipelines.ingest.reasons import refused
from pipelines.ingest.withdrawals import may_be_withdrawals

#: What a worklist says about a row: no part of the record when the corrected list is loaded.
WORKLIST_HEADERS = ("_批次", "_文件", "_row_number", "_原因", "_reasons")
#: Which of them say where a row came from: the batch, the file, the row.
ROW_ORIGIN = WORKLIST_HEADERS[:3]
#: A header may stand below a title, within these rows.
HEADER_WITHIN = 10
#: A row right below the headers that names at least so many columns, and as many as they do, names them again.
_SECOND_ROW = 4


@lru_cache(maxsize=4096)
def folded_header(text: str) -> str:
    """A header as it is compared: without blanks, the mark `*` of required columns, and case."""
    return re.sub(r"[\s\u3000\u200b\ufeff]+", "", text).strip("*＊").casefold()


@cache
def _known(contract_entity: str, fields: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    known = {folded_header(name): name for name, _, _ in fields}
    for position in (1, 2):
        for texts in fields:
            known.setdefault(folded_header(texts[position]), texts[0])
    return known


def known_headers(contract: Contract) -> dict[str, str]:
    """Folded header → field name, names before Chinese labels before English ones."""
    return _known(contract.entity, tuple((f.name, f.label.zh, f.label.en) for f in contract.fields))


def personal_columns(headers: tuple[str, ...], contract: Contract) -> frozenset[str]:
    """The names in a frame of the columns that hold personal data."""
    known = known_headers(contract)
    fields = {str(at): known.get(folded_header(header)) for at, header in enumerate(headers)}
    return frozenset(at for at, field in fields.items() if field is not None and contract.field(field).pii)


@dataclass(frozen=True)
class HeaderMatch:
    """`fields`: field name → position of its column; `extra`: header → position of the columns kept aside."""

    fields: dict[str, int]
    extra: dict[str, int]


def match_headers(headers: tuple[str, ...], contract: Contract, name: str) -> HeaderMatch:
    """Find the contract's fields among `headers`.

    Refuses a header given twice (two headers for one field are the same header twice) and a missing required
    column; a column without a header is kept aside as `column_<n>`. A file that may hold withdrawals alone is not
    refused here: its rows tell (`records.withdrawing`).
    """
    known = known_headers(contract)
    fields: dict[str, int] = {}
    extra: dict[str, int] = {}
    for position, header in enumerate(headers):
        text = header.strip() or f"column_{position + 1}"
        if text in WORKLIST_HEADERS:
            continue
        field = known.get(folded_header(text))
        if (field in fields) if field is not None else (text in extra):
            raise refused(
                name,
                zh=f"表头“{text}”出现两次。请只保留一列。",
                en=f"the header `{text}` stands twice. Keep one of the columns.",
            )
        if field is None:
            extra[text] = position
        else:
            fields[field] = position
    if columns_missing(fields, contract) and not may_be_withdrawals(contract, set(fields)):
        raise refused_for_columns(headers, fields, contract, name)
    return HeaderMatch(fields, extra)


def columns_missing(fields: Mapping[str, int], contract: Contract) -> list[ContractField]:
    """The required fields that have no column."""
    return [field for field in contract.required_fields if field.name not in fields and field.default is None]


def refused_for_columns(
    headers: tuple[str, ...], fields: Mapping[str, int], contract: Contract, name: str
) -> FileRefusedError:
    """The refusal of a file without required columns."""
    missing = columns_missing(fields, contract)
    found_zh = "、".join(headers[:40]) or "无"
    return refused(
        name,
        zh=f"缺少必填列：{'、'.join(f.label.zh for f in missing)}。文件的表头是：{found_zh}。请补上后重新导出。",
        en=f"required columns are missing: {', '.join(f'{f.name} ({f.label.zh})' for f in missing)}. "
        f"Its headers are: {', '.join(headers[:40]) or 'none'}. Add the columns and export again.",
    )


def find_headers(rows: list[tuple[str, ...]], known: Callable[[str], bool]) -> tuple[int, tuple[str, ...]] | None:
    """The headers among `rows` and the number of their last row, None if all rows are blank.

    They are the row with most known headers, two rows below one another that together hold more, or a row with merged
    cells and the one below it that names their columns.
    """
    number = header_row_of(rows, known)
    if number is None:
        return None
    headers = rows[number - 1]
    best, score = (number, headers), sum(known(value) for value in headers)
    if score == len(headers) > 1:
        return best
    for upper in (number - 1, number):
        if not 0 < upper < len(rows):
            continue
        below = [value for value in rows[upper] if value]
        joined, joined_score = joined_headers(rows[upper - 1], rows[upper], known)
        if upper == number and is_second_row(rows[upper - 1], rows[upper], known):
            return upper + 1, joined
        # A row of data below the header may hold a word that is a header too: most of it must be headers.
        groups = {value for value in joined if known(value)}
        named = sum(any(text.endswith(value) for text in groups) for value in below)
        if joined_score > score and 2 * named >= len(below):
            best, score = (upper + 1, joined), joined_score
    return best


def header_row_of(rows: list[tuple[str, ...]], known: Callable[[str], bool]) -> int | None:
    """The number of the row with most known headers among `rows`.

    Without known ones, that of the first row with most of the cells filled that any has: a title has fewer.
    """
    filled = [(number, row) for number, row in enumerate(rows[:HEADER_WITHIN], 1) if any(row)]
    best, best_score = None, 1
    for number, row in filled:
        score = sum(known(value) for value in row)
        # Titles of fields above their names: both rows are headers, and no row of data names as many.
        is_second = best == number - 1 and score == best_score >= _SECOND_ROW
        if score > best_score or is_second:
            best, best_score = number, score
        if score == len(row) > 1:
            break
    widest = max((sum(map(bool, row)) for _, row in filled), default=0)
    return best or next((number for number, row in filled if 3 * sum(map(bool, row)) >= 2 * widest), None)
