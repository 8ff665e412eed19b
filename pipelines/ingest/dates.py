"""Dates and times as exports write them, to timestamps in Shanghai local time.

The usual forms are tried as whole columns; only what they leave unread goes through the patterns.
"""

import re
from datetime import datetime

import polars as pl

#: Forms that a whole column is read in at once, each with the pattern by which one value shows it.
_USUAL = tuple(
    (re.compile(day.replace("%Y", r"\d{4}").replace("%m", r"\d{1,2}").replace("%d", r"\d{1,2}") + pattern), day + time)
    for day in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")
    for pattern, time in (
        (r"", ""),
        (r" \d{1,2}:\d{2}", " %H:%M"),
        (r" \d{1,2}:\d{2}:\d{2}", " %H:%M:%S"),
        (r"T\d{2}:\d{2}:\d{2}", "T%H:%M:%S"),
    )
)

#: A date before it is a slip of the keyboard (0206-01-05), not a date of this work.
EARLIEST = datetime(1900, 1, 1)
#: How many usual forms one column may mix before its rest is read value by value.
_MOST_FORMS = 3

_FULL_WIDTH = {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {
    "：": ":", "－": "-", "／": "/", "．": ".", "\u3000": " ", "\u00a0": " ",
}  # fmt: skip

# `[0-9]` and not a class of all digits there are: such a class takes milliseconds to compile.
_CALENDAR = (
    r"^(?P<year>[0-9]{4})\s*[-/.年]\s*(?P<month>[0-9]{1,2})\s*[-/.月]\s*(?P<day>[0-9]{1,2})\s*日?"
    r"(?:[T\s]*(?P<hour>[0-9]{1,2})\s*[:时点]\s*(?P<minute>[0-9]{1,2})\s*分?(?:\s*[:]?\s*(?P<second>[0-9]{1,2})(?P<fraction>\.[0-9]{1,9})?\s*秒?)?)?"
    r"\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_COMPACT = (
    r"^(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:[T\s]?(?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2}):?(?P<second>[0-9]{2})?)?(?P<fraction>\.0+)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
#: Days since 1899-12-30, with the time as a fraction: 20000 is in 1954, 79999 in 2119.
_SERIAL = r"^[2-7][0-9]{4}(?:\.[0-9]+)?$"


def _from_parts(text: pl.Expr, pattern: str) -> pl.Expr:
    parts = text.str.extract_groups(pattern)

    def part(name: str, otherwise: str) -> pl.Expr:
        found = parts.struct.field(name)
        return pl.when(found.is_null() | (found == "")).then(pl.lit(otherwise)).otherwise(found)

    joined = pl.concat_str(
        parts.struct.field("year"),
        pl.lit("-"),
        part("month", "").str.zfill(2),
        pl.lit("-"),
        part("day", "").str.zfill(2),
        pl.lit(" "),
        part("hour", "00").str.zfill(2),
        pl.lit(":"),
        part("minute", "00").str.zfill(2),
        pl.lit(":"),
        part("second", "00").str.zfill(2),
        part("fraction", ".0"),
    )
    moment = joined.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False, cache=False)
    zone = part("zone", "+08:00").str.replace("Z", "+00:00", literal=True).str.replace(":", "", literal=True)
    minutes = zone.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + zone.str.slice(3, 2).cast(pl.Int64, strict=False)
    signed = pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes)
    return moment + pl.duration(minutes=pl.lit(480) - signed)


def _from_serial(text: pl.Expr) -> pl.Expr:
    days = pl.when(text.str.contains(_SERIAL)).then(text).otherwise(None).cast(pl.Float64, strict=False)
    seconds = (days * 86_400).round(0).cast(pl.Int64)
    return pl.lit("1899-12-30 00:00:00").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us") + pl.duration(
        seconds=seconds
    )


def _read_rest(values: pl.Series) -> pl.Series:
    text = pl.col("text").str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values())).str.strip_chars()
    frame = pl.DataFrame({"text": values}).with_columns(text)
    return frame.select(
        pl.coalesce(
            _from_parts(pl.col("text"), _CALENDAR), _from_parts(pl.col("text"), _COMPACT), _from_serial(pl.col("text"))
        )
    ).to_series()


def read_datetimes(values: pl.Series, first: pl.Series | None = None) -> pl.Series:
    """Timestamps (microseconds, Shanghai local) of a text column; NULL where it cannot be read.

    Reads ISO with or without a zone, `2026/1/5 9:03`, `2026年1月5日`, `20260105`, Excel serials, full-width
    digits. A value with a zone is moved to Shanghai time. A day that does not exist is not read. `first` is what was
    read of the column before, NULL where nothing was.
    """
    nothing = pl.repeat(None, values.len(), dtype=pl.Datetime("us"), eager=True)
    read = nothing if first is None else first.cast(pl.Datetime("us"))
    for _ in range(_MOST_FORMS if read.null_count() > values.null_count() else 0):
        form = usual_form(values if read.null_count() == read.len() else values.filter(read.is_null()))
        if form is None:
            break
        attempt = pl.DataFrame({"text": values}).select(in_form(pl.col("text"), form)).to_series()
        read = attempt if read.null_count() == read.len() else read.zip_with(read.is_not_null(), attempt)
    if read.null_count() > values.null_count():
        unread = values.is_not_null() & read.is_null()
        rest = values.filter(unread).unique()
        known = pl.DataFrame({"text": rest, "moment": _read_rest(rest)}).drop_nulls()
        joined = pl.DataFrame({"text": values}).join(known, on="text", how="left", maintain_order="left")["moment"]
        read = read.zip_with(read.is_not_null(), joined)
    earliest = read.min()
    if isinstance(earliest, datetime) and earliest < EARLIEST:
        read = read.zip_with((read >= EARLIEST).fill_null(value=False), nothing)
    return read.alias(values.name)


def usual_form(values: pl.Series) -> str | None:
    """The usual form of the first value of a text column, None if it has none or there is no value."""
    if values.null_count() == values.len():
        return None
    text = values[0]
    if text is None:
        text = values[values.is_not_null().arg_max() or 0]
    return next((form for pattern, form in _USUAL if pattern.fullmatch(text)), None)


def in_form(text: pl.Expr, form: str) -> pl.Expr:
    """Timestamps of a text column in `form`, NULL where it does not fit."""
    # Moments seldom repeat: a cache of those that were read costs more than it spares.
    if "%H" in form:
        return text.str.to_datetime(form, time_unit="us", strict=False, cache=False)
    return text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
