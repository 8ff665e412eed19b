"""Codes, lists and yes/no: what exports write for them, to what the warehouse stores."""

import re
import unicodedata

import polars as pl

from pipelines.contract.model import CodeList

_TRUE = ("true", "是", "1", "y", "yes", "t", "1.0")
_FALSE = ("false", "否", "0", "n", "no", "f", "0.0")
BOOLEANS = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)

#: What separates the members of a list; a comma only where no other separator is used.
_SEPARATORS = re.compile(r"\s*[;；、\n]\s*")
_COMMAS = re.compile(r"\s*[,，]\s*")


#: Up to so many values Python is faster than a query, whose fixed cost small files would pay for every column.
_FEW = 2_000


def spellings(codes: CodeList) -> dict[str, str]:
    """Every accepted spelling of a code (folded as `_fold` does) → the code."""
    found: dict[str, str] = {}
    for code in codes.codes:
        found.setdefault(_fold(code), code)
    for code, label in codes.codes.items():
        for text in (label.zh, label.en, f"{code} {label.zh}", f"{label.zh} {code}", f"{code} {label.en}"):
            found.setdefault(_fold(text), code)
    return found


def _fold(text: str) -> str:
    # NFKC makes full-width letters and digits plain ones.
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def _by_value(values: pl.Series, known: dict[str, object], dtype: type[pl.DataType]) -> pl.Series:
    """Each value replaced by `known`; NULL where it has none."""
    if values.len() <= _FEW:
        return pl.Series(values.name, [known.get(text) for text in values.to_list()], dtype=dtype)
    pairs = pl.DataFrame({"text": list(known), "read": list(known.values())}, schema={"text": pl.String, "read": dtype})
    joined = pl.DataFrame({"text": values}).join(pairs, on="text", how="left", maintain_order="left")
    return joined["read"].alias(values.name)


def _distinct(values: pl.Series) -> list[str]:
    if values.len() <= _FEW:
        return [text for text in dict.fromkeys(values.to_list()) if text is not None]
    return values.drop_nulls().unique().to_list()


def read_codes(values: pl.Series, codes: CodeList) -> pl.Series:
    """Codes of a text column: `code`, `code 中文`, `中文` in any case; NULL where unknown."""
    accepted = spellings(codes)
    known: dict[str, object] = {
        text: accepted[folded] for text in _distinct(values) if (folded := _fold(text)) in accepted
    }
    return _by_value(values, known, pl.String)


def read_booleans(values: pl.Series) -> pl.Series:
    """True and false; NULL where the text is neither."""
    known: dict[str, object] = {
        text: BOOLEANS[folded] for text in _distinct(values) if (folded := _fold(text)) in BOOLEANS
    }
    return _by_value(values, known, pl.Boolean)


def _members(text: str) -> list[str]:
    pattern = _SEPARATORS if _SEPARATORS.search(text) else _COMMAS
    return [member for member in pattern.split(text.strip()) if member]


def read_lists(values: pl.Series, codes: CodeList | None) -> pl.Series:
    """Lists as their members joined by `;`, a member named twice kept once.

    With a code list each member becomes its code, and a list with an unknown member is NULL.
    """
    accepted = spellings(codes) if codes is not None else None
    known: dict[str, object] = {}
    for text in _distinct(values):
        members = _members(text)
        if accepted is not None:
            folded = [_fold(member) for member in members]
            if not all(member in accepted for member in folded):
                continue
            members = [accepted[member] for member in folded]
        if members:
            known[text] = ";".join(dict.fromkeys(members))
    return _by_value(values, known, pl.String)
