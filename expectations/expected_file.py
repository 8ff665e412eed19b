"""The workspace's `expected.yml`: what bodies are to return, and totals that somebody has stated.

returns:                        # corrects what is learned from history
  - {subject: J001, entity: coercions, expected: false, from: 2026-01, to: 2026-06}
  - {subject: J002, entity: inspections, expected: 120}
totals:                         # published or decreed figures, held against the ledgers
  - entity: subjects
    stated: 110
    field: kind
    parts: {department: 41, zone: 47, street_town: 21}
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.contract.loader import Contracts
from pipelines.errors import SettingError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatedReturn(_Strict):
    """What a body is to send of an entity in a month: nothing (false), something (true), or so many records."""

    subject: str
    entity: str
    expected: bool | int = Field(union_mode="left_to_right")
    first: str | None = Field(default=None, alias="from", pattern=r"^\d{4}-\d{2}$")
    last: str | None = Field(default=None, alias="to", pattern=r"^\d{4}-\d{2}$")


class StatedTotal(_Strict):
    """How many records an entity is said to have, in all and by the codes of a field."""

    entity: str
    stated: int = Field(ge=0)
    field: str | None = None
    parts: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parts_have_their_field(self) -> "StatedTotal":
        if bool(self.parts) != (self.field is not None):
            raise ValueError("`field` and `parts` belong together: give both or neither")
        return self


class Expected(_Strict):
    """The content of `expected.yml`; empty without one."""

    returns: tuple[StatedReturn, ...] = ()
    totals: tuple[StatedTotal, ...] = ()


def read_expected(path: Path | None, contracts: Contracts) -> Expected:
    """The content of the file, empty if there is none; SettingError names the key that cannot be used."""
    if path is None or not path.exists():
        return Expected()
    try:
        expected = Expected.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: not readable as YAML ({error}). Correct the line named.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(str(part) for part in first["loc"])
        raise SettingError(f"{path}: {where}: {first['msg']} (found {str(first['input'])[:80]!r}).") from error
    named = [stated.entity for stated in expected.returns] + [total.entity for total in expected.totals]
    for entity in named:
        if entity not in contracts.entities:
            raise SettingError(f"{path}: `{entity}` is no entity. Entities are {', '.join(contracts.entities)}.")
    for total in expected.totals:
        if total.field is not None and total.field not in contracts.entities[total.entity].by_name:
            raise SettingError(f"{path}: {total.entity} has no field `{total.field}`.")
    return expected
