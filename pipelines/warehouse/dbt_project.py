"""The dbt project on disk: where it is, its parsed manifest, the declarations in it.

Parsing costs several seconds and its result depends only on the project's files, so it is kept in
`dbt_project/target` under a fingerprint of those files; a run and the Dagster graph both read it.
"""

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.errors import WarehouseError

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


def fingerprint() -> str:
    """A sha256 of the project's files and of the versions of dbt and its adapter."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in project_files():
        digest.update(path.relative_to(PROJECT_DIRECTORY).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_parsed() -> bool:
    """Whether `target` holds the parse of the files as they are now."""
    if not (MANIFEST_FILE.exists() and PARSED_FILE.exists() and FINGERPRINT_FILE.exists()):
        return False
    return FINGERPRINT_FILE.read_text(encoding="utf-8") == fingerprint()


def ensure_parsed() -> None:
    """Parse the project in a process of its own if its files have changed.

    A separate process keeps dbt out of the importing one: `pipelines.definitions` must not load it.
    Raises WarehouseError with dbt's message if the project does not parse.
    """
    if is_parsed():
        return
    TARGET_DIRECTORY.mkdir(exist_ok=True)
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "parse",
        "--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(PROJECT_DIRECTORY),
        "--log-path", str(TARGET_DIRECTORY), "--no-partial-parse",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "DO_NOT_TRACK": "1"})
    if done.returncode != 0:
        raise WarehouseError(f"the dbt project does not parse:\n{(done.stdout + done.stderr).strip()[-3000:]}")
    FINGERPRINT_FILE.write_text(fingerprint(), encoding="utf-8")


@cache
def manifest() -> dict[str, Any]:
    """The parsed manifest, as dbt writes it to JSON."""
    ensure_parsed()
    content: dict[str, Any] = json.loads(MANIFEST_FILE.read_text(encoding="utf-8"))
    return content


def declarations(kind: str = "indicator") -> list[dict[str, Any]]:
    """The declarations of a kind in display order, each with `model` and the `sql` of its model.

    `kind` is `indicator`, `rule` or `signal`; a declaration is `config.meta.<kind>` of the properties
    file beside the model.
    """
    declared = []
    for node in manifest()["nodes"].values():
        meta = node.get("config", {}).get("meta", {})
        if node["resource_type"] == "model" and kind in meta:
            declared.append({**meta[kind], "model": node["name"], "sql": node["raw_code"]})
    return sorted(declared, key=lambda item: (item["position"], item["id"]))


def undecided_rules() -> list[dict[str, Any]]:
    """The statutory rules that no field of the contract decides, with the fields they lack and why, by id."""
    rules: list[dict[str, Any]] = manifest()["nodes"]["model.hengfa.dim_rule"]["config"]["meta"]["undecided_rules"]
    return rules


def variables() -> dict[str, Any]:
    """The project's variables: thresholds of the result statuses, the confidence of intervals."""
    import yaml

    content = yaml.safe_load((PROJECT_DIRECTORY / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(content["vars"])
