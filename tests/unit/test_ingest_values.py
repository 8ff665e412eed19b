"""How single values are read: one table per kind of value, what is written on the left, what is stored on the right."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.contract.model import ContractField
from pipelines.ingest.casting import Fault, cast_field
from pipelines.ingest.first_look import first_look

CONTRACTS = load_contracts()


def field(name: str, entity: str) -> ContractField:
    return CONTRACTS.entities[entity].field(name)


def cast(values: pl.Series, name: str, entity: str) -> tuple[pl.Series, list[Fault]]:
    wanted = field(name, entity)
    look = first_look(values.to_frame(), {values.name: wanted}, CONTRACTS)[values.name]
    return cast_field(values, wanted, CONTRACTS, look)


def read(text: str | None, name: str, entity: str) -> object:
    """The stored value, or the code of the fault."""
    typed, faults = cast(pl.Series("x", [text], dtype=pl.String), name, entity)
    return faults[0].reason_code if faults else typed[0]


NINE = datetime(2026, 1, 5, 9, 3)
MIDNIGHT = datetime(2026, 1, 5)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026-01-05 09:03:00", NINE),
        ("2026-01-05T09:03:00", NINE),
        ("2026-01-05 09:03", NINE),
        ("2026/1/5 9:03", NINE),
        ("2026年1月5日 9时3分", NINE),
        ("2026年1月5日9:03:00", NINE),
        ("２０２６／１／５　９：０３", NINE),
        ("20260105090300", NINE),
        ("202601050903", NINE),
        ("2026-01-05T01:03:00Z", NINE),  # Shanghai is eight hours ahead
        ("2026-01-05T09:03:00+08:00", NINE),
        ("2026-01-05T02:03:00+01:00", NINE),
        ("2026-01-05 09:03:00.250", datetime(2026, 1, 5, 9, 3, 0, 250_000)),
        ("46027.3770833", NINE),
        ("2026-01-05", MIDNIGHT),
        ("2026/1/5", MIDNIGHT),
        ("2026.1.5", MIDNIGHT),
        ("2026年1月5日", MIDNIGHT),
        ("20260105", MIDNIGHT),
        ("46027", MIDNIGHT),
        ("2024-02-29", datetime(2024, 2, 29)),
        (None, None),
        ("2026-02-30", "UNREADABLE_DATE"),
        ("2026年2月30日", "UNREADABLE_DATE"),
        ("2026-13-01", "UNREADABLE_DATE"),
        ("2026-01-05 25:00", "UNREADABLE_DATE"),
        ("0206-01-05", "UNREADABLE_DATE"),  # a slip of the keyboard
        ("05/01/2026", "UNREADABLE_DATE"),  # 5 January or 1 May: never guessed
        ("1月5日", "UNREADABLE_DATE"),
        ("待定", "UNREADABLE_DATE"),
        ("120116001", "UNREADABLE_DATE"),
    ],
)
def test_a_time(written: str | None, stored: object) -> None:
    assert read(written, "closed_at", "leads") == stored


def test_a_date_field_keeps_the_day_of_a_time() -> None:
    assert read("2026/1/5 0:00", "valid_to", "subjects") == date(2026, 1, 5)
    assert read("2026-01-05 14:30:00", "valid_to", "subjects") == date(2026, 1, 5)
    assert read("9999-12-31", "valid_to", "subjects") == date(9999, 12, 31)


def test_a_column_that_mixes_forms_is_read_value_by_value() -> None:
    written = pl.Series("x", ["2026-01-05 09:03:00", "2026/1/5", "20260105", None, "x", "2026-01-05 09:03:00"])
    typed, faults = cast(written, "closed_at", "leads")
    assert typed.to_list() == [NINE, MIDNIGHT, MIDNIGHT, None, None, NINE]
    assert [(fault.reason_code, fault.mask.to_list()) for fault in faults] == [
        ("UNREADABLE_DATE", [False, False, False, False, True, False])
    ]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("12", 12),
        ("+12", 12),
        ("12.0", 12),
        ("１２", 12),
        ("1,234", 1234),
        ("12,34", "UNREADABLE_NUMBER"),
        ("12.5", "UNREADABLE_NUMBER"),
        ("十二", "UNREADABLE_NUMBER"),
        ("0", 0),
        ("-1", "BELOW_MINIMUM"),
        (None, None),
    ],
)
def test_a_count(written: str | None, stored: object) -> None:
    assert read(written, "problems", "inspections") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1234.5", Decimal("1234.50")),
        ("1,234.50", Decimal("1234.50")),
        ("￥1,234.50", Decimal("1234.50")),
        ("1234.50元", Decimal("1234.50")),
        ("１２３４．５", Decimal("1234.50")),
        ("0.30000000000000004", Decimal("0.30")),  # the noise of 0.1 + 0.2 in a spreadsheet
        ("12.5000", Decimal("12.50")),
        ("9999999999999999.99", Decimal("9999999999999999.99")),
        ("12.345", Decimal("12.35")),  # half up: 12.345 is 12.34 in banker's rounding
        ("0.0049999", Decimal("0.00")),
        ("12.", Decimal("12.00")),
        ("1.2E+7", "UNREADABLE_NUMBER"),  # digits are lost
        ("12345678901234567", "UNREADABLE_NUMBER"),  # 17 digits before the point do not fit
        ("两千元", "UNREADABLE_NUMBER"),
        ("-0.01", "BELOW_MINIMUM"),
        ("0", Decimal("0.00")),
    ],
)
def test_an_amount(written: str, stored: object) -> None:
    assert read(written, "fine_amount", "cases") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("117.25", 117.25),
        ("１１７．２５", 117.25),
        ("180", 180.0),
        ("180.01", "ABOVE_MAXIMUM"),
        ("-180.01", "BELOW_MINIMUM"),
        ("nan", "UNREADABLE_NUMBER"),
        ("inf", "UNREADABLE_NUMBER"),
        ("东经117度", "UNREADABLE_NUMBER"),
    ],
)
def test_a_measure(written: str, stored: object) -> None:
    assert read(written, "longitude", "inspections") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("planned", "planned"),
        ("计划检查", "planned"),
        ("planned 计划检查", "planned"),
        ("计划检查 planned", "planned"),
        ("PLANNED", "planned"),
        ("planned　计划检查", "planned"),
        ("计划", "UNKNOWN_CODE"),
        (None, "MISSING_REQUIRED"),
    ],
)
def test_a_code(written: str | None, stored: object) -> None:
    assert read(written, "mode", "inspections") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [("true", True), ("是", True), ("1", True), ("Y", True), ("TRUE", True), ("1.0", True)]
    + [("false", False), ("否", False), ("0", False), ("n", False), (None, None), ("也许", "UNREADABLE_BOOLEAN")],
)
def test_yes_and_no(written: str | None, stored: object) -> None:
    assert read(written, "major", "cases") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("fine;warning", "fine;warning"),
        ("罚款、警告", "fine;warning"),
        ("fine 罚款；warning 警告", "fine;warning"),
        ("罚款，警告", "fine;warning"),
        ("罚款, fine", "fine"),  # named twice, kept once
        ("罚款；", "fine"),
        ("罚款、坐牢", "UNKNOWN_CODE"),
    ],
)
def test_a_list_of_codes(written: str, stored: object) -> None:
    assert read(written, "penalty_types", "cases") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [("A1；A2、A3", "A1;A2;A3"), ("A1,A2", "A1;A2"), ("第1条,第2款;A2", "第1条,第2款;A2"), ("A1", "A1")],
)
def test_a_list_of_articles_is_split_at_commas_only_without_another_separator(written: str, stored: str) -> None:
    assert read(written, "violated_articles", "cases") == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1.2E+17", "MANGLED_ID"),
        ("1.20101e+17", "MANGLED_ID"),
        ("9E5", "MANGLED_ID"),
        ("JC-2026E5", "JC-2026E5"),
        ("007", "007"),
        ("A" * 64, "A" * 64),
        ("A" * 65, "TOO_LONG"),
        ("检" * 64, "检" * 64),  # characters count, not bytes
        (None, "MISSING_REQUIRED"),
    ],
)
def test_an_identifier(written: str | None, stored: object) -> None:
    assert read(written, "inspection_id", "inspections") == stored


def test_an_empty_field_takes_its_default() -> None:
    assert read(None, "operation", "leads") == "i"
    assert read(None, "decision_days", "matters") is None  # the limit of the law, which has its dates, is P01's
    assert read("60", "decision_days", "matters") == 60


def test_a_field_of_an_empty_table_has_its_type() -> None:
    typed, faults = cast(pl.Series("x", [], dtype=pl.String), "fine_amount", "cases")
    assert (typed.dtype, typed.len(), faults) == (pl.Decimal(18, 2), 0, [])
