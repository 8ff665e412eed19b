"""An indicator is two files and a line of the register: results, glossary, explain and site follow by themselves."""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipelines.warehouse.dbt_project import PROJECT_DIRECTORY, PROJECT_VARIABLE
from tests.integration.command import hengfa
from tests.integration.conftest import LOADED_AT, MONTH, Assessed

SQL = """
with

cases as (
    select * from {{ ref('fct_cases') }}
),

judged as (
    select
        'default' as variant,
        subject_id,
        agency_id,
        decided_month as month,
        case_id as unit_id,
        decided_at as happened_at,
        case when procedure = '{{ parameter('counted') }}' then 'hit' else 'miss' end as state,
        {{ no_text() }} as reason
    from cases
    where is_decided
),

evidence_rows as (
    {{ one_per_record('judged', 'case', 'cases') }}
),

evidence as (
    {{ evidence_from('evidence_rows') }}
)

select * from evidence
"""
NAME = {"zh": "当场处罚占比", "en": "Share decided on the spot"}
WORDS: dict[str, Any] = {
    "id": "on_the_spot_share", "position": 99, "name": NAME, "reasons": {}, "direction": "band",
    "parameters": {"counted": "simple"},
    "question": {"zh": "作出决定的案件有多少是当场决定的？", "en": "How many of the decided cases were decided on the spot?"},
    "numerator": {"zh": "适用 {counted} 程序的案件", "en": "Those of the {counted} procedure"},
}  # fmt: skip


@pytest.fixture(scope="module")
def home(assessed: Assessed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small district, assessed by a project to which the indicator was added, and by nothing else that differs."""
    folder = tmp_path_factory.mktemp("added")
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_DIRECTORY, project, ignore=shutil.ignore_patterns("target", "logs"))
    indicators = project / "models" / "indicators"
    declared = yaml.safe_load((indicators / "withdrawal_rate.yml").read_text(encoding="utf-8"))
    declared["models"][0]["name"] = WORDS["id"]
    declared["models"][0]["config"]["meta"]["indicator"] |= WORDS
    (indicators / "on_the_spot_share.yml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    (indicators / "on_the_spot_share.sql").write_text(SQL, encoding="utf-8")
    register = project / "macros" / "indicator_register.sql"
    text = register.read_text(encoding="utf-8")
    assert text.count("    ]) }}") == 1
    register.write_text(text.replace("    ]) }}", "        'on_the_spot_share',\n    ]) }}"), encoding="utf-8")

    workspace = folder / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PROJECT_VARIABLE, str(project))
        # A run takes the files of an inbox away.
        inbox = shutil.copytree(assessed.exports, folder / "inbox")
        ran = hengfa(workspace, "run", MONTH, "--inbox", str(inbox), "--loaded-at", LOADED_AT)
    assert ran.returncode == 0, ran.stderr
    return workspace


def asked(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """The rows that a command prints as JSON; the commands read the edition alone, not the project."""
    told = hengfa(home, *arguments, "--format", "json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_it_has_results(home: Path) -> None:
    (total,) = asked(home, "results", MONTH, "--indicator", "on_the_spot_share", "--level", "total")
    bodies = asked(home, "results", MONTH, "--indicator", "on_the_spot_share", "--level", "subject")
    assert 0 < total["numerator"] < total["denominator"]
    cases = pl.read_parquet(home / "editions" / MONTH / "records" / "cases.parquet").filter(
        pl.col("decided_at").dt.strftime("%Y-%m") == MONTH, pl.col("decision").is_in(["penalty", "no_penalty"])
    )
    assert total["denominator"] == cases.height
    assert total["numerator"] == cases.filter(pl.col("procedure") == "simple").height
    # A group is the sum of its bodies, and a body without a case is there too.
    for part in ("numerator", "denominator"):
        assert total[part] == sum(body[part] for body in bodies)
    assert {"none", "tiny"} <= {body["status"] for body in bodies}
    # Its longer periods follow, too: each holds the shorter ones.
    units = {}
    for kind in ("month", "quarter", "ytd", "r12"):
        (longer,) = asked(
            home, "results", MONTH, "--indicator", "on_the_spot_share", "--level", "total", "--period-kind", kind
        )
        units[kind] = longer["denominator"]
    assert total["denominator"] == units["month"] < units["quarter"] < units["ytd"] < units["r12"]


def test_it_is_explained_down_to_its_cases(home: Path) -> None:
    bodies = asked(home, "results", MONTH, "--indicator", "on_the_spot_share", "--level", "subject")
    body = next(body for body in bodies if body["denominator"])
    told = hengfa(home, "explain", WORDS["id"], "--entity", body["entity_id"], "--month", MONTH, "--lang", "en")
    assert told.returncode == 0, told.stderr
    assert NAME["en"] in told.stdout
    assert "Those of the simple procedure" in told.stdout
    assert f"{body['numerator']:.0f} / {body['denominator']:.0f}" in told.stdout


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_stands_in_the_glossary_and_on_the_site(home: Path, language: str) -> None:
    site = home / "site" / MONTH / language
    for page in ("indicators.html", "glossary.html", f"indicators/{WORDS['id']}.html"):
        assert NAME[language] in (site / page).read_text(encoding="utf-8"), page
    assert WORDS["question"][language] in (site / "indicators" / f"{WORDS['id']}.html").read_text(encoding="utf-8")


def test_it_stands_in_the_edition_with_its_declaration(home: Path) -> None:
    declared = json.loads((home / "editions" / MONTH / "indicators.json").read_text(encoding="utf-8"))
    assert WORDS["id"] in json.dumps(declared)
