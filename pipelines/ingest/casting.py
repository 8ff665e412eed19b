"""One text column to the type of its field, and the faults that keep rows out.

Everything works on whole columns: a mask is made only where a column holds something unread.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import ContractField, FieldType
from pipelines.ingest.codes import read_booleans, read_codes, read_lists
from pipelines.ingest.dates import read_datetimes
from pipelines.ingest.first_look import Look, is_identifier
from pipelines.ingest.numbers import read_amounts, read_integers, read_measures

#: What a spreadsheet makes of a long number: 1.2E+17.
_SCIENTIFIC = r"^[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}$"
#: What a spreadsheet shows for a formula that failed.
ERROR_VALUES = (
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
)
#: What stands in the place of a formula that has no stored value.
UNCALCULATED = "#未计算 not calculated"

#: Full-width letters, digits and the signs of codes; brackets stay, for document numbers are written with them.
_PLAIN = {0xFF01 + at: 0x21 + at for at in range(94) if chr(0x21 + at).isalnum() or chr(0x21 + at) in "-_./#"} | {
    0x00A0: 0x20, 0x3000: 0x20, 0x200B: None, 0xFEFF: None,
}  # fmt: skip

_UNREAD = {
    "date": "UNREADABLE_DATE",
    "datetime": "UNREADABLE_DATE",
    "integer": "UNREADABLE_NUMBER",
    "money": "UNREADABLE_NUMBER",
    "number": "UNREADABLE_NUMBER",
    "boolean": "UNREADABLE_BOOLEAN",
    "code": "UNKNOWN_CODE",
    "list": "UNKNOWN_CODE",
}


@dataclass(frozen=True)
class Fault:
    """The rows of one column that break one rule: `mask` is true for each of them."""

    field: ContractField
    reason_code: str
    mask: pl.Series


def _read(values: pl.Series, look: Look, field: ContractField, contracts: Contracts) -> pl.Series:
    match field.type:
        case "text":
            return values
        case "code":
            codes = contracts.codes_of(field)
            assert codes is not None  # noqa: S101 - the contract's own validation holds it
            return values if look.all_codes else read_codes(values, codes)
        case "list":
            return read_lists(values, contracts.codes_of(field))
        case "date":
            return read_datetimes(values, look.read).cast(pl.Date)
        case "datetime":
            return read_datetimes(values, look.read)
        case "integer":
            return read_integers(values, look.read)
        case "money":
            return read_amounts(values)
        case "number":
            return read_measures(values, look.read)
        case "boolean":
            return read_booleans(values)


def cast_field(
    values: pl.Series, field: ContractField, contracts: Contracts, look: Look
) -> tuple[pl.Series, list[Fault]]:
    """The typed column and its faults; `values` is text, blank already NULL, `look` its first look.

    A required field that is NULL is a fault; a field with a default takes it where NULL.
    """
    faults: list[Fault] = []

    def add(reason_code: str, mask: pl.Series) -> None:
        mask = mask.fill_null(value=False)
        if mask.any():
            faults.append(Fault(field, reason_code, mask))

    if look.has_wide:
        values = plain_identifiers(values)
    failed = values.is_in([*ERROR_VALUES, UNCALCULATED]).fill_null(value=False) if look.may_hold_errors else None
    if failed is not None and failed.any():
        add("ERROR_CELL", failed & (values != UNCALCULATED))
        add("UNCALCULATED_CELL", failed & (values == UNCALCULATED))
        values = values.set(failed, None)
    if values.null_count() == values.len():
        typed = pl.repeat(None, values.len(), dtype=stored_type(field), eager=True)
    else:
        typed = _read(values, look, field, contracts)
        if typed.null_count() != values.null_count():
            add(_UNREAD[field.type], typed.is_null() & values.is_not_null())
    if field.type in ("text", "list"):
        _check_text(values, typed, look, field, add)
    if field.minimum is not None and typed.len() > typed.null_count():
        add("BELOW_MINIMUM", typed < field.minimum)
    if field.maximum is not None and typed.len() > typed.null_count():
        add("ABOVE_MAXIMUM", typed > field.maximum)
    if field.default is not None and typed.null_count():
        typed = typed.fill_null(field.default)
    elif field.required and values.null_count():
        add("MISSING_REQUIRED", values.is_null() if failed is None else values.is_null() & ~failed)
    return typed.alias(field.name), faults


def plain_identifiers(values: pl.Series) -> pl.Series:
    """Identifiers with full-width letters, digits and signs made plain, no-break blanks ordinary ones."""
    held = values.drop_nulls().unique()
    plain = {
        text: text.translate(_PLAIN).strip()
        for text in held.filter(held.str.len_bytes() != held.str.len_chars()).to_list()
    }
    changed = {text: to for text, to in plain.items() if text != to}
    return values.replace(changed) if changed else values


def _check_text(
    values: pl.Series, typed: pl.Series, look: Look, field: ContractField, add: Callable[[str, pl.Series], None]
) -> None:
    if field.max_length is not None and look.longest > field.max_length:
        add("TOO_LONG", typed.str.len_chars() > field.max_length)
    if is_identifier(field) and look.has_exponent:
        add("MANGLED_ID", values.str.contains(_SCIENTIFIC))


def stored_type(field: ContractField) -> pl.DataType | type[pl.DataType]:
    """The Polars type that goes into the field's column of `raw`."""
    return _STORED[field.type]


_STORED: dict[FieldType, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "code": pl.String,
    "list": pl.String,
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
    "integer": pl.Int64,
    "money": pl.Decimal(18, 2),
    "number": pl.Float64,
    "boolean": pl.Boolean,
}


def limit_of(field: ContractField, reason_code: str, contracts: Contracts) -> tuple[str, str]:
    """What the text of a reason names beside the field, in Chinese and English."""
    if reason_code == "UNKNOWN_CODE":
        codes = contracts.codes_of(field)
        if codes is None:
            return "", ""
        shown = list(codes.codes.items())[:20]
        return "、".join(f"{code} {label.zh}" for code, label in shown), ", ".join(code for code, _ in shown)
    if reason_code == "UNREADABLE_NUMBER":
        words = {"integer": ("整数", "whole"), "money": ("元", "yuan")}
        return words.get(field.type, ("数值", "decimal"))
    if reason_code in ("BELOW_MINIMUM", "ABOVE_MAXIMUM"):
        bound = field.minimum if reason_code == "BELOW_MINIMUM" else field.maximum
        return f"{bound:g}", f"{bound:g}"
    return (str(field.max_length),) * 2 if reason_code == "TOO_LONG" else ("", "")
