"""The shape of a mapping: how a table that somebody else designed becomes records of the contract.

A mapping is YAML. Every scalar is read as it is written (`2026-01-05`, `是`, `007` stay text).
"""

import fnmatch
import re
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from pipelines.ingest.calendars import Calendar
from pipelines.ingest.databases import DatabaseSource
from pipelines.ingest.expressions import read_expression
from pipelines.ingest.headers import folded_header

#: The column that numbers the records of a repeated row.
REPEAT = "#"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _regular_expression(text: str) -> str:
    """`text` if it is a regular expression that both Python and Polars (no look-around) understand."""
    try:
        re.compile(text)
        pl.Series([""]).str.contains(text)
    except (re.error, pl.exceptions.ComputeError) as error:
        raise ValueError(f"`{text}` is not a regular expression: {error}") from error
    return text


def _python_expression(text: str | None) -> None:
    """ValueError if `text` is given and no regular expression of Python's."""
    try:
        re.compile(text or "")
    except re.error as error:
        raise ValueError(f"`{text}` is not a regular expression: {error}") from error


class Pattern(_Strict):
    """`match` is a regular expression over the whole value; `to` is what it becomes, empty for none."""

    match: str
    to: str

    @field_validator("match")
    @classmethod
    def _compiles(cls, text: str) -> str:
        return _regular_expression(text)


class Column(_Strict):
    """Where the value of one field comes from, and what is done to it, in this order.

    One of: `from` (a header of the source), `constant`, `template` (`{License}-{Date}`), `key` (headers that
    together identify the record: a digest of them is the value, after `prefix`), `join` (headers whose values are the
    members of a list), `expression` (see `expressions`).
    An id made of several columns is empty where one of them is, unless `optional` names that column: `B002-` would be
    one id of many records.
    Then `values` (exact, else ignoring case with `ignore_case`) and `patterns`; a value in neither becomes
    `default` if there is one, else `unlisted` says: `reject` (quarantine, as if no choice is given), `keep`, `empty`.
    Then `date_format` (strptime) and `time_zone` (of the source), or `calendar` (roc: 民國106年 is 2017); `unit`
    (万元 is multiplied to yuan); `split` (a regular expression between the members of a list) and `carry` (a regular
    expression: a member that does not begin with it takes what the member before began with). A `、` left inside a
    member becomes `/`.
    """

    source: str | None = Field(default=None, alias="from")
    constant: str | None = None
    template: str | None = None
    key: tuple[str, ...] | None = None
    join: tuple[str, ...] | None = None
    expression: str | None = None
    prefix: str = ""
    optional: tuple[str, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    ignore_case: bool = False
    default: str | None = None
    unlisted: Literal["reject", "keep", "empty"] = "reject"
    date_format: str | None = None
    time_zone: str | None = None
    calendar: Calendar | None = None
    unit: Literal["元", "万元", "yuan", "ten_thousand_yuan"] | None = None
    split: str | None = None
    carry: str | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Column":
        given = [
            name
            for name, value in (
                ("from", self.source),
                ("constant", self.constant),
                ("template", self.template),
                ("key", self.key),
                ("join", self.join),
                ("expression", self.expression),
            )
            if value is not None
        ]
        if len(given) != 1:
            raise ValueError(
                "give exactly one of from, constant, template, key, join, expression "
                f"(found {', '.join(given) or 'none'})"
            )
        if self.prefix and self.key is None:
            raise ValueError("`prefix` belongs to `key`")
        for header in self.optional:
            if self.source is not None or header not in self.headers():
                raise ValueError(
                    f"`optional` names `{header}`, which is none of the columns that are put together here"
                )
        if self.time_zone is not None and self.date_format is None:
            raise ValueError("`time_zone` needs `date_format`")
        if self.calendar is not None and self.date_format is not None:
            raise ValueError("give `date_format` or `calendar`, not both")
        if self.carry is not None and self.split is None:
            raise ValueError("`carry` needs `split`")
        for pattern in (self.split, self.carry):
            _python_expression(pattern)
        if self.expression is not None:
            read_expression(self.expression)
        return self

    @property
    def translates(self) -> bool:
        """Whether the source's values are listed."""
        return bool(self.values or self.patterns)

    def headers(self) -> tuple[str, ...]:
        """The headers of the source that it reads."""
        if self.source is not None:
            return (self.source,)
        if self.template is not None:
            return tuple(re.findall(r"\{([^{}]+)\}", self.template))
        if self.expression is not None:
            return read_expression(self.expression).headers
        return self.key or self.join or ()

    def needed(self) -> tuple[str, ...]:
        """The headers without whose values the value cannot tell one record from another."""
        if self.expression is not None:
            parts = read_expression(self.expression).joined
        else:
            parts = self.headers() if self.template is not None or self.key is not None else ()
        return tuple(header for header in parts if header not in self.optional)


def _short_form(value: object) -> object:
    """`object_name: DBA` is short for `object_name: {from: DBA}`."""
    return {"from": value} if isinstance(value, str) else value


class Filter(_Strict):
    """Rows that are no records: one condition on `column`, or `where`, an expression that is true for them.

    `reason` is reported with the count.
    """

    column: str = ""
    where: str | None = None
    equals: str | None = None
    among: tuple[str, ...] | None = None
    matches: str | None = None
    empty: bool | None = None
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_condition(self) -> "Filter":
        given = [name for name in ("equals", "among", "matches", "empty") if getattr(self, name) is not None]
        if self.where is not None:
            if given or self.column:
                raise ValueError("`where` stands alone: leave out `column` and its condition")
            if read_expression(self.where).kind != "truth":
                raise ValueError('`where` must be a condition, such as `{A} == "x"` or `number({A}) > 5`')
            return self
        if not self.column:
            raise ValueError("give `column` and a condition, or `where`")
        if len(given) != 1:
            raise ValueError(f"give exactly one of equals, among, matches, empty (found {', '.join(given) or 'none'})")
        if self.matches is not None:
            _regular_expression(self.matches)
        return self

    def headers(self) -> tuple[str, ...]:
        """The headers of the source that it reads."""
        return (self.column,) if self.where is None else read_expression(self.where).headers


class Deduplicate(_Strict):
    """Of rows equal in `by` only the first is a record; the others are filtered with `reason`."""

    by: tuple[str, ...] = Field(min_length=1)
    reason: str = "编号重复 repeated key"


def _one_or_several(value: object) -> object:
    """`sheet: 十月` is short for `sheet: [十月]`."""
    return (value,) if isinstance(value, str) else value


class Read(_Strict):
    """How to read the file; what is left out is found out. `header_row` counts from 1.

    `sheet` is a name or several, in which `*` stands for any text; without it every sheet with the headers is read.
    """

    sheet: Annotated[tuple[str, ...], BeforeValidator(_one_or_several)] = ()
    header_row: int | None = Field(default=None, ge=1, le=1000)
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5"] | None = None
    separator: str | None = Field(default=None, min_length=1, max_length=1)


class Source(_Strict):
    """One table of the source and the entity it becomes. The same file may be the source of several entities.

    `files` are patterns of file names; `source` is a table or query of a database instead.
    `repeat` is for tables of counts: an expression that says how many records a row stands for. Each of them has its
    number, from 1, in the column `#`, and counts as a row; a row that stands for none is filtered.
    `also_called` lists for a header of the mapping what else the column may be called in a file.
    """

    files: tuple[str, ...] = ()
    source: DatabaseSource | None = None
    entity: str
    read: Read = Read()
    also_called: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    columns: dict[str, Annotated[Column, BeforeValidator(_short_form)]] = Field(min_length=1)
    filters: tuple[Filter, ...] = ()
    distinct: bool = False
    distinct_reason: str = "完全重复的行 exact repeat"
    deduplicate: Deduplicate | None = None
    extra: Literal["keep", "drop"] = "keep"
    repeat: str | None = None

    @field_validator("repeat")
    @classmethod
    def _is_a_number(cls, text: str | None) -> str | None:
        if text is not None and read_expression(text).kind != "number":
            raise ValueError("`repeat` must give a number, such as `number({Rated})`")
        return text

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Source":
        if bool(self.files) == (self.source is not None):
            raise ValueError("give `files` or `source` (a database), one of them")
        for header in self.also_called:
            if header not in self.headers():
                raise ValueError(f"`also_called` names `{header}`, which nothing in `columns` or `filters` reads")
        return self

    def takes(self, name: str) -> bool:
        """Whether the file called `name` (a path below the folder given) is one of this source."""
        lowered = name.lower()
        base = lowered.rsplit("/", 1)[-1]
        return any(fnmatch.fnmatch(text, pattern.lower()) for pattern in self.files for text in (lowered, base))

    def headers(self) -> tuple[str, ...]:
        """Every header that the mapping reads."""
        named = [header for column in self.columns.values() for header in column.headers()]
        named += [header for one in self.filters for header in one.headers()]
        named += read_expression(self.repeat).headers if self.repeat is not None else ()
        named += self.deduplicate.by if self.deduplicate is not None else ()
        return tuple(dict.fromkeys(named))

    def place_of(self, header: str, headers: tuple[str, ...]) -> int | None:
        """Where the column of `header` stands among the `headers` of a file, under its own or another name."""
        folded = [folded_header(text) for text in headers]
        names = [folded_header(text) for text in (header, *self.also_called.get(header, ()))]
        return next((folded.index(name) for name in names if name in folded), None)

    def missing(self, headers: tuple[str, ...]) -> tuple[str, ...]:
        """The headers that the mapping reads and a file with `headers` has not."""
        made = {REPEAT} if self.repeat is not None else set()
        return tuple(one for one in self.headers() if one not in made and self.place_of(one, headers) is None)

    def spellings(self) -> frozenset[str]:
        """Every header that is looked for, folded."""
        others = [name for names in self.also_called.values() for name in names]
        return frozenset(folded_header(header) for header in (*self.headers(), *others))


class MappingContent(_Strict):
    """A whole mapping: constant ledger rows and sources."""

    rows: dict[str, tuple[dict[str, str], ...]] = Field(default_factory=dict)
    sources: tuple[Source, ...] = Field(min_length=1)
