"""One pass over all columns of a table at once: what the usual forms read, and what needs a closer look.

A clean export is read by this pass alone; it is one query, so that all columns are looked at in parallel.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import ContractField
from pipelines.ingest.dates import in_form, usual_form

#: Somewhere in the column a number with an exponent may stand: 1.2E+17.
_EXPONENT = r"\d[eE]\+?\d"


@dataclass(frozen=True)
class Look:
    """What the first pass found in one column.

    `read` is the column in the field's usual form, NULL where that form does not fit; None if the type has no such
    form. `longest` is the length of the longest value in bytes. `has_exponent` and `all_codes` hold for the column,
    `may_hold_errors` says that a value starts with `#`, `has_wide` that an identifier is not plain ASCII.
    """

    read: pl.Series | None = None
    longest: int | None = None
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


def first_look(frame: pl.DataFrame, fields: dict[str, ContractField], contracts: Contracts) -> dict[str, Look]:
    """A `Look` for each column of `frame` (text, trimmed) that is read as the field in `fields`."""
    forms, facts = [], []
    for name, field in fields.items():
        column = pl.col(name)
        form = _usual_form(frame[name], field)
        if form is not None:
            forms.append(form.alias(name))
        if field.type in ("text", "list"):
            facts.append(column.str.len_bytes().max().alias(f"longest {name}"))
        facts.append(column.str.starts_with("#").any().alias(f"errors {name}"))
        if is_identifier(field):
            facts.append((column.str.len_bytes() != column.str.len_chars()).any().alias(f"wide {name}"))
        if field.type == "text":
            facts.append(column.str.contains(_EXPONENT).any().alias(f"exponent {name}"))
        if (codes := contracts.codes_of(field)) is not None and field.type == "code":
            facts.append(column.is_in(list(codes.codes)).all().alias(f"codes {name}"))
    read = frame.select(forms)
    found = frame.select(facts).row(0, named=True) if facts else {}
    return {
        name: Look(
            read=read[name] if name in read.columns else None,
            longest=found.get(f"longest {name}"),
            has_exponent=bool(found.get(f"exponent {name}")),
            all_codes=bool(found.get(f"codes {name}")),
            may_hold_errors=bool(found.get(f"errors {name}")),
            has_wide=bool(found.get(f"wide {name}")),
        )
        for name in fields
    }
