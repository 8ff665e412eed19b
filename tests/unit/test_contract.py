"""The contract files: complete, consistent, and refused with a message that says what to mend."""

import shutil

import pytest

from pipelines.contract.dictionary import DICTIONARY_FILE, dictionary
from pipelines.contract.loader import ENTITY_ORDER, EXPECTATIONS_DIRECTORY, load_contracts, read_contracts
from pipelines.errors import ContractError
from pipelines.warehouse.raw_tables import LOAD_COLUMNS, table_ddl


@pytest.fixture
def copied(tmp_path):
    """A copy of the contract files that a test may break."""
    shutil.copytree(EXPECTATIONS_DIRECTORY / "contracts", tmp_path / "contracts")
    for name in ("code_lists.yml", "activity_fields.yml"):
        shutil.copy(EXPECTATIONS_DIRECTORY / name, tmp_path / name)
    return tmp_path


def test_there_are_twenty_entities_eight_of_them_ledgers():
    entities = load_contracts().entities
    assert tuple(entities) == ENTITY_ORDER
    assert len(entities) == 20
    assert [name for name, contract in entities.items() if contract.group == "ledger"] == list(ENTITY_ORDER[:8])


def test_an_activity_ends_with_the_three_version_fields_and_a_ledger_has_none():
    for contract in load_contracts().entities.values():
        names = [field.name for field in contract.fields]
        assert (names[-3:] == ["submitted_at", "updated_at", "operation"]) is (contract.group == "activity")


def test_a_raw_table_has_the_contracts_columns_and_those_of_the_load():
    ddl = table_ddl(load_contracts().entities["cases"])
    assert '"fine_amount" decimal(18,2)' in ddl
    assert '"decided_at" timestamp' in ddl
    assert all(f"{name} " in ddl for name in LOAD_COLUMNS)


def test_names_of_persons_are_marked_as_personal_data():
    marked = {
        f"{entity}.{field.name}"
        for entity, contract in load_contracts().entities.items()
        for field in contract.fields
        if field.pii
    }
    assert marked == {"officers.name", "inspections.object_name", "cases.party_id", "cases.party_name"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("type: money", "type: dollars", "cases.yml: fields → fine_amount → type"),
        ("codes: decision}", "codes: verdicts}", "unknown code list `verdicts`"),
        ("references: leads.lead_id", "references: leads.number", "refers to `leads.number`, which no contract has"),
        ("entity: cases", "entity: files", "entity is `files`; it must be the file's name, `cases`"),
        ("key: [case_id]", "key: [number]", "key field `number` is not among the fields"),
        ("{zh: 决定书文号,", "{zh: 案件编号,", "Chinese label 案件编号 is given twice"),
        ("name: document_no", "name: case_id", "field name case_id is given twice"),
        ("group: activity", "group: activity\nspare: 1", "cases.yml: spare"),
        ("fields:", "fields: [", "cases.yml: not readable as YAML"),
    ],
)
def test_a_broken_contract_is_refused_by_file_and_key(copied, old, new, message):
    path = copied / "contracts" / "cases.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as refused:
        read_contracts(copied)
    assert message in str(refused.value)


def test_a_missing_contract_is_named(copied):
    (copied / "contracts" / "powers.yml").unlink()
    with pytest.raises(ContractError, match="missing powers"):
        read_contracts(copied)


def test_the_data_dictionary_is_what_the_contracts_give():
    assert DICTIONARY_FILE.read_text(encoding="utf-8") == dictionary(load_contracts()), "run make generate"
