"""Writes the dbt sources of the schema `raw` from the contracts, so that SQL never retypes a record.

Run `python -m pipelines.contract.dbt_sources` after a contract changes; a test holds that the
committed file is what this gives.
"""

from pathlib import Path

import yaml

from pipelines.contract.loader import Contracts, load_contracts
from pipelines.contract.model import Contract, ContractField

SOURCES_FILE = Path(__file__).resolve().parents[2] / "dbt_project" / "models" / "staging" / "_raw__sources.yml"
STAGING_FILE = SOURCES_FILE.with_name("_staging__models.yml")
FIELDS_FILE = SOURCES_FILE.with_name("_contract_fields.md")

_HEAD = "# Generated from expectations/contracts by `python -m pipelines.contract.dbt_sources`; do not edit.\n"


def sources_yaml(contracts: Contracts) -> str:
    """The text of the sources file: every raw table with its key, group, columns, types and labels."""
    tables = [
        {
            "name": contract.entity,
            "description": f"{contract.grain.en}; all versions. {contract.grain.zh}，保留全部版本。",
            "config": {"meta": {"key": list(contract.key), "group": contract.group}},
            "columns": [
                {
                    "name": field.name,
                    "description": _described(contract, field),
                    "data_type": field.sql_type,
                }
                for field in contract.fields
            ],
        }
        for contract in contracts.entities.values()
    ]
    tables.append({"name": "code_lists", "description": "One row per code of a code list of the contract."})
    tables.append({"name": "calendar_days", "description": "One row per day of which the official calendar is known."})
    control = {"name": "run", "description": "One row: the month assessed and what was known when (as_of)."}
    sources = [
        {"name": "raw", "schema": "raw", "description": "Records as landed.", "tables": tables},
        {"name": "control", "schema": "control", "description": "The run being built.", "tables": [control]},
    ]
    return _HEAD + yaml.safe_dump({"version": 2, "sources": sources}, allow_unicode=True, sort_keys=False, width=120)


def staging_yaml(contracts: Contracts) -> str:
    """The text of the properties file of the staging models: grain, key test, column descriptions."""
    models = [
        {
            "name": f"stg_{contract.entity}",
            "description": (
                f"{contract.grain.en}; the newest version known at the run's as_of. "
                f"{contract.grain.zh}，取截止时点已知的最新版本。"
            ),
            "columns": [{"name": field.name, "description": _described(contract, field)} for field in contract.fields],
        }
        for contract in contracts.entities.values()
    ]
    return _HEAD + yaml.safe_dump({"version": 2, "models": models}, allow_unicode=True, sort_keys=False, width=120)


def fields_markdown(contracts: Contracts) -> str:
    """The text of the documentation blocks: one per field, `<entity>__<field>`, which the models' columns refer to."""
    blocks = [
        f"{{% docs {contract.entity}__{field.name} %}}{field.label.zh} / {field.label.en}{{% enddocs %}}\n"
        for contract in contracts.entities.values()
        for field in contract.fields
    ]
    return "".join(blocks)


def _described(contract: Contract, field: ContractField) -> str:
    return f"{{{{ doc('{contract.entity}__{field.name}') }}}}"


def generated(contracts: Contracts) -> dict[str, str]:
    """The three files by name, as the contracts give them."""
    return {
        FIELDS_FILE.name: fields_markdown(contracts),
        SOURCES_FILE.name: sources_yaml(contracts),
        STAGING_FILE.name: staging_yaml(contracts),
    }


def write() -> None:
    """Write the three files."""
    for name, text in generated(load_contracts()).items():
        SOURCES_FILE.with_name(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
