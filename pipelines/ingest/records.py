"""A table of text to typed records and the rows that break the contract."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import polars as pl

from pipelines.contract.loader import Contracts
from pipelines.contract.model import MASK, Contract, ContractField
from pipelines.ingest.casting import Fault, cast_field, limit_of
from pipelines.ingest.first_look import Look, first_look
from pipelines.ingest.headers import HeaderMatch
from pipelines.ingest.originals import key_text
from pipelines.ingest.reasons import MASKED, MASKED_LOADED_SINCE, ROW_REASONS, UNKNOWN_WITHDRAWAL
from pipelines.ingest.text_table import TextTable
from pipelines.ingest.withdrawals import KNOWN_FROM, OPERATION, WITHDRAWN

_LONGEST_VALUE = 200

FAULT_SCHEMA: dict[str, type[pl.DataType]] = {
    "row_number": pl.Int64,
    "field": pl.String,
    "value": pl.String,
    "reason_code": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
}

ORIGINAL_SCHEMA: dict[str, type[pl.DataType]] = {
    "row_number": pl.Int64,
    "record_key": pl.String,
    "field": pl.String,
    "value": pl.String,
}


@dataclass(frozen=True)
class Records:
    """The outcome of one table.

    `accepted`: the fields found in the file (and those with a default), `_row_number`, `_extra`.
    `faults`: one row per row and fault, columns of `FAULT_SCHEMA`, personal data masked.
    `quarantined`: distinct rows among the faults. `rejected`: the faulty rows as text under their
    headers, personal data masked, for the person who mends them. `originals`: what was masked of them, by row and
    field, columns of `ORIGINAL_SCHEMA`.
    `withdrawals`: rows like `accepted` that withdraw a record and lack fields which its newest version has to give,
    numbered in `_at` (a row of the file may make several records); `withdrawals_as_text`, in the same order, and
    `withdrawal_originals` are what `rejected` and `originals` would hold of them.
    """

    accepted: pl.DataFrame
    faults: pl.DataFrame
    quarantined: int
    rejected: pl.DataFrame
    originals: pl.DataFrame
    withdrawals: pl.DataFrame
    withdrawals_as_text: pl.DataFrame
    withdrawal_originals: pl.DataFrame


def with_withdrawals(records: Records, completed: pl.DataFrame) -> Records:
    """The outcome once what could be `completed` of its withdrawals is; the others are refused."""
    known = completed.drop("_at")
    accepted = pl.concat([records.accepted, known], how="diagonal").sort("_row_number", maintain_order=True)
    is_unknown = ~records.withdrawals["_at"].is_in(completed["_at"].implode())
    unknown = records.withdrawals.filter(is_unknown)
    if not unknown.height:
        return replace(records, accepted=accepted)
    numbers = unknown["_row_number"]
    texts = ROW_REASONS[UNKNOWN_WITHDRAWAL]
    said = pl.DataFrame(
        [(number, None, None, UNKNOWN_WITHDRAWAL, texts.zh, texts.en) for number in numbers],
        schema=FAULT_SCHEMA,
        orient="row",
    )
    listed = records.withdrawals_as_text.filter(is_unknown)
    kept = records.withdrawal_originals.filter(pl.col("row_number").is_in(numbers.implode()))
    return replace(
        records,
        accepted=accepted,
        faults=pl.concat([records.faults, said]).sort("row_number", maintain_order=True),
        quarantined=records.quarantined + unknown.height,
        rejected=pl.concat([records.rejected, listed]) if records.rejected.width else listed,
        originals=pl.concat([records.originals, kept]),
    )


def withdrawing(
    table: TextTable, match: HeaderMatch, contract: Contract, contracts: Contracts, look: Look | None = None
) -> pl.Series | None:
    """Which rows withdraw a record, None if none does."""
    position = match.fields.get(OPERATION)
    if position is None or not table.frame.height:
        return None
    typed = table.frame[str(position)]
    if look is None or not look.all_codes:
        typed, _ = cast_field(typed, contract.field(OPERATION), contracts, look or Look())
    found = (typed == WITHDRAWN).fill_null(value=False)
    return found if found.any() else None


def _without_lacks(found: list[Fault], withdraws: pl.Series) -> tuple[list[Fault], pl.Series]:
    """The faults of a field but that it is empty where a record is withdrawn, and the rows of which that is so."""
    lacking = withdraws & False
    kept = []
    for fault in found:
        if fault.reason_code == "MISSING_REQUIRED":
            lacking = lacking | (fault.mask & withdraws)
            fault = replace(fault, mask=fault.mask & ~withdraws)
        if fault.mask.any():
            kept.append(fault)
    return kept, lacking


def _reasons(field_zh: str, field_en: str, reason_code: str, limits: tuple[str, str]) -> tuple[str, str]:
    texts = ROW_REASONS[reason_code]
    return texts.zh.format(field=field_zh, limit=limits[0]), texts.en.format(field=field_en, limit=limits[1])


def _field_faults(fault: Fault, values: pl.Series, row_numbers: pl.Series, contracts: Contracts) -> pl.DataFrame:
    field = fault.field
    zh, en = _reasons(field.label.zh, field.name, fault.reason_code, limit_of(field, fault.reason_code, contracts))
    value = pl.col("value")
    if fault.reason_code in (MASKED, MASKED_LOADED_SINCE):
        shown = pl.lit(None, dtype=pl.String)
    else:
        shown = (
            pl.when(value.is_not_null()).then(pl.lit(MASK))
            if field.pii
            else _plainly(value, field).str.slice(0, _LONGEST_VALUE)
        )
    return pl.DataFrame({"row_number": row_numbers.filter(fault.mask), "value": values.filter(fault.mask)}).select(
        "row_number",
        pl.lit(field.name).alias("field"),
        shown.alias("value"),
        pl.lit(fault.reason_code).alias("reason_code"),
        pl.lit(zh).alias("reason_zh"),
        pl.lit(en).alias("reason_en"),
    )


def _plainly(value: pl.Expr, field: ContractField) -> pl.Expr:
    """An amount as a person would write it: what a mapping reckons has ten decimals, 2000.0000000000."""
    if field.type != "money":
        return value
    reckoned = value.str.contains(r"^-?\d+\.\d{3,}$")
    return pl.when(reckoned).then(value.str.strip_chars_end("0").str.strip_chars_end(".")).otherwise(value)


def _reader_faults(table: TextTable, match: HeaderMatch, contract: Contract) -> pl.DataFrame:
    rows = []
    by_header = {table.headers[position]: contract.field(name) for name, position in match.fields.items()}
    for fault in table.faults:
        field = by_header.get(fault.column) if fault.column is not None else None
        zh = field.label.zh if field is not None else fault.column or ""
        en = field.name if field is not None else fault.column or ""
        texts = _reasons(zh, en, fault.reason_code, (fault.limit, fault.limit))
        value = MASK if fault.value is not None and (field is None or field.pii) else fault.value
        named = field.name if field is not None else fault.column
        rows.append((fault.row_number, named, value, fault.reason_code, *texts))
    return pl.DataFrame(rows, schema=FAULT_SCHEMA, orient="row")


def _extra_as_json(table: TextTable, extra: dict[str, int]) -> pl.Series:
    columns = [pl.col(str(position)).alias(header) for header, position in extra.items()]
    present = pl.any_horizontal(pl.col(str(position)).is_not_null() for position in extra.values())
    return table.frame.select(
        pl.when(present).then(pl.struct(columns).struct.json_encode()).alias("_extra")
    ).to_series()


def _rejected_rows(table: TextTable, match: HeaderMatch, contract: Contract, bad: pl.Series) -> pl.DataFrame:
    rows = table.frame.filter(bad)
    secret = {position for name, position in match.fields.items() if contract.field(name).pii}
    by_position = {position: contract.field(name) for name, position in match.fields.items()}
    shown = []
    # Columns that the contract does not know are left out: whether they are personal data nobody said.
    for position in sorted(match.fields.values()):
        column = pl.col(str(position))
        value = (
            pl.when(column.is_not_null()).then(pl.lit(MASK))
            if position in secret
            else _plainly(column, by_position[position])
        )
        shown.append(value.alias(table.headers[position].strip() or f"column_{position + 1}"))
    return rows.select(pl.lit(table.row_numbers.filter(bad)).alias("_row_number"), *shown)


def _originals(
    table: TextTable, match: HeaderMatch, contract: Contract, contracts: Contracts, bad: pl.Series
) -> pl.DataFrame:
    """The personal data of the rows to be mended, one row per value; a mask is none."""
    rows, numbers = table.frame.filter(bad), table.row_numbers.filter(bad).alias("row_number")
    keys = key_text(rows, match, contract, contracts)
    parts = [
        pl.DataFrame([numbers, keys, rows[str(position)].alias("value")])
        .filter(pl.col("value") != MASK)
        .select("row_number", "record_key", pl.lit(name).alias("field"), "value")
        for name, position in match.fields.items()
        if contract.field(name).pii
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=ORIGINAL_SCHEMA)


def to_records(
    table: TextTable,
    match: HeaderMatch,
    contract: Contract,
    contracts: Contracts,
    superseded: AbstractSet[int] = frozenset(),
) -> Records:
    """Cast every field of `contract`; a row with any fault is left out of `accepted`, with all its faults.

    A mask in a field of personal data is one: what it hides is not known here. `superseded` are the numbers of rows
    whose record was loaded since with other values.
    """
    height = table.frame.height
    columns: list[pl.Series] = []
    faults: list[pl.DataFrame] = [_reader_faults(table, match, contract)]
    bad: pl.Series | None = None
    present = {str(position): contract.field(name) for name, position in match.fields.items()}
    looks = first_look(table.frame, present, contracts, table.bytes)
    operation_at = match.fields.get(OPERATION)
    withdraws = None
    if operation_at is not None and KNOWN_FROM in match.fields:
        withdraws = withdrawing(table, match, contract, contracts, looks[str(operation_at)])
    incomplete = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True) if withdraws is not None else None
    for field in contract.fields:
        position = match.fields.get(field.name)
        if position is None:
            if field.default is None:
                if incomplete is not None and withdraws is not None and field.required:
                    incomplete = incomplete | withdraws
                continue
            values, look = pl.repeat(None, height, dtype=pl.String, eager=True), Look()
        else:
            values, look = table.frame[str(position)], looks[str(position)]
        typed, found = cast_field(values, field, contracts, look)
        if field.pii and (masked := (values == MASK).fill_null(value=False)).any():
            if incomplete is not None and withdraws is not None:
                # What a withdrawal hides its record says.
                incomplete, typed = incomplete | (masked & withdraws), typed.set(masked & withdraws, None)
                masked = masked & ~withdraws
            since = masked & table.row_numbers.is_in(list(superseded))
            kinds = ((MASKED, masked & ~since), (MASKED_LOADED_SINCE, since))
            found = [*found, *(Fault(field, reason, mask) for reason, mask in kinds if mask.any())]
        columns.append(typed)
        if incomplete is not None and withdraws is not None and field.name not in contract.key:
            if found:
                found, lacking = _without_lacks(found, withdraws)
                incomplete = incomplete | lacking
            if field.name == KNOWN_FROM and (undated := incomplete & values.is_null()).any():
                found = [*found, Fault(field, "MISSING_REQUIRED", undated)]
        for fault in found:
            faults.append(_field_faults(fault, values, table.row_numbers, contracts))
            bad = fault.mask if bad is None else bad | fault.mask
    accepted = pl.DataFrame(columns).with_columns(table.row_numbers.alias("_row_number"))
    if match.extra:
        accepted = accepted.with_columns(_extra_as_json(table, match.extra))
    rejected, originals = pl.DataFrame(), pl.DataFrame(schema=ORIGINAL_SCHEMA)
    waiting, waiting_as_text, waiting_originals = pl.DataFrame(), pl.DataFrame(), pl.DataFrame(schema=ORIGINAL_SCHEMA)
    if incomplete is not None and (incomplete := incomplete if bad is None else incomplete & ~bad).any():
        waiting = accepted.filter(incomplete).with_row_index("_at")
        waiting_as_text = _rejected_rows(table, match, contract, incomplete)
        waiting_originals = _originals(table, match, contract, contracts, incomplete)
    if bad is not None:
        originals = _originals(table, match, contract, contracts, bad)
        rejected = _rejected_rows(table, match, contract, bad)
        accepted = accepted.filter(~bad if incomplete is None else ~bad & ~incomplete)
    elif incomplete is not None:
        accepted = accepted.filter(~incomplete)
    if bad is None and table.faults:
        # A list is written batch by batch: each has the same columns.
        rejected = _rejected_rows(
            table, match, contract, pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
        )
    all_faults = pl.concat(faults).sort("row_number", maintain_order=True) if len(faults) > 1 else faults[0]
    distinct = len({fault.row_number for fault in table.faults}) + (int(bad.sum()) if bad is not None else 0)
    return Records(accepted, all_faults, distinct, rejected, originals, waiting, waiting_as_text, waiting_originals)
