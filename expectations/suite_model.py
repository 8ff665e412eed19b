"""The shape of the files in `expectations/suites`, held by Pydantic, and their loader.

Three kinds of file: `landed_*.yml` and `publish_*.yml` hold hand-written expectations of one border;
`contract_checks.yml` says how the checks that follow from a contract are called and judged;
`bodies.yml` says whose record a record is.
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from pipelines.contract.model import Label
from pipelines.errors import ContractError
from pipelines.warehouse.dbt_project import declarations, variables

Border = Literal["landed", "publish"]
#: In the order in which they are audited.
BORDERS: tuple[Border, ...] = get_args(Border)
Severity = Literal["error", "warning", "info"]
#: The side of quality that a rule speaks of; the scoreboard counts by it.
Dimension = Literal["completeness", "validity", "consistency", "timeliness", "uniqueness"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

SUITES_DIRECTORY = Path(__file__).resolve().parent / "suites"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Judgement(_Strict):
    """What every expectation says besides its rule: how grave, whose, and what to do."""

    severity: Severity
    dimension: Dimension
    owner: Label
    label: Label
    reason: Label
    remedy: Label


class WrittenExpectation(Judgement):
    """One hand-written expectation.

    A rule that looks at one record alone is `fails`, an SQL condition on the record `r`: one scan counts all
    such rules of an entity. Any other is `sql`, which selects the failing rows as `subject_id` (NULL where no
    body can be named), `record_id` and `value`; `{batch}` stands for the records of `entity` and needs an
    alias. Where there is only `fails`, `sql` selects the records of which it holds. `scope` is a condition on
    `r`, too: which records are judged. `indicators` are those that a failing record endangers. `evaluated_sql`
    replaces the count of `scope` where what is judged is not a row of the entity: it selects `subject_id` and
    `evaluated`.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    entity: str
    field: str | None = None
    indicators: tuple[str, ...] = ()
    scope: str = "true"
    fails: str | None = Field(default=None, min_length=1)
    sql: str = Field(min_length=1)
    evaluated_sql: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _selects_what_fails(cls, content: Any) -> Any:
        if not isinstance(content, dict) or "fails" not in content:
            return content
        if "sql" in content:
            raise ValueError("a rule has `fails` or `sql`; take one of them out")
        condition = str(content["fails"]).replace("{", "{{").replace("}", "}}")
        return {**content, "sql": f"select r.* from {{batch}} as r where {condition}"}

    @field_validator("sql")
    @classmethod
    def _names_its_batch(cls, sql: str) -> str:
        named = {part[1] for part in string.Formatter().parse(sql)} - {None}
        if named != {"batch"}:
            raise ValueError("`sql` must read its own records from {batch}; write other braces twice")
        return sql


class WrittenSuite(_Strict):
    """The expectations of one file.

    `settings` replace `$name` in their SQL; `dimension` is that of the expectations that say none.
    """

    border: Border
    dimension: Dimension
    settings: dict[str, str | int | float] = Field(default_factory=dict)
    expectations: tuple[WrittenExpectation, ...] = Field(min_length=1)


class FormatCheck(Judgement):
    """A form that fields of certain names have; `passes` is SQL over `{column}`."""

    fields: tuple[str, ...] = Field(min_length=1)
    passes: str


class ContractChecks(_Strict):
    """How the checks that follow from a contract are called and judged.

    Texts may hold `{entity}`, `{field}`, `{target}`, `{limit}`; `rows_needed` names the entities
    without which nothing can be assessed.
    """

    rows_needed: tuple[str, ...]
    has_rows: Judgement
    no_rows: Judgement
    unique_key: Judgement
    required: Judgement
    key_form: Judgement
    code: Judgement
    code_list: Judgement
    range: Judgement
    lengths: Judgement
    period: Judgement
    version_order: Judgement
    reference: Judgement
    stated_total: Judgement
    stated_parts: Judgement
    stated_by_code: Judgement
    repeated: Judgement
    formats: dict[str, FormatCheck]


class Body(_Strict):
    """Whose record it is and when it happened: SQL over the record `r` and what `join` adds, or null.

    `returned` says that bodies send such records of their own accord: a month without any may be a missing return.
    """

    subject: str | None = None
    act_at: str | None = None
    join: str = ""
    returned: bool = False


@dataclass(frozen=True)
class Suites:
    """All suite files, read."""

    written: dict[Border, tuple[WrittenExpectation, ...]]
    checks: ContractChecks
    bodies: dict[str, Body]
    file_of: dict[str, str]


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as error:
        raise ContractError(f"{path.name}: file not found in {path.parent}. Restore it.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name}: not readable as YAML ({error}). Correct the file.") from error


def _validated(path: Path, kind: Any, content: object) -> Any:
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = " → ".join(str(part) for part in first["loc"]) or "the file"
        raise ContractError(
            f"{path.name}: {where}: {first['msg']} (found {str(first['input'])[:80]!r}). Correct the suite file."
        ) from error


def _with_dimension(content: Any) -> Any:
    """The content of a suite file, its dimension given to each expectation that says none."""
    if not isinstance(content, dict) or not isinstance(content.get("expectations"), list):
        return content
    inherited = {"dimension": content["dimension"]} if "dimension" in content else {}
    written = [{**inherited, **one} if isinstance(one, dict) else one for one in content["expectations"]]
    return {**content, "expectations": written}


def _with_settings(path: Path, suite: WrittenSuite) -> list[WrittenExpectation]:
    # A threshold of the statuses is the dbt project's: the suite that checks them must not have its own.
    settings = {**variables(), **suite.settings}
    filled = []
    for expectation in suite.expectations:
        try:
            parts = {
                name: string.Template(text).substitute(settings)
                for name in ("scope", "fails", "sql", "evaluated_sql")
                if (text := getattr(expectation, name)) is not None
            }
        except (KeyError, ValueError) as error:
            raise ContractError(
                f"{path.name}: `{expectation.id}` uses a setting that is not there ({error}). "
                f"Settings are: {', '.join(settings)}."
            ) from error
        filled.append(expectation.model_copy(update=parts))
    return filled


def _require_indicators(path: Path, expectations: Iterable[WrittenExpectation]) -> None:
    known = sorted(declaration["id"] for declaration in declarations())
    for expectation in expectations:
        for name in expectation.indicators:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f" Did you mean `{near[0]}`?" if near else ""
                raise ContractError(
                    f"{path.name}: `{expectation.id}`: indicators: there is no indicator `{name}`.{hint} "
                    f"Indicators are: {', '.join(known)}."
                )


def read_suites(directory: Path = SUITES_DIRECTORY) -> Suites:
    """Read every suite file; ContractError names the file and the key that is wrong."""
    checks_path, bodies_path = directory / "contract_checks.yml", directory / "bodies.yml"
    checks = _validated(checks_path, ContractChecks, _read(checks_path))
    bodies = _validated(bodies_path, dict[str, Body], _read(bodies_path))
    written: dict[Border, list[WrittenExpectation]] = {"landed": [], "publish": []}
    file_of: dict[str, str] = {}
    for border, found in written.items():
        for path in sorted(directory.glob(f"{border}_*.yml")):
            suite = _validated(path, WrittenSuite, _with_dimension(_read(path)))
            if suite.border != border:
                raise ContractError(f"{path.name}: border is `{suite.border}`; the file's name says `{border}`.")
            _require_indicators(path, suite.expectations)
            for expectation in _with_settings(path, suite):
                if border == "publish" and expectation.fails is not None:
                    # What stands there is no record of a contract, which would say its id.
                    raise ContractError(
                        f"{path.name}: `{expectation.id}`: at this border a rule is `sql`, not `fails`."
                    )
                if expectation.id in file_of:
                    raise ContractError(
                        f"{path.name}: `{expectation.id}` is already in {file_of[expectation.id]}. Give it another id."
                    )
                file_of[expectation.id] = path.name
                found.append(expectation)
        if not found:
            raise ContractError(f"suites: no expectation stands at the border `{border}`. Restore {border}_*.yml.")
    return Suites({border: tuple(found) for border, found in written.items()}, checks, bodies, file_of)


@cache
def load_suites() -> Suites:
    """The project's own suites, read once per process."""
    return read_suites()
