"""The facts of a column's bytes never rule out what a value holds: each flag against a plain look at every value."""

import polars as pl
import pyarrow as pa
import pytest

from pipelines.ingest.column_bytes import ColumnBytes, column_bytes, series_bytes
from pipelines.ingest.text_table import BLANKS, TextTable, cleaned

COLUMNS = {
    "clean": ["JC1", "甲乙", None, ""],
    "a blank before": ["JC1", "\u3000甲"],
    "a blank behind": ["甲\u00a0", None],
    "a blank within": ["甲 乙", "a b"],
    "an error": [None, "#N/A"],
    "an exponent": ["1", "1.2E+17"],
    "a guarded code": ['="0007"', None],
    "an apostrophe": ["\u3000'0007"],
    "a wide digit": ["１２", "12"],
    "a long text": ["法" * 40],
    "nothing": [None, None],
    "no rows": [],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_flag_is_raised_wherever_a_value_asks_for_it(name: str) -> None:
    values = [value for value in COLUMNS[name] if value]
    facts = column_bytes(pa.chunked_array([pa.array(COLUMNS[name], pa.large_string())]))
    assert facts == series_bytes(pl.Series(COLUMNS[name], dtype=pl.String))
    assert facts.longest == max((len(value.encode()) for value in values), default=0)
    assert facts.is_ascii == all(value.isascii() for value in values)
    assert facts.may_begin_with_hash >= any(value.startswith("#") for value in values)
    assert facts.may_begin_with_guard >= any(value.lstrip(BLANKS)[:1] in ("=", "'") for value in values)
    assert facts.may_hold_e >= any("e" in value.lower() for value in values)
    assert facts.may_have_blank_ends >= any(value != value.strip(BLANKS) for value in values)


def test_what_is_clean_asks_for_nothing() -> None:
    assert series_bytes(pl.Series(["JC1", "甲乙"])) == ColumnBytes(longest=6, is_ascii=False)


def test_the_facts_of_chunks_and_slices_are_those_of_their_rows() -> None:
    array = pa.array(["#x", "e ", "甲乙丙", "b"], pa.large_string())
    assert column_bytes(pa.chunked_array([array.slice(3), array.slice(2, 1)])) == ColumnBytes(9, is_ascii=False)
    assert column_bytes(pa.chunked_array([array.slice(0, 1), array.slice(3)])).may_begin_with_hash


@pytest.mark.parametrize("blank", list(BLANKS))
def test_every_blank_is_found_at_either_end(blank: str) -> None:
    for value in (f"{blank}甲", f"甲{blank}", blank):
        assert series_bytes(pl.Series([value])).may_have_blank_ends


def test_only_columns_with_blanks_at_their_ends_are_trimmed() -> None:
    frame = pl.DataFrame({"0": ["a", "b"], "1": [" c", "d"]})
    known = {name: series_bytes(frame[name]) for name in frame.columns}
    table = cleaned(TextTable(("x", "y"), frame, pl.Series("row_number", [2, 3]), bytes=known))
    assert table.frame.rows() == [("a", "c"), ("b", "d")]
    # What was known of the column that changed holds no longer.
    assert list(table.bytes) == ["0"]
