"""Layers read only to their left, in Python and in dbt (design §1, §2)."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipelines.contract.dbt_sources import (
    FIELDS_FILE,
    SOURCES_FILE,
    STAGING_FILE,
    fields_markdown,
    sources_yaml,
    staging_yaml,
)
from pipelines.contract.loader import load_contracts
from pipelines.warehouse.dbt_project import PROJECT_DIRECTORY, declarations, manifest

ROOT = Path(__file__).resolve().parents[2]

#: Left to right; a module imports from its own layer and those before it.
PYTHON_LAYERS = [
    ("pipelines.errors", "pipelines.existing", "pipelines.log", "pipelines.own_process", "pipelines.settings"),
    ("pipelines.contract",),
    ("pipelines.warehouse",),
    ("pipelines.scheme",),
    ("pipelines.demo", "pipelines.ingest"),
    ("expectations",),
    ("pipelines.assessment",),
    ("pipelines.editions",),
    ("pipelines.appeals",),
    ("reports",),
    ("pipelines.event_log", "pipelines.warm_up", "pipelines.ahead", "pipelines.after_build", "pipelines.partitions", "pipelines.resources", "pipelines.assets", "pipelines.checks", "pipelines.jobs",
     "pipelines.attempts", "pipelines.schedules", "pipelines.sensors", "pipelines.definitions"),
    ("pipelines.run",),
    ("pipelines.cli",),
]  # fmt: skip

DBT_LAYERS = ["staging", "marts", "rules", "indicators", "signals", "assessment", "reporting"]


def layer_of(module: str) -> int | None:
    for number, names in enumerate(PYTHON_LAYERS):
        if any(module == name or module.startswith(name + ".") for name in names):
            return number
    return None


def modules() -> list[Path]:
    return sorted(path for folder in ("pipelines", "expectations", "reports") for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_a_module_imports_only_from_its_own_layer_or_those_before_it(path):
    own = layer_of(module_name(path))
    if own is None:
        assert module_name(path) in ("pipelines",), f"{module_name(path)} belongs to no layer"
        return
    for name in imported(path):
        layer = layer_of(name)
        assert layer is None or layer <= own, f"{module_name(path)} imports {name}, which stands to its right"


def test_dbt_models_read_only_their_own_layer_or_those_before_it():
    nodes = manifest()["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    assert {node["fqn"][1] for node in models.values()} <= set(DBT_LAYERS)
    for node in models.values():
        own = DBT_LAYERS.index(node["fqn"][1])
        for upstream in node["depends_on"]["nodes"]:
            if upstream.startswith("source.hengfa.raw.") and not upstream.endswith((".code_lists", ".calendar_days")):
                assert node["fqn"][1] == "staging", f"{node['name']} reads {upstream} past staging"
            elif upstream in models:
                layer = DBT_LAYERS.index(models[upstream]["fqn"][1])
                assert layer <= own, f"{node['name']} reads {models[upstream]['name']} of a later layer"


def test_every_model_has_a_description():
    nodes = [node for node in manifest()["nodes"].values() if node["resource_type"] == "model"]
    assert [node["name"] for node in nodes if not node["description"]] == []


def test_the_register_names_exactly_the_indicator_models():
    register = (PROJECT_DIRECTORY / "macros" / "indicator_register.sql").read_text(encoding="utf-8")
    in_folder = {path.stem for path in (PROJECT_DIRECTORY / "models" / "indicators").glob("*.sql")}
    assert {name for name in in_folder if f"'{name}'" in register} == in_folder
    assert register.count("'") == 2 * len(in_folder)
    versions = [item for newest in declarations() for item in (newest, *newest.get("earlier_versions", []))]
    assert {declaration["model"] for declaration in versions} == in_folder


def leaves(content):
    if isinstance(content, dict):
        for item in content.values():
            yield from leaves(item)
    else:
        yield content


def test_every_declaration_says_everything_in_both_languages():
    texts = ("name", "question", "numerator", "denominator", "exclusions", "caveat", "owner")
    for declaration in declarations():
        for key in texts:
            assert set(declaration[key]) == {"zh", "en"}, f"{declaration['id']}: {key}"
            assert all(declaration[key].values()), f"{declaration['id']}: {key}"
        assert declaration["default_variant"] in declaration["variants"], declaration["id"]
        assert declaration["legal_basis"], declaration["id"]
        # Thresholds are named in the texts and stand in `parameters` alone: none is left without its value.
        texts_and_variants = {key: declaration[key] for key in (*texts, "variants", "reasons")}
        assert "{" not in json.dumps(list(leaves(texts_and_variants))), declaration["id"]


def test_generated_dbt_files_are_what_the_contracts_give():
    contracts = load_contracts()
    assert SOURCES_FILE.read_text(encoding="utf-8") == sources_yaml(contracts), "run make generate"
    assert STAGING_FILE.read_text(encoding="utf-8") == staging_yaml(contracts), "run make generate"
    assert FIELDS_FILE.read_text(encoding="utf-8") == fields_markdown(contracts), "run make generate"


def test_every_mart_has_an_enforced_contract_with_a_described_type_for_each_column():
    marts = [
        node
        for node in manifest()["nodes"].values()
        if node["fqn"][1:2] == ["marts"] and node["resource_type"] == "model"
    ]
    assert marts
    for node in marts:
        assert node["config"]["contract"]["enforced"], node["name"]
        assert node["columns"], node["name"]
        for column in node["columns"].values():
            assert column["data_type"] and column["description"], f"{node['name']}.{column['name']}"


def test_importing_the_definitions_loads_neither_dbt_nor_great_expectations():
    code = (
        "import sys, pipelines.definitions; "
        "print([name for name in ('dbt', 'great_expectations', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_heavy_library():
    code = (
        "import sys, pipelines.cli.application; "
        "print([n for n in ('dbt', 'dagster', 'duckdb', 'polars', 'great_expectations') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_register_names_exactly_the_signal_models():
    register = (PROJECT_DIRECTORY / "macros" / "signals.sql").read_text(encoding="utf-8")
    register = register[register.index("macro signal_register") : register.index("endmacro")]
    declared = {declaration["model"] for declaration in declarations("signal")}
    not_signals = {"signal_evidence", "signal_results", "signal_records", "dim_signal"}
    in_folder = {path.stem for path in (PROJECT_DIRECTORY / "models" / "signals").glob("*.sql")} - not_signals
    assert set(register.split("'")[1::2]) == in_folder == declared


def test_every_signal_says_everything_in_both_languages():
    for declaration in declarations("signal"):
        assert declaration["id"] == declaration["model"]
        for key in ("name", "question", "test", "caveat", "owner"):
            assert set(declaration[key]) == {"zh", "en"}, f"{declaration['id']}: {key}"
            assert all(declaration[key].values()), f"{declaration['id']}: {key}"
        assert "从不直接扣分" in declaration["caveat"]["zh"] and "never a deduction" in declaration["caveat"]["en"]
        assert set(declaration["parameter_labels"]) == set(declaration["parameters"]), declaration["id"]
        assert declaration["threshold_of"] in ("p_value", "statistic"), declaration["id"]
        # A test has the false-alarm rate of its p-value, an exact rule or a share has none to state.
        stated = declaration["threshold"] if declaration["threshold_of"] == "p_value" else None
        assert declaration["false_alarm_rate"] == stated, declaration["id"]
        assert declaration["legal_basis"], declaration["id"]


def test_no_signal_types_a_parameter_again_in_its_text():
    """Read as written: `{days}` stands for the number, which the declaration holds once."""
    for path in sorted((PROJECT_DIRECTORY / "models" / "signals").glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            signal = model.get("config", {}).get("meta", {}).get("signal")
            if signal is None:
                continue
            for language, text in signal["test"].items():
                named = set(re.findall(r"\{(\w+)\}", text))
                assert named <= set(signal["parameters"]), f"{path.name} {language}: {named}"
                # What is left are rule numbers, symbols of the statistic, and figures that are no parameter.
                numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*x)", re.sub(r"\{\w+\}|P\d\d", "", text))
                assert set(numbers) <= {"24", "28", "0.53", "1"}, f"{path.name} {language}: {numbers}"
                assert "window_months" not in signal["parameters"] or "window_months" in named, (
                    f"{path.name} {language}"
                )
