"""Integers, amounts and measures as exports write them: thousands commas, full-width digits, `12.0`, `0.17万元`."""

import polars as pl

MONEY = pl.Decimal(18, 2)

_FULL_WIDTH = {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {"．": ".", "－": "-", "，": ",", "＋": "+"}
_TEN_THOUSANDS = r"\d\s*万$"
_GROUPED = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$"


def plain_numbers(values: pl.Series) -> pl.Series:
    """Text with ASCII digits and without thousands commas, currency signs and a leading plus; `0.17万` is 1700."""
    text = pl.col("text").str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))
    text = text.str.strip_chars().str.replace(r"^[¥￥]\s*", "").str.replace(r"\s*元$", "")
    ten_thousands = text.str.contains(_TEN_THOUSANDS)
    text = pl.when(ten_thousands).then(text.str.replace(r"\s*万$", "")).otherwise(text)
    text = pl.when(text.str.contains(_GROUPED)).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    text = text.str.replace(r"^\+", "")
    scaled = (text.cast(pl.Decimal(28, 10), strict=False) * 10_000).cast(pl.Decimal(28, 10), strict=False)
    plain = scaled.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.DataFrame({"text": values}).select(pl.when(ten_thousands).then(plain).otherwise(text)).to_series()


def _with_rest(values: pl.Series, read: pl.Series, rest_reader: pl.Expr) -> pl.Series:
    if read.null_count() == values.null_count():
        return read
    unread = values.is_not_null() & read.is_null()
    rest = values.filter(unread).unique()
    known = (
        pl.DataFrame({"text": rest, "plain": plain_numbers(rest)})
        .select("text", rest_reader.alias("number"))
        .drop_nulls()
    )
    joined = pl.DataFrame({"text": values}).join(known, on="text", how="left", maintain_order="left")["number"]
    return read.zip_with(read.is_not_null(), joined.cast(read.dtype))


def read_integers(values: pl.Series, first: pl.Series | None = None) -> pl.Series:
    """64-bit integers; `12.0` is 12, `12.5` and text are NULL. `first` is what a plain cast read."""
    read = values.cast(pl.Int64, strict=False) if first is None else first
    whole = pl.when(pl.col("plain").str.contains(r"^-?\d{1,18}(?:\.0*)?$")).then(
        pl.col("plain").str.replace(r"\.0*$", "")
    )
    return _with_rest(values, read, whole.cast(pl.Int64, strict=False))


def read_amounts(values: pl.Series) -> pl.Series:
    """Exact DECIMAL(18,2) yuan, a fraction of a fen rounded half up; NULL for text and for 1.2E+7.

    The contract holds amounts in two decimals. Sources have more where a rate was multiplied or 万元 were turned to
    yuan, and spreadsheets add the noise of binary fractions (`0.30000000000000004`).
    """
    exact = values.str.contains(r"^-?\d{1,16}(?:\.\d{1,2})?$")
    read = (values if exact.all() else values.set(~exact, None)).cast(MONEY, strict=False)
    number = pl.when(pl.col("plain").str.contains(r"^-?\d{1,16}(?:\.\d*)?$")).then(
        pl.col("plain").str.strip_chars_end(".")
    )
    rounded = number.cast(pl.Decimal(38, 18), strict=False).round(2, mode="half_away_from_zero")
    return _with_rest(values, read, rounded.cast(MONEY, strict=False))


def read_measures(values: pl.Series, first: pl.Series | None = None) -> pl.Series:
    """Double-precision numbers; NULL for text, infinities and NaN. `first` is what a plain cast read."""
    read = values.cast(pl.Float64, strict=False) if first is None else first
    if not read.is_finite().all():
        read = read.set(~read.is_finite(), None)
    finite = pl.col("plain").cast(pl.Float64, strict=False)
    return _with_rest(values, read, pl.when(finite.is_finite()).then(finite))
