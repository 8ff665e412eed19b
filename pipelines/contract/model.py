"""The shape of a contract file, held by Pydantic."""

from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FieldType = Literal["text", "code", "list", "date", "datetime", "integer", "money", "number", "boolean"]
Language = Literal["zh", "en"]

#: What stands in place of personal data wherever a value is shown.
MASK = "***"

#: How a field type is stored in DuckDB. A list is its members joined by `;`, so that the same
#: text is read by every engine; money is exact (design §6.5).
SQL_TYPES: dict[FieldType, str] = {
    "text": "varchar",
    "code": "varchar",
    "list": "varchar",
    "date": "date",
    "datetime": "timestamp",
    "integer": "bigint",
    "money": "decimal(18,2)",
    "number": "double",
    "boolean": "boolean",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Strict):
    """A name or text in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def text(self, language: Language) -> str:
        """The text in `language`."""
        return self.zh if language == "zh" else self.en


class Code(Label):
    """One code: its labels and, where a definition groups codes, its class."""

    code_class: str | None = Field(default=None, alias="class")


class CodeList(_Strict):
    """The codes a coded field may hold, in their display order."""

    label: Label
    codes: dict[str, Code] = Field(min_length=1)


class ContractField(_Strict):
    """One field of an entity.

    `minimum` and `maximum` are inclusive; `max_length` counts characters; `references` names
    `entity.field`; `unit` is a plain word (yuan, km2, calendar_days).
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Label
    type: FieldType
    required: bool = False
    pii: bool = False
    codes: str | None = None
    max_length: int | None = Field(default=None, gt=0)
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    default: str | int | None = None
    references: str | None = Field(default=None, pattern=r"^[a-z_]+\.[a-z_]+$")
    description: Label | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> "ContractField":
        if self.type == "code" and self.codes is None:
            raise ValueError(f"field `{self.name}` has type code: give `codes`, the name of a code list")
        if self.codes is not None and self.type not in ("code", "list"):
            raise ValueError(f"field `{self.name}` has `codes` but type {self.type}: only code and list may")
        if (self.minimum is not None or self.maximum is not None) and self.type not in ("integer", "money", "number"):
            raise ValueError(f"field `{self.name}` has a minimum or maximum but type {self.type}")
        return self

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the stored value."""
        return SQL_TYPES[self.type]


class Contract(_Strict):
    """One entity: its key, its own fields, and `activity_fields` if it is an activity."""

    entity: str = Field(pattern=r"^[a-z][a-z_]*$")
    label: Label
    group: Literal["ledger", "activity"]
    grain: Label
    key: tuple[str, ...] = Field(min_length=1)
    fields: tuple[ContractField, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> "Contract":
        names = [f.name for f in self.fields]
        for kind, values in (("name", names), ("Chinese label", [f.label.zh for f in self.fields])):
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"field {kind} {', '.join(twice)} is given twice")
        for name in self.key:
            if name not in names:
                raise ValueError(f"key field `{name}` is not among the fields: {', '.join(names)}")
            if not self.field(name).required:
                raise ValueError(f"key field `{name}` must be `required: true`")
        return self

    @cached_property
    def by_name(self) -> dict[str, ContractField]:
        """The fields by name, in contract order."""
        return {f.name: f for f in self.fields}

    def field(self, name: str) -> ContractField:
        """The field called `name`; KeyError if there is none."""
        return self.by_name[name]

    @property
    def required_fields(self) -> tuple[ContractField, ...]:
        """The fields without which a file or a row is not accepted."""
        return tuple(f for f in self.fields if f.required)
