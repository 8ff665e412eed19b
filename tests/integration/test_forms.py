"""Blank forms: made from the contract, and what is filled in loads as it was meant."""

import re
import zipfile
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.application import run
from pipelines.contract.forms import write_filled_form, write_form
from pipelines.contract.loader import load_contracts
from pipelines.contract.model import ContractField, Language
from pipelines.ingest.load import load_paths
from pipelines.warehouse.raw_tables import create_raw_tables

AT = datetime(2026, 11, 3, 8, 0)
CONTRACTS = load_contracts()


def filled_in(field: ContractField, language: Language) -> str:
    """What a person puts into a cell of the form."""
    codes = CONTRACTS.codes_of(field)
    if codes is not None:
        code, label = next(iter(codes.codes.items()))
        return f"{code} {label.text(language)}"
    by_type = {
        "text": "00123",
        "list": "甲法第1条；甲法第2条",
        "date": "2026-10-01",
        "datetime": "2026-10-01 09:30:00",
        "integer": "3",
        "money": "1700.00",
        "number": "17.5",
        "boolean": "是" if language == "zh" else "true",
    }
    return by_type[field.type]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("entity", list(CONTRACTS.entities))
def test_a_form_filled_in_loads_every_field(tmp_path: Path, entity: str, language: Language) -> None:
    contract = CONTRACTS.entities[entity]
    row = {field.name: filled_in(field, language) for field in contract.fields}
    write_filled_form(tmp_path / "form.xlsx", {entity: [row]}, CONTRACTS, language=language)
    connection = duckdb.connect()
    create_raw_tables(connection, CONTRACTS)
    report = load_paths(connection, [tmp_path], contracts=CONTRACTS, loaded_at=AT)
    assert (report.rows_read, report.rows_loaded) == (1, 1)
    names = ", ".join(field.name for field in contract.fields)
    found = connection.execute(f"select {names} from raw.{entity}").fetchone()
    assert found is not None
    stored = dict(zip((field.name for field in contract.fields), found, strict=True))
    for field in contract.fields:
        if field.type == "text":
            assert stored[field.name] == "00123"
        elif field.type == "code":
            assert stored[field.name] == row[field.name].split(" ")[0]
        else:
            assert stored[field.name] is not None


def test_a_blank_form_is_no_record(tmp_path: Path) -> None:
    assert run(["forms", str(tmp_path / "forms")]) == 0
    connection = duckdb.connect()
    create_raw_tables(connection, CONTRACTS)
    report = load_paths(connection, [tmp_path / "forms"], contracts=CONTRACTS, loaded_at=AT)
    assert [(file.status, file.rows_read) for file in report.files] == [("loaded", 0)] * len(CONTRACTS.entities)


def test_a_form_checks_what_is_typed_and_offers_the_codes(tmp_path: Path) -> None:
    write_form(tmp_path / "a.xlsx", CONTRACTS.entities["cases"], CONTRACTS, language="zh")
    write_form(tmp_path / "b.xlsx", CONTRACTS.entities["cases"], CONTRACTS, language="zh")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    kinds = re.findall(r'<dataValidation type="(\w+)"', sheet)
    fields = CONTRACTS.entities["cases"].fields
    # One list per code or yes/no, one check per amount, one per date.
    assert kinds.count("list") == sum(field.type in ("code", "boolean") for field in fields)
    assert kinds.count("decimal") == sum(field.type in ("money", "number") for field in fields)
    assert kinds.count("date") == sum(field.type in ("date", "datetime") for field in fields)
    assert "patrol 巡查发现" in strings
    assert "案件编号*" in strings
    assert "决定书文号" in strings


def test_a_form_that_may_be_filled_in_is_not_overwritten_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = tmp_path / "leads.xlsx"
    filled.write_bytes(b"filled in")
    assert run(["forms", str(tmp_path), "--lang", "en"]) == 2
    assert str(filled) in capsys.readouterr().err
    # Nothing was written beside it either.
    assert list(tmp_path.iterdir()) == [filled]
    assert filled.read_bytes() == b"filled in"
    assert run(["forms", str(tmp_path), "--lang", "en", "--force"]) == 0
    assert filled.read_bytes().startswith(b"PK")
    assert len(list(tmp_path.iterdir())) == len(CONTRACTS.entities)


def test_a_folder_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert run(["forms", str(tmp_path / "file")]) == 2
