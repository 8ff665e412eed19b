"""A workspace that was made before a contract changed: fields are added, nothing that was loaded is lost."""

import shutil
from pathlib import Path

import duckdb
import pytest

from expectations.contract_suite import contract_checks
from expectations.suite_model import load_suites
from pipelines.contract.loader import EXPECTATIONS_DIRECTORY, Contracts, read_contracts
from pipelines.errors import WarehouseError
from pipelines.warehouse.raw_tables import create_raw_tables, missing_fields

CASES = "contracts/cases.yml"
NUMBER = "- {name: document_no"


@pytest.fixture
def files(tmp_path) -> Path:
    """The contract files, to be changed."""
    shutil.copytree(EXPECTATIONS_DIRECTORY / "contracts", tmp_path / "contracts")
    for name in ("code_lists.yml", "activity_fields.yml"):
        shutil.copy(EXPECTATIONS_DIRECTORY / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """A warehouse of the contracts as they are, with one case."""
    connection = duckdb.connect()
    create_raw_tables(connection, read_contracts())
    connection.execute(
        "insert into raw.cases (case_id, fine_amount, _file_id, _row_number, _loaded_at, _load_order) "
        "values ('K1', 200, 'f', 2, timestamp '2026-11-06 06:00:00', 1)"
    )
    return connection


def changed(files: Path, old: str, new: str) -> Contracts:
    path = files / CASES
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_contracts(files)


def with_field(files: Path, limits: str = "") -> Contracts:
    field = f"- {{name: party_born_on, label: {{zh: 当事人出生日期, en: Birth date of the party}}, type: date{limits}}}"
    return changed(files, NUMBER, f"{field}\n  {NUMBER}")


def types(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = connection.execute("select column_name, column_type from (describe raw.cases)").fetchall()
    return {name: sql_type.lower() for name, sql_type in rows}


def test_a_new_field_is_added_and_rows_loaded_before_have_none(files, warehouse):
    contracts = with_field(files)
    assert missing_fields(warehouse, contracts) == ["cases.party_born_on"]
    create_raw_tables(warehouse, contracts)
    assert types(warehouse)["party_born_on"] == "date"
    assert missing_fields(warehouse, contracts) == []
    assert warehouse.execute("select case_id, fine_amount, party_born_on from raw.cases").fetchall() == [
        ("K1", 200, None)
    ]
    # A second opening finds nothing to do.
    create_raw_tables(warehouse, contracts)
    assert list(types(warehouse)).count("party_born_on") == 1


def test_a_new_required_field_is_missing_in_rows_loaded_before_and_the_audit_says_so(files, warehouse):
    contracts = with_field(files, ", required: true")
    create_raw_tables(warehouse, contracts)
    checks = contract_checks(contracts.entities["cases"], contracts, load_suites())
    (required,) = [check for check in checks if check.id == "cases.party_born_on.required"]
    assert warehouse.execute(f"select case_id from raw.cases as r where {required.fails}").fetchall() == [("K1",)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "type: money",
            "type: integer",
            "cases.fine_amount: the contract makes it bigint, it is decimal(18,2), and 1 rows",
        ),
        (
            "name: fine_amount",
            "name: fine_total",
            "cases.fine_amount: the contract no longer has this field, and 1 rows",
        ),
    ],
)
def test_a_field_that_holds_values_is_neither_dropped_nor_turned_into_another_type(files, warehouse, old, new, message):
    text = (files / CASES).read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "name: fine_amount" in line)
    contracts = changed(files, line, line.replace(old, new))
    before = types(warehouse)
    with pytest.raises(WarehouseError) as refused:
        create_raw_tables(warehouse, contracts)
    assert message in str(refused.value)
    assert "expectations/contracts/cases.yml" in str(refused.value)
    assert types(warehouse)["fine_amount"] == before["fine_amount"]
    assert warehouse.execute("select fine_amount from raw.cases").fetchall() == [(200,)]


@pytest.mark.parametrize(("new", "expected"), [("type: integer", "bigint"), ("type: text", "varchar")])
def test_a_field_without_values_takes_the_contracts_type(files, warehouse, new, expected):
    warehouse.execute("update raw.cases set fine_amount = null")
    text = (files / CASES).read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "name: fine_amount" in line)
    limits = line.replace("type: money", new).replace(", minimum: 0", "")
    create_raw_tables(warehouse, changed(files, line, limits))
    assert types(warehouse)["fine_amount"] == expected
