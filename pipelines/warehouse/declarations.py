"""What a declaration of an indicator, a rule or a signal must say, and the check of all of them.

They stand in the properties files of the dbt project, under `config.meta`. They are checked from the files, before dbt
parses them and before anything is built: what a report needs in the end is missing at the beginning.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.contract.loader import Contracts
from pipelines.contract.model import Label
from pipelines.errors import DeclarationError

Kind = Literal["indicator", "rule", "signal"]

_DAY = r"^\d{4}-\d\d-\d\d$"
_NAME = r"^[a-z][a-z0-9_]*$"
_REASON = r"^[A-Z][A-Z0-9_]*$"
#: A text that names a parameter, as `{days}`.
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: So many mistakes are told at once.
_MOST_TOLD = 20


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Variant(Label):
    """A reading of an indicator: its name, and what it counts."""

    description: Label


class _Declaration(_Strict):
    """What all three kinds say."""

    id: str
    version: str
    position: int
    name: Label

    def texts(self) -> Iterator[str]:
        """Every text of the declaration, in both languages."""
        yield from _texts(self.model_dump())

    def values(self) -> Iterable[str]:
        """The names that texts may hold in braces."""
        return ()

    @model_validator(mode="after")
    def _names_only_its_parameters(self) -> "_Declaration":
        for text in self.texts():
            for name in _PLACEHOLDER.findall(text):
                if name not in self.values():
                    raise ValueError(
                        f"the text {text[:60]!r} names the parameter `{name}`, which is not declared. "
                        f"Parameters are: {', '.join(self.values()) or 'none'}"
                    )
        return self


class RuleReasons(_Strict):
    """The rules whose ids are reasons of an indicator, told by the names that the rules have."""

    severity: Literal["veto", "error", "warning"]
    unit: Literal["case", "coercion", "lead"]


class Indicator(_Declaration):
    """`config.meta.indicator`; `periods` are the kinds of period it has, all where it is left out.

    `parameter_bounds` says from where to where a scheme may set each parameter that is a number.
    `rule_reasons` adds the rules of a severity and unit to `reasons`, so that no rule's name is written twice.
    """

    id: str = Field(pattern=_NAME)
    valid_from: str = Field(pattern=_DAY)
    owner: Label
    headline: bool
    unit: Literal["share", "per_head", "count", "index"]
    direction: Literal["higher", "lower", "band"]
    interval: Literal["wilson", "poisson", "none"]
    aggregation: Literal["units", "evenness"] = "units"
    periods: list[Literal["month", "quarter", "ytd", "r12"]] | None = Field(default=None, min_length=1)
    question: Label
    numerator: Label
    denominator: Label
    exclusions: Label
    caveat: Label
    legal_basis: list[Label] = Field(min_length=1)
    parameters: dict[str, int | float | str] = Field(default_factory=dict)
    parameter_bounds: dict[str, list[int | float]] | None = None
    default_variant: str
    variants: dict[str, Variant] = Field(min_length=1)
    reasons: dict[str, Label]
    rule_reasons: RuleReasons | None = None

    def values(self) -> Iterable[str]:
        """The parameters."""
        return self.parameters

    @model_validator(mode="after")
    def _is_consistent(self) -> "Indicator":
        if self.default_variant not in self.variants:
            raise ValueError(
                f"default_variant is `{self.default_variant}`, which is not declared. Variants are: "
                f"{', '.join(self.variants)}"
            )
        if self.parameter_bounds is not None:
            _require_bounds(self.parameters, self.parameter_bounds)
        _require_form(self.variants, _NAME, "the variant", "small letters, digits and _")
        _require_form(self.reasons, _REASON, "the reason", "capital letters, digits and _")
        return self


class Row(_Strict):
    """A value or code of a rule's parameter: the days it holds, and where; what is left out holds for all."""

    subject_id: str | None = None
    region: str | None = None
    domain: str | None = None
    workflow: str | None = None
    party_kind: str | None = None
    code: str | None = None
    level: str | None = None
    source: Label | None = None
    valid_from: str = Field(pattern=_DAY)
    valid_to: str | None = Field(default=None, pattern=_DAY)
    value: int | float | None = None


class RuleParameter(_Strict):
    """A parameter of a rule: rows of data."""

    label: Label
    unit: str
    rows: list[Row]


class Reason(Label):
    """What a reason makes of a record."""

    result: Literal["fail", "not_applicable", "undecidable"]


class Rule(_Declaration):
    """`config.meta.rule`; `measure` is the unit of what was compared, `exempt` the rows it does not bind."""

    id: str = Field(pattern=r"^[PC]\d\d$")
    severity: Literal["veto", "error", "warning"]
    unit: Literal["case", "coercion", "lead"]
    measure: Label | None = None
    article: Label
    text: Label
    exceptions: Label
    fields: list[str] = Field(min_length=1)
    parameters: dict[str, RuleParameter]
    exempt: list[Row] = Field(default_factory=list)
    reasons: dict[str, Reason]

    @model_validator(mode="after")
    def _is_consistent(self) -> "Rule":
        _require_form(self.reasons, _REASON, "the reason", "capital letters, digits and _")
        if bool(self.exempt) != ("EXEMPT" in self.reasons):
            raise ValueError("`exempt` and the reason EXEMPT go together: give both or neither")
        return self


class UndecidedRule(_Strict):
    """A rule that no field of the contract decides, in `config.meta.undecided_rules` of `dim_rule`."""

    id: str = Field(pattern=r"^[PC]\d\d$")
    position: int
    severity: Literal["veto", "error", "warning"]
    unit: str
    name: Label
    article: Label
    missing_fields: list[str]
    why: Label


class Signal(_Declaration):
    """`config.meta.signal`; `false_alarm_rate` is null where the threshold is one of the statistic."""

    id: str = Field(pattern=_NAME)
    valid_from: str = Field(pattern=_DAY)
    owner: Label
    question: Label
    test: Label
    threshold: int | float
    threshold_of: Literal["p_value", "statistic"]
    false_alarm_rate: float | None
    parameters: dict[str, int | float]
    parameter_labels: dict[str, Label]
    caveat: Label
    legal_basis: list[Label] = Field(min_length=1)

    def values(self) -> Iterable[str]:
        """The parameters."""
        return self.parameters

    @model_validator(mode="after")
    def _is_consistent(self) -> "Signal":
        if set(self.parameters) != set(self.parameter_labels):
            different = ", ".join(sorted(set(self.parameters) ^ set(self.parameter_labels)))
            raise ValueError(
                f"parameters and parameter_labels must have the same names; one of them lacks: {different}"
            )
        return self


MODELS: dict[Kind, type[_Declaration]] = {"indicator": Indicator, "rule": Rule, "signal": Signal}

#: The macro that names the models of a kind, and its file.
_REGISTERS: dict[Kind, tuple[str, str]] = {
    "indicator": ("indicator_register", "indicator_register.sql"),
    "rule": ("rule_register", "rule_register.sql"),
    "signal": ("signal_register", "signals.sql"),
}


@dataclass(frozen=True)
class _Declared:
    """A valid declaration, the model it belongs to and the file it stands in."""

    file: str
    model: str
    content: _Declaration


def check_declarations(project: Path, contracts: Contracts) -> None:
    """Check every declaration of the dbt project at `project`.

    Raises DeclarationError that names, for each mistake, the file, the model, the key and the choices: a key that is
    missing, unknown or of another form, an id or version that stands twice, a model that no register names, a name in a
    register without a model, a field that no contract has.
    """
    problems: list[str] = []
    declared: dict[Kind, list[_Declared]] = {"indicator": [], "rule": [], "signal": []}
    for path in sorted((project / "models").rglob("*.yml")):
        file = path.relative_to(project).as_posix()
        for model, meta in _models(path, file, problems):
            for kind, shape in MODELS.items():
                if kind in meta:
                    where = f"{file}: `{model}`: config.meta.{kind}"
                    content = _validated(shape, meta[kind], where, problems)
                    if content is not None:
                        declared[kind].append(_Declared(file, model, content))
                    if not path.with_name(f"{model}.sql").exists():
                        problems.append(f"{where}: there is no {model}.sql beside it. Correct the name of the model.")
            for number, rule in enumerate(meta.get("undecided_rules", [])):
                _validated(UndecidedRule, rule, f"{file}: `{model}`: undecided_rules[{number}]", problems)
    if not problems:
        for kind, found in declared.items():
            problems += [*_repeated(kind, found), *_registered(project, kind, found)]
        problems += _fields_unknown(declared["rule"], contracts)
    if problems:
        more = len(problems) - _MOST_TOLD
        told = problems[:_MOST_TOLD] + ([f"and {more} more."] if more > 0 else [])
        raise DeclarationError("declarations that cannot be used:\n" + "\n".join(f"  {line}" for line in told))


def _models(path: Path, file: str, problems: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The models of a properties file with their `config.meta`."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(
            f"{file}: not readable as YAML ({' '.join(str(error).split())}). A text that holds a brace, a comma or a "
            "colon stands in quotes."
        )
        return []
    models = content.get("models") if isinstance(content, dict) else None
    found: list[tuple[str, Mapping[str, Any]]] = []
    for model in models if isinstance(models, list) else []:
        config = model.get("config") if isinstance(model, dict) else None
        meta = config.get("meta") if isinstance(config, dict) else None
        if isinstance(meta, dict):
            found.append((str(model.get("name")), meta))
    return found


def _validated(shape: type[BaseModel], content: object, where: str, problems: list[str]) -> Any:
    try:
        return shape.model_validate(content)
    except ValidationError as wrong:
        for error in wrong.errors():
            key = ".".join(str(part) for part in error["loc"] if part not in ("int", "float"))
            message = error["msg"].removeprefix("Value error, ")
            if error["type"] == "extra_forbidden":
                choices = ", ".join(_keys_at(shape, error["loc"][:-1]))
                message = f"there is no such key; a text with a comma stands in quotes. Keys are: {choices}"
            elif error["type"] == "missing":
                message = "is missing"
            elif error["type"] == "string_type" and type(error["input"]).__name__ == "date":
                message = f'a day is a text: write it in quotes, "{error["input"]}"'
            found = "" if error["type"] in ("missing", "extra_forbidden", "value_error") else _found(error["input"])
            problems.append(f"{where}{f': `{key}`' if key else ''}: {message}{found}.")
        return None


def _found(value: object) -> str:
    return f" (found {str(value)[:60]!r})"


def _keys_at(shape: object, location: tuple[int | str, ...]) -> list[str]:
    """The keys of the model that stands at `location` below `shape`."""
    for part in location:
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            shape = shape.model_fields[str(part)].annotation
        else:
            shape = get_args(shape)[-1]
        if get_origin(shape) in (Union, UnionType):
            shape = next(one for one in get_args(shape) if one is not type(None))
    return list(shape.model_fields) if isinstance(shape, type) and issubclass(shape, BaseModel) else []


def _require_form(names: Iterable[str], pattern: str, what: str, form: str) -> None:
    for name in names:
        if not re.fullmatch(pattern, name):
            raise ValueError(f"{what} `{name}` must be written in {form}")


def _require_bounds(parameters: Mapping[str, float | str], bounds: Mapping[str, list[float]]) -> None:
    numbers = {name: value for name, value in parameters.items() if not isinstance(value, str)}
    if set(numbers) != set(bounds):
        different = ", ".join(sorted(set(numbers) ^ set(bounds)))
        raise ValueError(
            f"the numbers of parameters and parameter_bounds must have the same names; one of them lacks: {different}"
        )
    for name, limits in bounds.items():
        if len(limits) != 2 or not limits[0] <= numbers[name] <= limits[1]:
            raise ValueError(
                f"parameter_bounds.{name} must be [lowest, highest] with the parameter's own value "
                f"{numbers[name]} between them (found {limits})"
            )


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for item in content.values():
            yield from _texts(item)
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)
    elif isinstance(content, str):
        yield content


def _repeated(kind: Kind, declared: list[_Declared]) -> Iterator[str]:
    """Ids that stand twice; versions of an indicator share an id and differ in `version` and `valid_from`."""
    for key in ("version", "valid_from"):
        seen: dict[tuple[str, str], str] = {}
        for one in declared:
            of_version = str(getattr(one.content, key, "")) if kind == "indicator" else ""
            identity = (one.content.id, of_version)
            if identity in seen:
                told = f" with the same {key} `{of_version}`" if of_version else ""
                yield (
                    f"{one.file}: the {kind} `{one.content.id}` stands in {seen[identity]} too{told}. "
                    "Give it an id of its own"
                    + (", or, as a version, another `version` and `valid_from`." if kind == "indicator" else ".")
                )
                return
            seen[identity] = one.file


def _registered(project: Path, kind: Kind, declared: list[_Declared]) -> Iterator[str]:
    """Models that the register of their kind lacks, and names in it that no file declares."""
    macro, name = _REGISTERS[kind]
    text = (project / "macros" / name).read_text(encoding="utf-8")
    found = re.search(rf"macro {macro}\(\).*?endmacro", text, flags=re.DOTALL)
    registered = re.findall(r"'(\w+)'", found.group() if found else "")
    for one in declared:
        if one.model not in registered:
            yield (
                f"{one.file}: the {kind} `{one.content.id}` is not in the register. "
                f"Add the line '{one.model}' to {macro} in macros/{name}."
            )
    models = {one.model for one in declared}
    for registered_name in registered:
        if registered_name not in models:
            yield (
                f"macros/{name}: {macro} names `{registered_name}`, but no properties file declares "
                f"config.meta.{kind} for a model of that name. Correct the name, or remove the line."
            )


def _fields_unknown(rules: list[_Declared], contracts: Contracts) -> Iterator[str]:
    for one in rules:
        for name in getattr(one.content, "fields", ()):
            entity, _, field = name.partition(".")
            if entity not in contracts.entities or field not in contracts.entities[entity].by_name:
                yield f"{one.file}: `{one.content.id}`: fields: there is no field `{name}` in the contract."
