"""Declarations of indicators, rules and signals: refused before anything is built, with file, key and choices."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.contract.loader import load_contracts
from pipelines.errors import ContractError, DeclarationError
from pipelines.warehouse import dbt_project
from pipelines.warehouse.declarations import check_declarations
from pipelines.warehouse.declared_reasons import require_declared

INDICATOR = "models/indicators/withdrawal_rate.yml"
RULE = "models/rules/p06_filing_in_time.yml"
SIGNAL = "models/signals/limit_bunching.yml"
REGISTER = "macros/indicator_register.sql"


@pytest.fixture
def project(tmp_path) -> Path:
    """The parts of the dbt project that hold declarations, to be broken."""
    for folder in ("models/indicators", "models/rules", "models/signals", "macros"):
        shutil.copytree(dbt_project.PROJECT_DIRECTORY / folder, tmp_path / folder)
    return tmp_path


def change(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} does not hold {old}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def without(key: str) -> Callable[[str], str]:
    """The file's text without the block of `key`."""

    def cut(text: str) -> str:
        lines = text.splitlines(keepends=True)
        start = next(at for at, line in enumerate(lines) if line.startswith(f"          {key}:"))
        indent = len(lines[start]) - len(lines[start].lstrip())
        end = start + 1
        while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > indent:
            end += 1
        return "".join([*lines[:start], *lines[end:]])

    return cut


def has_bounds(path: Path) -> bool:
    return "parameter_bounds:" in path.read_text(encoding="utf-8")


def test_the_projects_own_declarations_are_valid(project):
    check_declarations(project, load_contracts())


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (INDICATOR, "name: {zh: 撤案率, en: Withdrawal rate}", "name: {zh: 撤案率}", "`name.en`: is missing"),
        (INDICATOR, ", description: {zh:", ", describtion: {zh:", "`variants.default.description`: is missing"),
        (INDICATOR, "unit: share", "unit: shares", "`unit`: Input should be 'share', 'per_head', 'count' or 'index'"),
        (INDICATOR, "direction: lower", "direction: heigher", "'higher', 'lower' or 'band' (found 'heigher')"),
        (INDICATOR, "headline:", "headlin:", "`headlin`: there is no such key"),
        (INDICATOR, "headline:", "headlin:", "Keys are: id, version, position, name, valid_from, owner, headline"),
        (INDICATOR, "default_variant: default", "default_variant: main", "Variants are: default"),
        (INDICATOR, 'valid_from: "2024-01-01"', "valid_from: 2024-01-01", 'write it in quotes, "2024-01-01"'),
        (INDICATOR, "            zh: 处理决定为", "            zh: 在{days}日内", "`days`, which is not declared"),
        (INDICATOR, "{zh: 撤案率, en: Withdrawal rate}", "{zh: {days}日率, en: Rate}", "line 17"),
        (INDICATOR, "{zh: 撤案率, en: Withdrawal rate}", "{zh: 率{days}, en: Rate}", "stands in quotes"),
        (INDICATOR, "- name: withdrawal_rate", "- name: withdrawals", "there is no withdrawals.sql beside it"),
        (RULE, "severity: warning", "severity: wrong", "'veto', 'error' or 'warning' (found 'wrong')"),
        (RULE, "result: fail", "result: failed", "`reasons.LATE.result`"),
        (RULE, "valid_from:", "valid_form:", "`parameters.working_days.rows.0.valid_from`: is missing"),
        (RULE, "valid_from:", "valid_form:", "Keys are: subject_id, region, domain, workflow, party_kind, code"),
        (RULE, "cases.discovered_on", "cases.seen_on", "there is no field `cases.seen_on` in the contract"),
        (SIGNAL, "threshold_of: p_value", "threshold_of: p", "'p_value' or 'statistic' (found 'p')"),
        (SIGNAL, "share_below: {zh", "share_under: {zh", "must have the same names; one of them lacks"),
        (REGISTER, "        'withdrawal_rate',\n", "", "Add the line 'withdrawal_rate' to indicator_register"),
        (REGISTER, "'withdrawal_rate'", "'withdrawal_rat'", "indicator_register names `withdrawal_rat`, but no"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_what_may_stand_there(project, file, old, new, message):
    change(project, file, old, new)
    with pytest.raises(DeclarationError) as refused:
        check_declarations(project, load_contracts())
    assert message in str(refused.value)
    assert (INDICATOR if file == REGISTER and new == "" else file) in str(refused.value)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("file", "key"),
    [
        *((INDICATOR, key) for key in ("version", "position", "name", "question", "reasons")),
        *((RULE, key) for key in ("version", "position", "name", "severity", "reasons")),
        *((SIGNAL, key) for key in ("version", "position", "name", "question", "parameter_labels")),
    ],
)
def test_a_key_that_is_missing_is_named_before_anything_is_built(project, file, key):
    path = project / file
    path.write_text(without(key)(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DeclarationError, match=rf"{file}: .*`{key}`: is missing"):
        check_declarations(project, load_contracts())


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ("{days: [1, 365]}", "one of them lacks: days, working_days"),
        ("{working_days: [1]}", r"must be \[lowest, highest\]"),
        ("{working_days: [8, 250]}", "the parameter's own value 7 between them"),
    ],
)
def test_the_bounds_of_parameters_are_two_values_around_their_own(project, bounds, message):
    file = "models/indicators/service_on_time_rate.yml"
    path = project / file
    text = (
        without("parameter_bounds")(path.read_text(encoding="utf-8")) if has_bounds(path) else path.read_text("utf-8")
    )
    marker = "          default_variant:"
    path.write_text(text.replace(marker, f"          parameter_bounds: {bounds}\n{marker}"), encoding="utf-8")
    with pytest.raises(DeclarationError, match=message):
        check_declarations(project, load_contracts())


def test_all_mistakes_are_told_at_once(project):
    change(project, INDICATOR, "unit: share", "unit: shares")
    change(project, SIGNAL, "threshold_of: p_value", "threshold_of: p")
    with pytest.raises(DeclarationError) as refused:
        check_declarations(project, load_contracts())
    assert [line.split(":")[0].strip() for line in str(refused.value).splitlines()[1:]] == [INDICATOR, SIGNAL]


def test_an_id_that_stands_twice_is_named_with_both_files_unless_it_is_another_version(project):
    change(project, INDICATOR, "id: withdrawal_rate", "id: reversal_rate")
    with pytest.raises(DeclarationError) as refused:
        check_declarations(project, load_contracts())
    assert f"{INDICATOR}: the indicator `reversal_rate` stands in models/indicators/reversal_rate.yml too" in str(
        refused.value
    )
    change(project, INDICATOR, 'version: "1"', 'version: "2"')
    with pytest.raises(DeclarationError, match="with the same valid_from `2024-01-01`"):
        check_declarations(project, load_contracts())
    change(project, INDICATOR, 'valid_from: "2024-01-01"', 'valid_from: "2026-01-01"')
    check_declarations(project, load_contracts())


def test_files_made_from_older_contracts_are_refused_with_what_makes_them_again(project, monkeypatch):
    staging = project / "models" / "staging"
    shutil.copytree(dbt_project.PROJECT_DIRECTORY / "models" / "staging", staging)
    monkeypatch.setattr(dbt_project, "PROJECT_DIRECTORY", project)
    dbt_project.require_generated()
    change(project, "models/staging/_raw__sources.yml", "data_type: varchar", "data_type: bigint")
    with pytest.raises(ContractError, match=r"models/staging/_raw__sources.yml is not what .* Run `make generate`"):
        dbt_project.require_generated()


@pytest.fixture
def built() -> duckdb.DuckDBPyConnection:
    """Two relations as a build leaves them, empty."""
    connection = duckdb.connect()
    connection.execute("create schema assessment; create schema rules")
    connection.execute("create table assessment.evidence (indicator_id varchar, state varchar, reason varchar)")
    connection.execute("create table rules.rule_results (rule_id varchar, reason varchar)")
    return connection


DECLARED = [{"id": "rate", "model": "rate", "reasons": {"TOO_LATE": {}}}]
RULES = [{"id": "P01", "model": "p01_decision_in_time", "reasons": {"LATE": {}}}]


def test_declared_reasons_and_states_pass(built):
    built.execute("insert into assessment.evidence values ('rate', 'hit', null), ('rate', 'excluded', 'TOO_LATE')")
    built.execute("insert into rules.rule_results values ('P01', null), ('P01', 'LATE'), ('P01', 'NOT_DECIDED')")
    require_declared(built, DECLARED, RULES)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "insert into assessment.evidence values ('rate', 'hit', 'NO_FILM')",
            "models/indicators/rate.yml: 1 rows of `rate` give the reason `NO_FILM`",
        ),
        (
            "insert into assessment.evidence values ('rate', 'mis', null)",
            "models/indicators/rate.sql: 1 rows of `rate` have the state `mis`",
        ),
        (
            "insert into rules.rule_results values ('P01', 'LATTE')",
            "models/rules/p01_decision_in_time.yml: 1 rows of `P01` give the reason `LATTE`",
        ),
    ],
)
def test_what_no_declaration_explains_is_named_before_it_reaches_an_edition(built, statement, message):
    built.execute(statement)
    with pytest.raises(DeclarationError) as refused:
        require_declared(built, DECLARED, RULES)
    assert message in str(refused.value)
