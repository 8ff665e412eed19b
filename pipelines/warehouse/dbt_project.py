"""The dbt project on disk: where it is, its parsed manifest, the declarations in it.

Parsing costs several seconds and its result depends only on the project's files, so it is kept in
`dbt_project/target` under a fingerprint of those files; a run and the Dagster graph both read it. Before
a parse, and so once after every change, the declarations are checked, and that the files which are
generated from the contracts are what the contracts give.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.contract import dbt_sources
from pipelines.contract.loader import EXPECTATIONS_DIRECTORY, load_contracts
from pipelines.errors import ContractError, WarehouseError

#: Another dbt project than the one that is shipped, for example a copy with a change to be tried.
PROJECT_VARIABLE = "HENGFA_DBT_PROJECT"
PROJECT_DIRECTORY = Path(
    os.environ.get(PROJECT_VARIABLE) or Path(__file__).resolve().parents[2] / "dbt_project"
).resolve()
TARGET_DIRECTORY = PROJECT_DIRECTORY / "target"
MANIFEST_FILE = TARGET_DIRECTORY / "manifest.json"
PARSED_FILE = TARGET_DIRECTORY / "partial_parse.msgpack"
FINGERPRINT_FILE = TARGET_DIRECTORY / "fingerprint.txt"


def project_files() -> list[Path]:
    """The files that decide what dbt builds, in sorted order."""
    folders = [PROJECT_DIRECTORY / name for name in ("models", "macros", "tests")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".sql", ".yml")]
    return sorted([*files, PROJECT_DIRECTORY / "dbt_project.yml", PROJECT_DIRECTORY / "profiles.yml"])


def contract_files() -> list[Path]:
    """The files that say what a record is, in sorted order."""
    own = [EXPECTATIONS_DIRECTORY / name for name in ("code_lists.yml", "activity_fields.yml")]
    return sorted([*(EXPECTATIONS_DIRECTORY / "contracts").glob("*.yml"), *own])


def fingerprint() -> str:
    """A sha256 of the project's files, of the contracts and of the versions of dbt and its adapter."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in project_files():
        digest.update(path.relative_to(PROJECT_DIRECTORY).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for path in contract_files():
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_parsed() -> bool:
    """Whether `target` holds the parse of the files as they are now."""
    if not (MANIFEST_FILE.exists() and PARSED_FILE.exists() and FINGERPRINT_FILE.exists()):
        return False
    return FINGERPRINT_FILE.read_text(encoding="utf-8") == fingerprint()


def ensure_parsed() -> None:
    """Parse the project in a process of its own if its files have changed.

    A separate process keeps dbt out of the importing one: `pipelines.definitions` must not load it.
    Raises DeclarationError for a declaration that cannot be used and for a rule's row that nothing would read,
    ContractError if the files made from the contracts are older than the contracts, WarehouseError with dbt's message
    if the project does not parse.
    """
    if is_parsed():
        return
    # Its models are made while it is imported, which only a parse has to wait for.
    from pipelines.warehouse.declarations import check_declarations

    require_generated()
    check_declarations(PROJECT_DIRECTORY, load_contracts())
    TARGET_DIRECTORY.mkdir(exist_ok=True)
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "parse",
        "--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(PROJECT_DIRECTORY),
        "--log-path", str(TARGET_DIRECTORY), "--no-partial-parse",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "DO_NOT_TRACK": "1"})
    if done.returncode != 0:
        raise WarehouseError(f"the dbt project does not parse:\n{(done.stdout + done.stderr).strip()[-3000:]}")
    _check_declared_rules()
    FINGERPRINT_FILE.write_text(fingerprint(), encoding="utf-8")


def require_generated() -> None:
    """ContractError unless the dbt files that are made from the contracts are what the contracts give."""
    for name, text in dbt_sources.generated(load_contracts()).items():
        path = PROJECT_DIRECTORY / "models" / "staging" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            raise ContractError(
                f"{path.relative_to(PROJECT_DIRECTORY)} is not what expectations/contracts gives: a contract has "
                "changed since it was made. Run `make generate`, then start again."
            )


def _check_declared_rules() -> None:
    # The contract is read only after a change of the project, not at every start.
    from pipelines.warehouse.rule_rows import check_rule_rows

    nodes = json.loads(MANIFEST_FILE.read_text(encoding="utf-8"))["nodes"].values()
    metas = [node["config"].get("meta", {}) for node in nodes if node["resource_type"] == "model"]
    check_rule_rows(meta["rule"] for meta in metas if "rule" in meta)


@cache
def manifest() -> dict[str, Any]:
    """The parsed manifest, as dbt writes it to JSON."""
    ensure_parsed()
    content: dict[str, Any] = json.loads(MANIFEST_FILE.read_text(encoding="utf-8"))
    return content


def declarations(
    kind: str = "indicator",
    *,
    on: date | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The declarations of a kind in display order, each with `model` and the `sql` of its model.

    `kind` is `indicator`, `rule` or `signal`; a declaration is `config.meta.<kind>` of the properties
    file beside the model. A threshold stands once, in `parameters`; texts name it as `{days}` and are
    returned with its value, which `parameters` (of a scheme: id → name → value) may replace.

    Of several versions of one id the newest in force `on` the day is given (without a day the newest
    of all), the versions it replaced under `earlier_versions`, newest first.
    """
    rule_names = _rule_names() if kind == "indicator" else {}
    by_id: dict[str, list[dict[str, Any]]] = {}
    for node in manifest()["nodes"].values():
        meta = node.get("config", {}).get("meta", {})
        if node["resource_type"] == "model" and kind in meta:
            values = {**meta[kind].get("parameters", {}), **(parameters or {}).get(meta[kind]["id"], {})}
            told = {**meta[kind], "parameters": values} if values else dict(meta[kind])
            if (rules := told.pop("rule_reasons", None)) is not None:
                told["reasons"] = {**told["reasons"], **rule_names.get((rules["severity"], rules["unit"]), {})}
            written = _with_values(told, values)
            by_id.setdefault(written["id"], []).append({**written, "model": node["name"], "sql": node["raw_code"]})
    declared = []
    for versions in by_id.values():
        versions.sort(key=lambda version: version.get("valid_from", ""), reverse=True)
        # The first version stands for every day before it too.
        known = [item for item in versions if on is None or item.get("valid_from", "") <= on.isoformat()]
        newest, *earlier = known or versions[-1:]
        declared.append({**newest, "earlier_versions": earlier} if earlier else newest)
    return sorted(declared, key=lambda item: (item["position"], item["id"]))


def _rule_names() -> dict[tuple[str, str], dict[str, dict[str, str]]]:
    """Severity and unit → rule id → its name, by id."""
    metas = [node.get("config", {}).get("meta", {}) for node in manifest()["nodes"].values()]
    names: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for rule in sorted((meta["rule"] for meta in metas if "rule" in meta), key=lambda rule: str(rule["id"])):
        names.setdefault((rule["severity"], rule["unit"]), {})[rule["id"]] = rule["name"]
    return names


def undecided_rules() -> list[dict[str, Any]]:
    """The statutory rules that no field of the contract decides, with the fields they lack and why, by id."""
    rules: list[dict[str, Any]] = manifest()["nodes"]["model.hengfa.dim_rule"]["config"]["meta"]["undecided_rules"]
    return rules


def _with_values(written: Any, parameters: dict[str, Any]) -> Any:
    """The declaration with every `{name}` of its texts replaced by the parameter's value."""
    if isinstance(written, dict):
        return {key: _with_values(item, parameters) for key, item in written.items()}
    if isinstance(written, list):
        return [_with_values(item, parameters) for item in written]
    if isinstance(written, str):
        for name, value in parameters.items():
            written = written.replace(f"{{{name}}}", str(value))
    return written


def variables() -> dict[str, Any]:
    """The project's variables: thresholds of the result statuses, the confidence of intervals."""
    import yaml

    content = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(content["vars"])
