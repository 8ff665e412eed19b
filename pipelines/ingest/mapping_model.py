"""The shape of a mapping: how a table that somebody else designed becomes records of the contract.

A mapping is YAML. Every scalar is read as it is written (`2026-01-05`, `是`, `007` stay text).
"""

import fnmatch
import re
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator


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
    together identify the record: a digest of them is the value, after `prefix`).
    Then `values` (exact, else ignoring case with `ignore_case`) and `patterns`; a value in neither becomes
    `default` if there is one, else `unlisted` says: `reject` (quarantine, as if no choice is given), `keep`, `empty`.
    Then `date_format` (strptime) and `time_zone` (of the source), `unit` (万元 is multiplied to yuan), `split`
    (a regular expression between the members of a list).
    """

    source: str | None = Field(default=None, alias="from")
    constant: str | None = None
    template: str | None = None
    key: tuple[str, ...] | None = None
    prefix: str = ""
    values: dict[str, str] = Field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    ignore_case: bool = False
    default: str | None = None
    unlisted: Literal["reject", "keep", "empty"] = "reject"
    date_format: str | None = None
    time_zone: str | None = None
    unit: Literal["元", "万元", "yuan", "ten_thousand_yuan"] | None = None
    split: str | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Column":
        given = [
            name
            for name, value in (
                ("from", self.source),
                ("constant", self.constant),
                ("template", self.template),
                ("key", self.key),
            )
            if value is not None
        ]
        if len(given) != 1:
            raise ValueError(f"give exactly one of from, constant, template, key (found {', '.join(given) or 'none'})")
        if self.prefix and self.key is None:
            raise ValueError("`prefix` belongs to `key`")
        if self.time_zone is not None and self.date_format is None:
            raise ValueError("`time_zone` needs `date_format`")
        if self.split is not None:
            _regular_expression(self.split)
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
        return self.key or ()


def _short_form(value: object) -> object:
    """`object_name: DBA` is short for `object_name: {from: DBA}`."""
    return {"from": value} if isinstance(value, str) else value


class Filter(_Strict):
    """Rows that are no records: exactly one condition on `column`; `reason` is reported with the count."""

    column: str
    equals: str | None = None
    among: tuple[str, ...] | None = None
    matches: str | None = None
    empty: bool | None = None
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_condition(self) -> "Filter":
        given = [name for name in ("equals", "among", "matches", "empty") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of equals, among, matches, empty (found {', '.join(given) or 'none'})")
        if self.matches is not None:
            _regular_expression(self.matches)
        return self


class Deduplicate(_Strict):
    """Of rows equal in `by` only the first is a record; the others are filtered with `reason`."""

    by: tuple[str, ...] = Field(min_length=1)
    reason: str = "repeated key"


class Read(_Strict):
    """How to read the file; what is left out is found out. `header_row` counts from 1."""

    sheet: str | None = None
    header_row: int | None = Field(default=None, ge=1, le=1000)
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5"] | None = None
    separator: str | None = Field(default=None, min_length=1, max_length=1)


class Source(_Strict):
    """One table of the source and the entity it becomes. The same file may be the source of several entities."""

    files: tuple[str, ...] = Field(min_length=1)
    entity: str
    read: Read = Read()
    columns: dict[str, Annotated[Column, BeforeValidator(_short_form)]] = Field(min_length=1)
    filters: tuple[Filter, ...] = ()
    distinct: bool = False
    distinct_reason: str = "exact repeat"
    deduplicate: Deduplicate | None = None
    extra: Literal["keep", "drop"] = "keep"

    def takes(self, name: str) -> bool:
        """Whether the file called `name` (a path below the folder given) is one of this source."""
        lowered = name.lower()
        base = lowered.rsplit("/", 1)[-1]
        return any(fnmatch.fnmatch(text, pattern.lower()) for pattern in self.files for text in (lowered, base))

    def headers(self) -> tuple[str, ...]:
        """Every header that the mapping reads."""
        named = [header for column in self.columns.values() for header in column.headers()]
        named += [one.column for one in self.filters]
        named += self.deduplicate.by if self.deduplicate is not None else ()
        return tuple(dict.fromkeys(named))


class MappingContent(_Strict):
    """A whole mapping: constant ledger rows and sources."""

    rows: dict[str, tuple[dict[str, str], ...]] = Field(default_factory=dict)
    sources: tuple[Source, ...] = Field(min_length=1)
