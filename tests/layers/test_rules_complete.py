"""Every statutory rule of domain §2 is a model or in the register of rules that no field decides."""

import re

import pytest

from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import PROJECT_DIRECTORY, declarations, undecided_rules
from pipelines.warehouse.rule_rows import SCOPES, check_rule_rows

RULES = declarations("rule")
IDS = [f"P{number:02d}" for number in range(1, 30)] + [f"C{number:02d}" for number in range(1, 13)]


def test_no_rule_is_missing_and_none_stands_twice():
    named = [rule["id"] for rule in RULES] + [rule["id"] for rule in undecided_rules()]
    assert sorted(named) == sorted(IDS)


def test_the_register_names_exactly_the_rule_models():
    register = (PROJECT_DIRECTORY / "macros" / "rule_register.sql").read_text(encoding="utf-8")
    listed = re.findall(r"^\s+'([pc]\d\d_\w+)',$", register, flags=re.MULTILINE)
    in_folder = sorted(path.stem for path in (PROJECT_DIRECTORY / "models" / "rules").glob("[pc][0-9][0-9]_*.sql"))
    assert sorted(listed) == in_folder
    assert sorted(rule["model"] for rule in RULES) == in_folder


def test_an_undecided_rule_says_in_both_languages_why_and_which_field_is_missing():
    contracts = load_contracts()
    for rule in undecided_rules():
        assert all(rule[key]["zh"] and rule[key]["en"] for key in ("name", "article", "why")), rule["id"]
        # P27 and P28 bind the assessment itself: there is no record that a field could complete.
        assert bool(rule["missing_fields"]) == (rule["unit"] != "engine"), rule["id"]
        for name in rule["missing_fields"]:
            entity, field = name.split(".")
            assert field not in contracts.entities[entity].by_name, f"{rule['id']}: {name} is in the contract"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_a_rule_declares_everything_in_both_languages(rule):
    assert rule["model"].startswith(rule["id"].lower() + "_")
    assert rule["severity"] in ("veto", "error", "warning")
    assert rule["unit"] in ("case", "coercion", "lead")
    for key in ("name", "article", "text", "exceptions"):
        assert rule[key]["zh"] and rule[key]["en"], key
    contracts = load_contracts()
    for name in rule["fields"]:
        entity, field = name.split(".")
        assert field in contracts.entities[entity].by_name, name
    for code, reason in rule["reasons"].items():
        assert reason["result"] in ("fail", "not_applicable", "undecidable"), code
        assert reason["zh"] and reason["en"], code
    for name, parameter in rule["parameters"].items():
        assert parameter["label"]["zh"] and parameter["label"]["en"], name
        for row in parameter["rows"]:
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["valid_from"]), f"{name}: {row}"
            assert ("value" in row) != ("code" in row) or name in ("type_order",), f"{name}: {row}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_a_rule_gives_exactly_the_reasons_it_declares(rule):
    given = set(re.findall(r"(?:then|else) '([A-Z][A-Z_]+)'", rule["sql"])) - {"PASS"}
    assert given == set(rule["reasons"]) - {"EXEMPT"}
    assert "then 'PASS'" in rule["sql"]
    assert ("EXEMPT" in rule["reasons"]) == bool(rule.get("exempt"))


def test_the_lawful_rate_explains_every_veto_rule_of_cases():
    lawful = next(one for one in declarations() if one["id"] == "lawful_rate")
    vetoes = {rule["id"]: rule["name"] for rule in RULES if rule["severity"] == "veto" and rule["unit"] == "case"}
    assert {code: text for code, text in lawful["reasons"].items() if code != "RULES_UNDECIDED"} == vetoes


def test_every_row_of_a_rule_is_one_that_sql_reads():
    check_rule_rows(RULES)
    macros = (PROJECT_DIRECTORY / "macros" / "rule_parameters.sql").read_text(encoding="utf-8")
    weighed = re.search(r"macro scope_weights\(\).*?return\((\{.*?\})\)", macros, flags=re.DOTALL)
    assert weighed is not None
    assert set(re.findall(r"'(\w+)':", weighed[1])) == set(SCOPES)
