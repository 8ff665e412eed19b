"""Reads and validates the contract files. Errors name the file, the key and the choices."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from pipelines.contract.model import CodeList, Contract, ContractField
from pipelines.errors import ContractError

Model = TypeVar("Model", bound=BaseModel)

EXPECTATIONS_DIRECTORY = Path(__file__).resolve().parents[2] / "expectations"


@dataclass(frozen=True)
class Contracts:
    """All entities and code lists.

    `entities` is keyed by entity name, ledgers before activities, each in the order a reader needs
    them; an activity's fields already end with `submitted_at`, `updated_at`, `operation`.
    """

    entities: dict[str, Contract]
    code_lists: dict[str, CodeList]

    def codes_of(self, field: ContractField) -> CodeList | None:
        """The code list of a coded field, None for any other."""
        return None if field.codes is None else self.code_lists[field.codes]


#: The order of entities: what is referred to comes before what refers to it.
ENTITY_ORDER = (
    "subjects", "agencies", "officers", "devices", "laws", "articles", "matters", "powers",
    "leads", "inspection_plans", "inspections", "cases", "coercions", "participations", "recordings",
    "documents", "supervisions", "review_faults", "disputes", "assistance_requests",
)  # fmt: skip


def _read_yaml(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as error:
        raise ContractError(f"{path.name}: file not found in {path.parent}. Restore it.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name}: not readable as YAML ({error}). Correct the file.") from error


def _validated(path: Path, adapter: TypeAdapter[Model], content: object) -> Model:
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(_named(content, first["loc"])) or "the file"
        raise ContractError(
            f"{path.name}: {where}: {first['msg']} (found {str(first['input'])[:80]!r}). Correct the contract file."
        ) from error


def _named(content: object, location: tuple[int | str, ...]) -> list[str]:
    """The parts of `location`, a member of a list by its `name` where it has one: a field, not its number."""
    parts = []
    for part in location:
        content = (
            content[part]
            if isinstance(content, list) and isinstance(part, int)
            else (content.get(part) if isinstance(content, dict) else None)
        )
        name = content.get("name") if isinstance(part, int) and isinstance(content, dict) else None
        parts.append(str(part if name is None else name))
    return parts


def read_contracts(directory: Path = EXPECTATIONS_DIRECTORY) -> Contracts:
    """Read every contract and code list below `directory`.

    Raises ContractError when a file breaks the schema, a code list or a referenced field does not
    exist, a file's name differs from its entity, or an entity of `ENTITY_ORDER` is missing.
    """
    lists_path = directory / "code_lists.yml"
    raw_lists = _read_yaml(lists_path)
    if not isinstance(raw_lists, dict):
        raise ContractError(f"{lists_path.name}: must be a mapping of code lists.")
    adapter_list = TypeAdapter(CodeList)
    code_lists = {str(name): _validated(lists_path, adapter_list, content) for name, content in raw_lists.items()}

    common_path = directory / "activity_fields.yml"
    common = _read_yaml(common_path)
    if not isinstance(common, list):
        raise ContractError(f"{common_path.name}: must be a list of fields.")

    adapter = TypeAdapter(Contract)
    found: dict[str, Contract] = {}
    for path in sorted((directory / "contracts").glob("*.yml")):
        content = _read_yaml(path)
        if isinstance(content, dict) and content.get("group") == "activity" and isinstance(content.get("fields"), list):
            content = {**content, "fields": [*content["fields"], *common]}
        contract = _validated(path, adapter, content)
        if contract.entity != path.stem:
            raise ContractError(
                f"{path.name}: entity is `{contract.entity}`; it must be the file's name, `{path.stem}`."
            )
        found[contract.entity] = contract

    missing = [name for name in ENTITY_ORDER if name not in found]
    unknown = [name for name in found if name not in ENTITY_ORDER]
    if missing or unknown:
        raise ContractError(
            f"contracts: missing {', '.join(missing) or 'none'}; not known {', '.join(unknown) or 'none'}. "
            f"The entities are {', '.join(ENTITY_ORDER)}."
        )
    contracts = Contracts({name: found[name] for name in ENTITY_ORDER}, code_lists)
    for contract in contracts.entities.values():
        for field in contract.fields:
            _check_links(contract, field, contracts)
    return contracts


def _check_links(contract: Contract, field: ContractField, contracts: Contracts) -> None:
    where = f"{contract.entity}.yml: field `{field.name}`"
    if field.codes is not None and field.codes not in contracts.code_lists:
        raise ContractError(f"{where}: unknown code list `{field.codes}`. Known: {', '.join(contracts.code_lists)}.")
    if field.references is not None:
        entity, name = field.references.split(".")
        if entity not in contracts.entities or name not in contracts.entities[entity].by_name:
            raise ContractError(f"{where}: refers to `{field.references}`, which no contract has.")


@cache
def load_contracts() -> Contracts:
    """The project's own contracts, read once per process."""
    return read_contracts()
