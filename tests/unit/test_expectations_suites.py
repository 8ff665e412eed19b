"""The suite files: what they must say, and what their loader refuses."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from expectations.contract_suite import contract_checks
from expectations.record_layer import uscc_macro
from expectations.suite_model import SUITES_DIRECTORY, load_suites, read_suites
from pipelines.contract.loader import load_contracts
from pipelines.errors import ContractError


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The project's suites, to be spoilt."""
    for path in SUITES_DIRECTORY.glob("*.yml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_ids_are_unique_over_hand_written_rules_and_those_of_the_contracts() -> None:
    contracts, suites = load_contracts(), load_suites()
    ids = [
        check.id for contract in contracts.entities.values() for check in contract_checks(contract, contracts, suites)
    ]
    ids += [rule.id for rules in suites.written.values() for rule in rules]
    assert sorted(ids) == sorted(set(ids))


def test_every_entity_says_whose_its_records_are() -> None:
    assert set(load_suites().bodies) == {*load_contracts().entities, "results", "evidence"}


def test_every_constraint_of_a_contract_has_its_check() -> None:
    contracts, suites = load_contracts(), load_suites()
    for contract in contracts.entities.values():
        ids = {check.id for check in contract_checks(contract, contracts, suites)}
        for field in contract.fields:
            name = f"{contract.entity}.{field.name}"
            assert (f"{name}.required" in ids) == field.required
            assert (f"{name}.reference" in ids) == (field.references is not None)
            assert (f"{name}.code" in ids) == (field.type == "code")
            assert (f"{name}.code_list" in ids) == (field.type == "list" and field.codes is not None)
            assert (f"{name}.range" in ids) == (field.minimum is not None or field.maximum is not None)
        assert f"{contract.entity}.lengths" in ids


def test_no_text_of_a_rule_keeps_a_placeholder() -> None:
    contracts, suites = load_contracts(), load_suites()
    for contract in contracts.entities.values():
        for check in contract_checks(contract, contracts, suites):
            for text in (check.judgement.label, check.judgement.reason, check.judgement.remedy, check.judgement.owner):
                assert "{" not in text.zh + text.en


def spoil(folder: Path, file: str, change: dict[str, object]) -> None:
    """Overwrites keys of the first rule of a file."""
    content = yaml.safe_load((folder / file).read_text(encoding="utf-8"))
    content["expectations"][0].update(change)
    (folder / file).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": "fatal"}, "severity"),
        ({"remmedy": "…"}, "remmedy"),
        ({"sql": "select 1 from cases as r"}, "batch"),
        ({"sql": "select '{x}' from {batch} as r"}, "batch"),
        ({"sql": "select $no_such_setting from {batch} as r"}, "no_such_setting"),
        ({"fails": "r.activity_id is null"}, "a rule has `fails` or `sql`; take one of them out"),
        ({"id": "leads.closed_after_received"}, "leads.closed_after_received"),
        ({"label": {"zh": "只有中文"}}, "label"),
        ({"indicators": ["publication_rate"]}, "there is no indicator `publication_rate`. Did you mean"),
        ({"indicators": ["publication_rate"]}, "Indicators are: acts_per_officer, assistance_rate, "),
    ],
)
def test_a_misspelt_rule_is_refused_with_its_file_and_key(copied: Path, change: dict[str, object], said: str) -> None:
    spoil(copied, "landed_links.yml", change)
    with pytest.raises(ContractError) as refused:
        read_suites(copied)
    assert "landed_links.yml" in str(refused.value)
    assert said in str(refused.value)


def test_a_rule_of_one_record_selects_the_records_of_which_it_holds(copied: Path) -> None:
    spoil(copied, "landed_dates.yml", {"id": "cases.odd_number", "fails": "regexp_matches(r.case_no, '[0-9]{2}')"})
    rule = next(one for one in read_suites(copied).written["landed"] if one.id == "cases.odd_number")
    assert rule.sql.format(batch="cases") == "select r.* from cases as r where regexp_matches(r.case_no, '[0-9]{2}')"


def test_before_publication_a_rule_says_which_rows_fail_by_itself(copied: Path) -> None:
    content = yaml.safe_load((copied / "publish_results.yml").read_text(encoding="utf-8"))
    del content["expectations"][0]["sql"]
    content["expectations"][0]["fails"] = "r.value < 0"
    (copied / "publish_results.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContractError, match=r"publish_results\.yml: `results\.has_rows`.*`sql`, not `fails`"):
        read_suites(copied)


def test_a_rule_that_says_nothing_of_what_fails_is_refused(copied: Path) -> None:
    content = yaml.safe_load((copied / "landed_dates.yml").read_text(encoding="utf-8"))
    del content["expectations"][0]["fails"]
    (copied / "landed_dates.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContractError, match=r"landed_dates\.yml: expectations → 0 → sql"):
        read_suites(copied)


def test_a_border_without_any_rule_is_refused(copied: Path) -> None:
    (copied / "publish_results.yml").unlink()
    with pytest.raises(ContractError, match="publish"):
        read_suites(copied)


def test_a_rule_at_the_wrong_border_is_refused(copied: Path) -> None:
    (copied / "landed_links.yml").rename(copied / "publish_links.yml")
    with pytest.raises(ContractError, match=r"publish_links\.yml"):
        read_suites(copied)


# GB 32100-2015: 91350100M000100Y4 has the check digit 3. The sum of its digits times their weights, worked out:
#   9·1 1·3 3·9 5·27 0·19 1·26 0·16 0·17 M(21)·20 0·29 0·25 0·13 1·8 0·24 0·10 Y(30)·30 4·28
#   = 9 + 3 + 27 + 135 + 26 + 420 + 8 + 900 + 112 = 1640; 1640 mod 31 = 28; 31 − 28 = 3.
@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100I000100Y43", False),  # I is not in the alphabet
        ("91350100m000100Y43", False),
        ("", False),
        (None, None),
    ],
)
def test_the_check_digit_of_a_credit_code(code: str | None, valid: bool | None) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create temp macro uscc_is_valid(code) as ({uscc_macro()})")
        assert connection.execute("select uscc_is_valid(?)", [code]).fetchall() == [(valid,)]


def test_importing_the_audit_does_not_import_great_expectations() -> None:
    code = "import sys, expectations.audit; sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
