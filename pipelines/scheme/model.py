"""The shape of a scheme file, held by Pydantic."""

import re
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipelines.contract.model import Label
from pipelines.errors import UsageError
from pipelines.warehouse.months import Month

PeriodKind = Literal["month", "quarter", "ytd", "r12"]

#: Weights are written as decimals; their sum may miss 1 by no more than this.
WEIGHT_TOLERANCE = 1e-9


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _digits(total: float) -> str:
    """A sum with the digits by which it misses 1."""
    return f"{round(total, 12):.12g}"


def _month(text: str) -> str:
    try:
        return str(Month.parse(text))
    except UsageError as error:
        raise ValueError(str(error)) from error


class Band(_Strict):
    """Where a value earns 100 points and where none.

    From `low` to `high` a value earns 100; it falls in a straight line to 0 at `floor` below and at
    `ceiling` above. A side that is left out is open: `floor` and `low` alone say that more is better,
    `high` and `ceiling` alone that less is.
    """

    floor: float | None = None
    low: float | None = None
    high: float | None = None
    ceiling: float | None = None

    @model_validator(mode="after")
    def _right_way_up(self) -> "Band":
        if (self.floor is None) != (self.low is None) or (self.high is None) != (self.ceiling is None):
            raise ValueError("a side of a band has two ends: `floor` with `low`, `high` with `ceiling`")
        if self.low is None and self.high is None:
            raise ValueError("a band needs `floor` and `low`, or `high` and `ceiling`, or all four")
        edges = [edge for edge in (self.floor, self.low, self.high, self.ceiling) if edge is not None]
        if self.floor is not None and self.low is not None and self.floor >= self.low:
            raise ValueError(f"the band stands upside down: floor {self.floor:g} must be below low {self.low:g}")
        if self.high is not None and self.ceiling is not None and self.high >= self.ceiling:
            raise ValueError(f"the band stands upside down: high {self.high:g} must be below ceiling {self.ceiling:g}")
        if edges != sorted(edges):
            raise ValueError(f"the band stands upside down: low {self.low:g} must not be above high {self.high:g}")
        return self

    @property
    def sides(self) -> Literal["rising", "falling", "two-sided"]:
        """Whether more is better, less is better, or both ends cost points."""
        if self.high is None:
            return "rising"
        return "falling" if self.low is None else "two-sided"


class Weighed(_Strict):
    """One indicator of a pillar. `weight` is its share of the pillar."""

    indicator: str
    variant: str | None = None
    weight: float = Field(gt=0, le=1)
    band: Band
    period: PeriodKind | None = None
    minimum_n: int | None = Field(default=None, ge=5)
    if_declared: bool = False


class Pillar(_Strict):
    """A group of indicators. `weight` is its share of the total."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Label
    weight: float = Field(gt=0, le=1)
    indicators: tuple[Weighed, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _weights_sum(self) -> "Pillar":
        total = sum(one.weight for one in self.indicators)
        if abs(total - 1) > WEIGHT_TOLERANCE:
            raise ValueError(f"the weights of the indicators of pillar `{self.id}` sum to {_digits(total)}, not to 1")
        return self


class Gate(_Strict):
    """A factor on the total: 1 where the value reaches `low`, `least` at `floor` and below, a line between."""

    indicator: str
    variant: str | None = None
    floor: float
    low: float
    least: float = Field(ge=0, lt=1)
    period: PeriodKind | None = None
    minimum_n: int | None = Field(default=None, ge=5)
    if_declared: bool = False

    @model_validator(mode="after")
    def _right_way_up(self) -> "Gate":
        if self.floor >= self.low:
            raise ValueError(f"the gate stands upside down: floor {self.floor:g} must be below low {self.low:g}")
        return self


class Grade(_Strict):
    """A grade, reached from `at_least` points on."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    name: Label
    at_least: float = Field(ge=0, le=100)


class PeerRules(_Strict):
    """Bodies are compared within kind × field; a group of fewer than `smallest` falls back to its kind."""

    by: Literal["kind_field", "kind"] = "kind_field"
    smallest: int = Field(default=4, ge=3)


class FindingRules(_Strict):
    """When a score becomes a finding, how long it may stand, when it escalates."""

    attention_below: float = Field(default=80, gt=0, le=100)
    improvement_below: float = Field(default=60, gt=0, le=100)
    attention_days: int = Field(default=60, ge=1)
    improvement_days: int = Field(default=30, ge=1)
    escalate_after: int = Field(default=3, ge=2)
    false_discovery: float = Field(default=0.05, gt=0, lt=1)

    @model_validator(mode="after")
    def _in_order(self) -> "FindingRules":
        if self.improvement_below > self.attention_below:
            raise ValueError("`improvement_below` must not be above `attention_below`")
        return self


class Scheme(_Strict):
    """One scheme, in force from the month `valid_from` until the next one of the file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: Label
    valid_from: Annotated[str, AfterValidator(_month)]
    period: PeriodKind = "r12"
    minimum_n: int = Field(default=20, ge=5)
    minimum_weight: float = Field(default=0.7, gt=0, le=1)
    pillar_floor: float = Field(default=1.0, gt=0, le=50)
    peers: PeerRules = PeerRules()
    pillars: tuple[Pillar, ...] = Field(min_length=1)
    gates: tuple[Gate, ...] = ()
    grades: tuple[Grade, ...] = Field(min_length=1)
    findings: FindingRules = FindingRules()
    parameters: dict[str, dict[str, float | str]] = {}

    def variables(self) -> dict[str, float | str]:
        """The parameters as the models read them: `<indicator>.<name>` → value."""
        return {f"{one}.{name}": value for one, named in self.parameters.items() for name, value in named.items()}

    @model_validator(mode="after")
    def _is_consistent(self) -> "Scheme":
        total = sum(pillar.weight for pillar in self.pillars)
        if abs(total - 1) > WEIGHT_TOLERANCE:
            raise ValueError(f"the weights of the pillars sum to {_digits(total)}, not to 1")
        for kind, names in (
            ("pillar", [pillar.id for pillar in self.pillars]),
            ("grade", [grade.id for grade in self.grades]),
            ("indicator", [f"{one.indicator}.{one.variant or ''}" for p in self.pillars for one in p.indicators]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind} {', '.join(twice)} is given twice")
        points = [grade.at_least for grade in self.grades]
        if points != sorted(points, reverse=True) or len(set(points)) != len(points):
            raise ValueError("the grades stand upside down: write the best grade first, each `at_least` below the last")
        if points[-1] != 0:
            raise ValueError("the last grade must begin at 0, so that every total has one")
        return self


class SchemeFile(_Strict):
    """A scheme file: schemes by the month from which each is in force."""

    schemes: tuple[Scheme, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _dated(self) -> "SchemeFile":
        for before, after in pairwise(self.schemes):
            if before.valid_from == after.valid_from:
                raise ValueError(
                    f"the schemes `{before.id}` and `{after.id}` both begin in {after.valid_from}; only one can be in "
                    "force: give one another `valid_from`, or remove it"
                )
            if before.valid_from > after.valid_from:
                raise ValueError(
                    f"the scheme `{after.id}` ({after.valid_from}) stands after `{before.id}` ({before.valid_from}): "
                    "write the schemes oldest first"
                )
        return self


def key_of(location: tuple[Any, ...]) -> str:
    """`schemes[0].pillars[1].weight` of a Pydantic location."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return re.sub(r"^\.", "", text)
