"""A definition that gets a new version: two files and a line of the register.

The project is copied, extended and compiled in a process of its own, so that nothing here is special to the test.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]

#: From September 2026 on only cases that ended in a penalty count for the supervision rate.
NEW_VERSION = {"version": "2", "valid_from": "2026-09-01"}

ASKED = """
import json
from tests.spec.world import World
from pipelines.warehouse.dbt_project import declarations
from pipelines.warehouse.months import Month

world = World(
    "2026-10",
    subjects="subject_id | kind\\nS1 | department",
    cases=(
        "case_id | subject_id | procedure | decision | decided_at\\n"
        "K1 | S1 | simple | penalty | 2026-08-31\\nK2 | S1 | ordinary | no_penalty | 2026-08-31\\n"
        "K3 | S1 | simple | penalty | 2026-09-01\\nK4 | S1 | ordinary | no_penalty | 2026-09-01\\n"
        "K5 | S1 | simple | penalty | 2026-10-01\\nK6 | S1 | ordinary | no_penalty | 2026-10-01"
    ),
)
rows = world.connection.execute(
    "select indicator_id, period_kind, period, denominator, definition_version from assessment.results "
    "where level = 'subject' and variant = 'cases' and indicator_id = 'supervision_rate' and period >= '2026-08'"
).fetchall()
def versions(on):
    found = {item["id"]: item for item in declarations(on=on)}["supervision_rate"]
    return [found["version"], *(item["version"] for item in found.get("earlier_versions", []))]
# Supervised are 2 of 10 decided cases in August, 3 of 5 penalties in September, 5 of 5 in October.
numbers = {"2026-08": (10, 5, 2), "2026-09": (8, 5, 3), "2026-10": (5, 5, 5)}
cases, supervisions = [], []
for month, (decided, penalties, supervised) in numbers.items():
    for n in range(decided):
        key = f"{month}K{n}"
        decision = "penalty" if n < penalties else "no_penalty"
        cases.append(f"{key} | S1 | M{n % 2} | simple | {decision} | {month}-05")
        if n < supervised:
            supervisions.append(f"V{key} | S1 | case | {key} | {month}-06")
months = {}
for month in ("2026-09", "2026-10"):
    more = World(
        month,
        subjects="subject_id | kind\\nS1 | department",
        matters="matter_id | kind | valid_from | domain\\nM0 | penalty | 2020-01-01 | A\\nM1 | penalty | 2020-01-01 | B",
        cases="case_id | subject_id | matter_id | procedure | decision | decided_at\\n" + "\\n".join(cases),
        supervisions="supervision_id | subject_id | activity_kind | activity_id | done_at\\n" + "\\n".join(supervisions),
    )
    months[month] = more.connection.execute(
        "select min(cause), max(cause), min(base_definition_version || '>' || definition_version), max(difference), "
        "sum(mix_effect), sum(rate_effect), sum(definition_effect) from assessment.changes where level = 'subject' "
        "and variant = 'cases' and indicator_id = 'supervision_rate' and comparison = 'previous_month'"
    ).fetchall()
print(json.dumps({
    "rows": rows,
    "changes": months,
    "august": versions(Month(2026, 8).first_day),
    "september": versions(Month(2026, 9).first_day),
    "newest": versions(None),
    "before_the_first": versions(Month(2020, 1).first_day),
}))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    copy = tmp_path_factory.mktemp("project")
    left_out = shutil.ignore_patterns("target", "logs", "__pycache__")
    for folder in ("dbt_project", "pipelines", "expectations", "tests/spec"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=left_out)
    (copy / "tests" / "__init__.py").touch()
    indicators = copy / "dbt_project" / "models" / "indicators"

    properties = yaml.safe_load((indicators / "supervision_rate.yml").read_text(encoding="utf-8"))
    model = properties["models"][0]
    model["name"] = "supervision_rate_2"
    model["config"]["meta"]["indicator"] |= NEW_VERSION
    (indicators / "supervision_rate_2.yml").write_text(yaml.safe_dump(properties, allow_unicode=True), encoding="utf-8")
    sql = (indicators / "supervision_rate.sql").read_text(encoding="utf-8")
    assert sql.count("where is_decided") == 1
    sql = sql.replace("where is_decided", "where is_decided and decision = 'penalty'")
    (indicators / "supervision_rate_2.sql").write_text(sql, encoding="utf-8")

    register = copy / "dbt_project" / "macros" / "indicator_register.sql"
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace("    ]) }}", "        'supervision_rate_2',\n    ]) }}"))
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_an_old_month_is_computed_by_the_version_of_its_day(answers):
    months = {
        period: (denominator, version) for _, kind, period, denominator, version in answers["rows"] if kind == "month"
    }
    #           August: penalty and no_penalty · from September the penalty alone
    assert months == {"2026-08": (2, "1"), "2026-09": (1, "2"), "2026-10": (1, "2")}


def test_a_longer_period_adds_its_months_and_names_all_their_versions(answers):
    longer = {kind: (denominator, version) for _, kind, _, denominator, version in answers["rows"] if kind != "month"}
    assert longer == dict.fromkeys(("quarter", "ytd", "r12"), (2 + 1 + 1, "1+2"))


def test_a_change_between_two_versions_is_told_as_the_definition_and_not_as_mix_and_rate(answers):
    ((first, last, versions, difference, mix, rate, definition),) = answers["changes"]["2026-09"]
    assert (first, last, versions) == ("definition", "definition", "1>2")
    # 3 of 5 penalties after 2 of 10 decided cases.
    assert (mix, rate) == (0, 0)
    assert definition == pytest.approx(difference, abs=1e-12) == pytest.approx(3 / 5 - 2 / 10, abs=1e-12)
    ((first, last, versions, difference, mix, rate, definition),) = answers["changes"]["2026-10"]
    assert (first, last, versions, definition) == ("mix_and_rate", "mix_and_rate", "2>2", 0)
    assert mix + rate == pytest.approx(difference, abs=1e-12) == pytest.approx(5 / 5 - 3 / 5, abs=1e-12)


def test_the_declaration_of_an_edition_is_the_one_in_force(answers):
    assert answers["august"] == ["1"]
    assert answers["september"] == answers["newest"] == ["2", "1"]
    assert answers["before_the_first"] == ["1"]
