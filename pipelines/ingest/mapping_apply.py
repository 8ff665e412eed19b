"""Applies a mapping: a table under foreign headers becomes one under the contract's field names.

The result is still text: the caster that reads every other file reads it too.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from pipelines.contract.model import MASK, Contract
from pipelines.ingest.around_table import NOTE_ROW, TOTAL_ROW, rows_around
from pipelines.ingest.calendars import to_iso
from pipelines.ingest.expressions import read_expression
from pipelines.ingest.headers import WORKLIST_HEADERS, HeaderMatch
from pipelines.ingest.mapping_model import REPEAT, Column, Filter, Source
from pipelines.ingest.money_units import OWN_UNIT, MoneyColumn, refuse_unknown_units
from pipelines.ingest.numbers import plain_numbers
from pipelines.ingest.reasons import refused
from pipelines.ingest.text_table import (
    BLANKS,
    PLACEHOLDERS,
    RowFault,
    TextTable,
    placeholders_emptied,
    rows_with_values,
    trimmed,
)

_SEPARATOR = "\x1f"
_DIGEST = 20
_UNLISTED = "\x00unlisted"
REPEATED_NEVER = "计数为零 a count of none"
MOST_REPEATED = 20_000_000


@dataclass(frozen=True)
class Mapped:
    """A table of the contract's fields, where each stands, and the rows left out by reason."""

    table: TextTable
    match: HeaderMatch
    filtered: Counter[str]


def _positions(headers: tuple[str, ...], source: Source, name: str) -> dict[str, str]:
    """Header as the mapping writes it → column of the frame; refuses a header that is missing."""
    missing = source.missing(headers)
    if missing:
        raise refused(
            name,
            zh=f"映射所用的列不在文件中：{'、'.join(missing)}。文件的表头是：{'、'.join(headers[:40])}。",
            en=f"columns that the mapping reads are missing: {', '.join(missing)}. "
            f"The file's headers are: {', '.join(headers[:40])}.",
        )
    places = {header: source.place_of(header, headers) for header in source.headers()}
    at = {header: str(place) for header, place in places.items() if place is not None}
    return at | {REPEAT: str(len(headers))} if source.repeat is not None else at


def _matches(one: Filter, at: dict[str, str]) -> pl.Expr:
    if one.where is not None:
        return read_expression(one.where).over(at).fill_null(value=False)
    column = pl.col(at[one.column])
    if one.empty is not None:
        holds = (~column.is_in(list(PLACEHOLDERS - {MASK}))).fill_null(value=False)
        return ~holds if one.empty else holds
    if one.matches is not None:
        return column.str.contains(f"^(?:{one.matches})$").fill_null(value=False)
    return column.is_in(list(one.among or (one.equals or "",))).fill_null(value=False)


@dataclass
class _Rows:
    """The rows of a source still in play: as they came, trimmed, and their numbers."""

    came: pl.DataFrame
    clean: pl.DataFrame
    numbers: pl.Series

    def keep(self, mask: pl.Series) -> None:
        self.came, self.clean = self.came.filter(mask), self.clean.filter(mask)
        self.numbers = self.numbers.filter(mask)


def _records_of(table: TextTable, source: Source, at: dict[str, str], name: str) -> tuple[_Rows, Counter[str]]:
    """The rows that are records, and how many were left out for which reason.

    Exact repeats are compared as they came: two rows that differ in a blank are two rows.
    """
    rows = _Rows(table.frame, trimmed(table.frame), table.row_numbers)
    if (filled := rows_with_values(rows.clean)) is not None:
        rows.keep(filled)
    filtered: Counter[str] = Counter(table.filtered)

    def leave_out(mask: pl.Series, reason: str) -> None:
        if count := int(mask.sum()):
            filtered[reason] += count
            rows.keep(~mask)

    for reason in (TOTAL_ROW, NOTE_ROW):
        if (around := rows_around(rows.clean).get(reason)) is not None:
            leave_out(around, reason)
    if source.distinct and rows.came.height:
        leave_out(~rows.came.select(pl.struct(pl.all()).is_first_distinct()).to_series(), source.distinct_reason)
    for one in source.filters:
        leave_out(rows.clean.select(_matches(one, at).alias("mask")).to_series(), one.reason)
    if source.deduplicate is not None and rows.clean.height:
        by = [at[header] for header in source.deduplicate.by]
        leave_out(~rows.clean.select(pl.struct(by).is_first_distinct()).to_series(), source.deduplicate.reason)
    if source.repeat is not None:
        count = read_expression(source.repeat).over(at).fill_null(0).alias("count")
        times = rows.clean.select(count).to_series().round(0).clip(lower_bound=0).cast(pl.Int64)
        leave_out(times <= 0, REPEATED_NEVER)
        _repeat(rows, times.filter(times > 0), at[REPEAT], name)
    return rows, filtered


def _repeat(rows: _Rows, times: pl.Series, column: str, name: str) -> None:
    """Every row as often as `times` says, numbered from 1 in `column`."""
    if int(times.sum()) > MOST_REPEATED:
        raise refused(
            name,
            zh=f"映射的 repeat 会产生超过 {MOST_REPEATED:,} 条记录。请检查所用的列。",
            en=f"`repeat` of the mapping would make more than {MOST_REPEATED:,} records. Check the columns it reads.",
        )
    counted = pl.DataFrame({"row": pl.int_range(0, times.len(), eager=True), "times": times})
    at = counted.select(pl.col("row").repeat_by("times").explode())["row"].drop_nulls()
    number = at.to_frame().select(pl.int_range(1, pl.len() + 1).over("row").cast(pl.String)).to_series().alias(column)
    rows.came = rows.came[at].with_columns(number)
    rows.clean = rows.clean[at].with_columns(number)
    rows.numbers = rows.numbers[at]


def _origin(column: Column, rows: _Rows, at: dict[str, str], *, is_id: bool, is_personal: bool) -> pl.Series:
    """The text that a field begins with; one without a character is NULL."""
    if column.source is not None:
        return rows.clean[at[column.source]]
    if column.constant is not None:
        return pl.repeat(column.constant or None, rows.clean.height, dtype=pl.String, eager=True)
    if column.join is not None:
        parts = _parts(rows.clean, (at[header] for header in column.join), is_personal=is_personal)
        members = parts.select(pl.concat_list([pl.col(at[header]) for header in column.join]).alias("members"))
        return members.select(pl.col("members").list.drop_nulls().list.join(";").replace("", None)).to_series()
    if column.expression is not None:
        made = rows.clean.select(read_expression(column.expression).text_over(at).alias("value")).to_series()
    elif column.key is not None:
        made = _digests(column, rows.came.select(at[header] for header in dict.fromkeys(column.key)))
    else:
        made = _filled_in(column.template or "", rows.clean, at, is_personal=is_personal)
    held = made.alias("value").to_frame().select(pl.when(pl.col("value").str.strip_chars(BLANKS) != "").then("value"))
    needed = [at[header] for header in column.needed()] if is_id else []
    if not needed:
        return held.to_series()
    return held.to_series().set(_any_empty(rows.clean, needed, is_personal=is_personal), None)


def _parts(clean: pl.DataFrame, columns: Iterable[str], *, is_personal: bool) -> pl.DataFrame:
    """The columns that a value is put together of, `—` and the like empty."""
    parts = clean.select(list(dict.fromkeys(columns)))
    return placeholders_emptied(parts, frozenset(parts.columns) if is_personal else frozenset())


def _any_empty(clean: pl.DataFrame, columns: list[str], *, is_personal: bool) -> pl.Series:
    """The rows in which one of the columns is empty."""
    return _parts(clean, columns, is_personal=is_personal).select(pl.any_horizontal(pl.all().is_null())).to_series()


def _digests(column: Column, came: pl.DataFrame) -> pl.Series:
    """A digest of every row as it came: rows that differ in a blank are two records."""
    joined = came.select(pl.concat_str(pl.all().fill_null(""), separator=_SEPARATOR)).to_series()
    digests = [hashlib.sha256(text.encode("utf-8")).hexdigest()[:_DIGEST] for text in joined.to_list()]
    return pl.Series(digests, dtype=pl.String).str.replace("^", column.prefix.replace("$", "$$"))


def _filled_in(template: str, clean: pl.DataFrame, at: dict[str, str], *, is_personal: bool) -> pl.Series:
    """A template with the values of every row; empty where it names columns and all of them are."""
    pieces = re.split(r"\{([^{}]+)\}", template)
    parts = _parts(clean, (at[piece] for piece in pieces[1::2]), is_personal=is_personal)
    expressions = [
        pl.col(at[piece]).fill_null("") if index % 2 else pl.lit(piece)
        for index, piece in enumerate(pieces)
        if index % 2 or piece
    ]
    filled = pl.concat_str(expressions)
    return parts.select(pl.when(pl.any_horizontal(pl.all().is_not_null())).then(filled).alias("value")).to_series()


def _translated(column: Column, values: pl.Series, *, is_personal: bool) -> pl.Series:
    """Listed values replaced; one that is listed nowhere and not allowed becomes the mark `_UNLISTED`.

    The mask of personal data stays, unless it is listed.
    """
    exact = {text.casefold() if column.ignore_case else text: to for text, to in column.values.items()}
    flags = re.IGNORECASE if column.ignore_case else 0
    patterns = [(re.compile(one.match, flags), one.to) for one in column.patterns]

    def translate(text: str) -> str | None:
        found = exact.get(text.casefold() if column.ignore_case else text)
        if found is None:
            found = next((to for pattern, to in patterns if pattern.fullmatch(text)), None)
        if found is not None:
            return found or None
        if is_personal and text == MASK:
            return text
        if column.default is not None:
            return column.default or None
        if text in PLACEHOLDERS:
            return None
        return {"keep": text, "empty": None, "reject": _UNLISTED}[column.unlisted]

    distinct = values.drop_nulls().unique().to_list()
    replaced = values.replace_strict(distinct, [translate(text) for text in distinct], return_dtype=pl.String)
    return replaced.fill_null(column.default) if column.default else replaced


def _transformed(column: Column, values: pl.Series) -> pl.Series:
    if column.date_format is not None:
        text = pl.col("text")
        moment = text.str.to_datetime(column.date_format, time_unit="us", strict=False)
        if not re.search(r"%[HIMSpTRfs]", column.date_format):
            moment = text.str.to_date(column.date_format, strict=False).cast(pl.Datetime("us"))
        if column.time_zone is not None:
            # A local time that a clock change skipped or repeated stays unread, and so goes to quarantine.
            moment = moment.dt.replace_time_zone(column.time_zone, ambiguous="null", non_existent="null")
            moment = moment.dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
        iso = moment.dt.strftime("%Y-%m-%d %H:%M:%S%.f")
        unread = pl.concat_str(pl.lit("? "), text)
        values = pl.DataFrame({"text": values}).select(pl.coalesce(iso, unread)).to_series()
    if column.calendar is not None:
        values = to_iso(values, column.calendar)
    if column.unit in ("万元", "ten_thousand_yuan"):
        yuan = plain_numbers(values).cast(pl.Decimal(28, 10), strict=False) * 10_000
        text_of_yuan = yuan.cast(pl.Decimal(28, 10), strict=False).cast(pl.String)
        # A value that names its own unit (`1700元`, `0.17万元`) is read by what it says.
        scaled = text_of_yuan.is_not_null() & ~values.str.contains(OWN_UNIT).fill_null(value=False)
        values = text_of_yuan.zip_with(scaled, values)
    if column.split is not None:
        values = _split(values, column.split, column.carry)
    return values


def _split(values: pl.Series, separator: str, carry: str | None) -> pl.Series:
    """The members of a list, joined by `;`."""
    between = re.compile(separator)
    beginning = re.compile(carry) if carry is not None else None

    def split(text: str) -> str | None:
        members, before = [], ""
        for part in between.split(text):
            member = (part or "").strip(BLANKS + ";；。").replace("、", "/")
            if not member:
                continue
            if beginning is not None:
                found = beginning.match(member)
                before = found[0] if found is not None else before
                member = member if found is not None else before + member
            members.append(member)
        return ";".join(dict.fromkeys(members)) or None

    distinct = values.drop_nulls().unique().to_list()
    return values.replace_strict(distinct, [split(text) for text in distinct], return_dtype=pl.String)


def _is_id(field: str, contract: Contract) -> bool:
    """Whether the field tells records apart, or names another one."""
    return field in contract.key or field.endswith("_id") or contract.field(field).references is not None


def _money_columns(table: TextTable, source: Source, at: dict[str, str], contract: Contract) -> list[MoneyColumn]:
    """The columns that become amounts and of which the mapping gives no unit."""
    found = []
    for field, column in source.columns.items():
        if contract.field(field).type != "money" or column.unit is not None:
            continue
        for header in column.headers():
            if header != REPEAT:
                values = trimmed(table.frame.select(at[header])).to_series() if column.source is not None else None
                found.append(MoneyColumn(field, table.headers[int(at[header])], values))
    return found


def apply_mapping(table: TextTable, source: Source, name: str, contract: Contract) -> Mapped:
    """The records of `table` as `source` describes them.

    Rows left out by `distinct`, `filters` and `deduplicate` (in this order) are counted by reason. Columns that the
    mapping does not read stay as extra columns unless `extra: drop`. Masks stay in fields of personal data.
    Refuses a table without a column that the mapping reads, and one whose amounts are in a unit that nobody gives.
    """
    at = _positions(table.headers, source, name)
    refuse_unknown_units(table, name, _money_columns(table, source, at, contract))
    rows, filtered = _records_of(table, source, at, name)
    frame, numbers = rows.clean, rows.numbers
    faults = list(table.faults)
    columns: dict[str, pl.Series] = {}
    bad = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    for field, column in source.columns.items():
        is_personal = contract.field(field).pii
        values = _origin(column, rows, at, is_id=_is_id(field, contract), is_personal=is_personal)
        masked = {values.name} if is_personal else frozenset()
        if column.translates or column.default is not None:
            found = values
            if not column.translates:
                values = placeholders_emptied(values.to_frame(), masked).to_series()
            values = (
                _translated(column, values, is_personal=is_personal)
                if column.translates
                else values.fill_null(column.default)
            )
            unlisted = (values == _UNLISTED).fill_null(value=False)
            if unlisted.any():
                bad = bad | unlisted
                faults += [
                    RowFault(number, "UNMAPPED_VALUE", column=field, value=value)
                    for number, value in zip(
                        numbers.filter(unlisted).to_list(), found.filter(unlisted).to_list(), strict=True
                    )
                ]
        elif column.constant is None:
            values = placeholders_emptied(values.to_frame(), masked).to_series()
        columns[field] = _transformed(column, values)
    used = set(at.values())
    extra = (
        {
            header or f"column_{position + 1}": str(position)
            for position, header in enumerate(table.headers)
            if str(position) not in used
        }
        if source.extra == "keep"
        else {}
    )
    names = (*columns, *extra)
    series = [*columns.values(), *(frame[position] for position in extra.values())]
    mapped = pl.DataFrame([one.alias(str(position)) for position, one in enumerate(series)])
    if bad.any():
        mapped, numbers = mapped.filter(~bad), numbers.filter(~bad)
    match = HeaderMatch(
        fields={field: position for position, field in enumerate(columns)},
        extra={
            header: len(columns) + position for position, header in enumerate(extra) if header not in WORKLIST_HEADERS
        },
    )
    return Mapped(
        replace(table, headers=names, frame=mapped, row_numbers=numbers, faults=tuple(faults), bytes={}),
        match,
        filtered,
    )


def constant_rows(rows: tuple[dict[str, str], ...]) -> tuple[TextTable, HeaderMatch]:
    """The constant rows of a ledger that a mapping supplies, numbered from 1."""
    fields = tuple(dict.fromkeys(field for row in rows for field in row))
    frame = pl.DataFrame(
        {
            str(position): pl.Series([row.get(field) or None for row in rows], dtype=pl.String)
            for position, field in enumerate(fields)
        }
    )
    numbers = pl.int_range(1, 1 + len(rows), dtype=pl.Int64, eager=True).alias("row_number")
    table = TextTable(fields, frame, numbers, (), "yml", "utf-8")
    return table, HeaderMatch({field: position for position, field in enumerate(fields)}, {})
