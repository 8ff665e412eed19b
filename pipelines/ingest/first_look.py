"""One pass over all columns of a table at once: what the usual forms read, and what needs a closer look.

A clean export is read by this pass alone; it is one query, so that all columns are looked at in parallel.
What the bytes of a column rule out is not looked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import ContractField
from pipelines.ingest.column_bytes import ColumnBytes, series_bytes
from pipelines.ingest.dates import in_form, usual_form

#: Somewhere in the column a number with an exponent may stand: 1.2E+17.
_EXPONENT = r"\d[eE]\+?\d"


@dataclass(frozen=True)
class Look:
    """What the first pass found in one column.

    `read` is the column in the field's usual form, NULL where that form does not fit; None if the type has no such
    form. No value is longer than `longest` bytes. `has_exponent` and `all_codes` hold for the column,
    `may_hold_errors` says that a value starts with `#`, `has_wide` that an identifier is not plain ASCII.
    """

    read: pl.Series | None = None
    longest: int = 0
    has_exponent: bool = False
    all_codes: bool = False
    may_hold_errors: bool = False
    has_wide: bool = False


#: Texts longer than this are names and descriptions, not identifiers.
_LONGEST_IDENTIFIER = 64


def is_identifier(field: ContractField) -> bool:
    """Whether the field holds identifiers: short texts that other records refer to."""
    return field.type == "text" and field.max_length is not None and field.max_length <= _LONGEST_IDENTIFIER


def _usual_form(values: pl.Series, field: ContractField) -> pl.Expr | None:
    column = pl.col(values.name)
    match field.type:
        case "date" | "datetime":
            form = usual_form(values)
            return None if form is None else in_form(column, form)
        case "integer":
            return column.cast(pl.Int64, strict=False)
        case "number":
            return column.cast(pl.Float64, strict=False)
        case _:
            return None


def first_look(
    frame: pl.DataFrame,
    fields: dict[str, ContractField],
    contracts: Contracts,
    known: Mapping[str, ColumnBytes] | None = None,
) -> dict[str, Look]:
    """A `Look` for each column of `frame` (text, trimmed) that is read as the field in `fields`.

    `known` is what a reader knows of the columns' bytes.
    """
    forms, facts = [], []
    held = {name: (known or {}).get(name) or series_bytes(frame[name]) for name in fields}
    for name, field in fields.items():
        column = pl.col(name)
        form = _usual_form(frame[name], field)
        if form is not None:
            forms.append(form.alias(name))
        if field.type == "text" and held[name].may_hold_e:
            facts.append(column.str.contains(_EXPONENT).any().alias(f"exponent {name}"))
        if (codes := contracts.codes_of(field)) is not None and field.type == "code":
            facts.append(column.is_in(list(codes.codes)).all().alias(f"codes {name}"))
    read = frame.select(forms)
    found = frame.select(facts).row(0, named=True) if facts else {}
    return {
        name: Look(
            read=read[name] if name in read.columns else None,
            longest=held[name].longest,
            has_exponent=bool(found.get(f"exponent {name}")),
            all_codes=bool(found.get(f"codes {name}")),
            may_hold_errors=held[name].may_begin_with_hash,
            has_wide=is_identifier(field) and not held[name].is_ascii,
        )
        for name, field in fields.items()
    }
