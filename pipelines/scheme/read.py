"""Reads a scheme file: refuses with file, line, key and choices, or gives the schemes it holds."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipelines.errors import SchemeError
from pipelines.scheme.model import Band, Gate, Scheme, SchemeFile, Weighed, key_of
from pipelines.scheme.prohibited import forbidden_band, forbidden_indicator, forbidden_words
from pipelines.settings import Workspace
from pipelines.warehouse.months import Month

DEFAULT_FILE = Path(__file__).parent / "default.yml"


@dataclass(frozen=True)
class SchemeInForce:
    """A scheme and where it came from; `sha256` is that of its content, whatever the file's layout."""

    scheme: Scheme
    source: str
    sha256: str

    def manifest(self) -> dict[str, str]:
        """What the manifest of an edition says of its scheme."""
        scheme = self.scheme
        return {"id": scheme.id, "valid_from": scheme.valid_from, "source": self.source, "sha256": self.sha256}

    def text(self) -> str:
        """The scheme as the edition keeps it, as JSON."""
        return _canonical(self.scheme)


def scheme_in_force(workspace: Workspace, month: Month, declared: Sequence[Mapping[str, Any]]) -> SchemeInForce:
    """The scheme of `month`: of the workspace's `scheme.yml`, else of the one that comes with the project.

    Raises SchemeError if the file is refused or none of its schemes is in force yet.
    """
    own = workspace.scheme_file
    path = own if own.exists() else DEFAULT_FILE
    schemes = read_schemes(path, declared)
    in_force = [scheme for scheme in schemes if scheme.valid_from <= str(month)]
    if not in_force:
        raise SchemeError(
            f"{path.name}: no scheme is in force in {month}; the first begins in {schemes[0].valid_from}. "
            "Add a scheme with an earlier `valid_from`."
        )
    scheme = in_force[-1]
    digest = hashlib.sha256(_canonical(scheme).encode()).hexdigest()
    return SchemeInForce(scheme, "workspace" if path == own else "default", digest)


def read_schemes(path: Path, declared: Sequence[Mapping[str, Any]]) -> tuple[Scheme, ...]:
    """The schemes of a file, checked against the declared indicators and their parameters.

    An entry with `if_declared: true` may name an indicator that is not declared; `effective` leaves it out.
    Raises SchemeError naming file, line, key and choices, or the article that forbids the entry.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SchemeError(f"{path}: not readable as YAML ({error}). Correct the line named.") from error

    def refuse(location: tuple[Any, ...], message: str) -> SchemeError:
        key = key_of(location) or "schemes"
        return SchemeError(f"{path}, line {_line(root, location)}: `{key}`: {message}")

    if not isinstance(content, dict):
        found = "is empty" if content is None else f"holds {type(content).__name__}, not keys"
        raise SchemeError(
            f"{path}: the file {found}. It begins with `schemes:`; copy {DEFAULT_FILE.name}, the scheme of the "
            "project, and change it."
        )
    for location, word, article in forbidden_words(content):
        raise refuse(location, f"`{word}` may not be part of an assessment. {article}.")
    try:
        file = SchemeFile.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        location = tuple(first["loc"])
        raise refuse(location, _told(first, location)) from error
    known = {declaration["id"]: declaration for declaration in declared}
    for number, scheme in enumerate(file.schemes):
        for at, pillar in enumerate(scheme.pillars):
            for position, entry in enumerate(pillar.indicators):
                place = ("schemes", number, "pillars", at, "indicators", position)
                message = _indicator_fault(entry, known) or _band_fault(entry.indicator, entry.band, known)
                if message:
                    raise refuse((*place, message[0]), message[1])
        for at, gate in enumerate(scheme.gates):
            message = _indicator_fault(gate, known) or _edges_fault(
                gate.indicator, {"floor": gate.floor, "low": gate.low}, known
            )
            if message:
                raise refuse(("schemes", number, "gates", at, message[0]), message[1])
        for indicator, named in scheme.parameters.items():
            where = ("schemes", number, "parameters", indicator)
            having = {name: one["parameters"] for name, one in known.items() if one.get("parameters")}
            if indicator not in having:
                raise refuse(
                    where, f"this indicator has no parameters. Those that have: {', '.join(having) or 'none'}."
                )
            for name, value in named.items():
                if name not in having[indicator]:
                    raise refuse((*where, name), f"there is no such parameter. It has: {', '.join(having[indicator])}.")
                fault = _parameter_fault(known[indicator], name, value)
                if fault:
                    raise refuse((*where, name), fault)
    return file.schemes


def effective(scheme: Scheme, declared: Sequence[Mapping[str, Any]]) -> Scheme:
    """The scheme with default variants filled in and without entries whose indicator is not declared.

    What is left of a pillar, and of the pillars, is weighed in the same proportions to 1.
    """
    known = {declaration["id"]: declaration for declaration in declared}

    def named(entry: Any) -> Any:
        variant = entry.variant or known[entry.indicator]["default_variant"]
        return entry.model_copy(update={"variant": variant, "period": entry.period or scheme.period})

    pillars = []
    for pillar in scheme.pillars:
        entries = [named(entry) for entry in pillar.indicators if entry.indicator in known]
        if entries:
            total = sum(entry.weight for entry in entries)
            entries = [entry.model_copy(update={"weight": entry.weight / total}) for entry in entries]
            pillars.append(pillar.model_copy(update={"indicators": tuple(entries)}))
    total = sum(pillar.weight for pillar in pillars)
    weighed = tuple(pillar.model_copy(update={"weight": pillar.weight / total}) for pillar in pillars)
    gates = tuple(named(gate) for gate in scheme.gates if gate.indicator in known)
    return scheme.model_copy(update={"pillars": weighed, "gates": gates})


def _canonical(scheme: Scheme) -> str:
    return json.dumps(scheme.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _indicator_fault(entry: Weighed | Gate, known: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    if entry.indicator not in known:
        if entry.if_declared:
            return None
        return "indicator", f"there is no indicator `{entry.indicator}`. There are: {', '.join(known)}."
    declaration = known[entry.indicator]
    if entry.variant is not None and entry.variant not in declaration["variants"]:
        choices = ", ".join(declaration["variants"])
        return "variant", f"`{entry.indicator}` has no variant `{entry.variant}`. It has: {choices}."
    article = forbidden_indicator(dict(declaration))
    return ("indicator", f"`{entry.indicator}` sums money and may not have weight. {article}.") if article else None


def _band_fault(indicator: str, band: Band, known: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    if indicator not in known:
        return None
    declaration = known[indicator]
    article = forbidden_band(dict(declaration), band)
    if article:
        return "band", article + "."
    fault = _edges_fault(indicator, band.model_dump(), known)
    if fault:
        return "band", fault[1]
    wanted = {"higher": "rising", "lower": "falling"}.get(declaration["direction"], "two-sided")
    if band.sides == wanted:
        return None
    edges = {"rising": "`floor` and `low`", "falling": "`high` and `ceiling`", "two-sided": "all four edges"}[wanted]
    return "band", f"`{indicator}` has the direction `{declaration['direction']}`: its band needs {edges}."


def _edges_fault(
    indicator: str, edges: Mapping[str, float | None], known: Mapping[str, Mapping[str, Any]]
) -> tuple[str, str] | None:
    """Edges of a share that no share can reach: a per cent written for a share."""
    if indicator not in known or known[indicator]["unit"] != "share":
        return None
    for name, edge in edges.items():
        if edge is not None and not 0 <= edge <= 1:
            hint = f"; if {edge:g} % is meant, write {edge / 100:g}" if 1 < edge <= 100 else ""
            return name, f"`{indicator}` is a share, so its edges lie from 0 to 1 (found {edge:g}{hint})."
    return None


def _parameter_fault(declaration: Mapping[str, Any], name: str, value: float | str) -> str | None:
    """What is wrong with a threshold: its type, or the bounds that its declaration sets."""
    default = declaration["parameters"][name]
    if isinstance(value, str) is not isinstance(default, str):
        return f"the value has to be like {default!r} (found {value!r})."
    if isinstance(value, str):
        return None
    # A declaration without bounds leaves them to the scheme, but for what no threshold can be.
    low, high = (declaration.get("parameter_bounds") or {}).get(name, (0, math.inf))
    is_whole = float(value).is_integer() or not isinstance(default, int)
    if not low <= value <= high or not is_whole:
        kind = "a whole number" if isinstance(default, int) else "a number"
        limits = f"from {low:g} to {high:g}" if high < math.inf else f"of at least {low:g}"
        return f"the value has to be {kind} {limits} (found {value:g})."
    return None


def _told(first: Any, location: tuple[Any, ...]) -> str:
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        fields = _fields_at(location[:-1])
        return f"there is no such key. Keys are: {', '.join(fields)}." if fields else "there is no such key."
    found = first.get("input")
    return f"{message}." if isinstance(found, (dict, list)) or found is None else f"{message} (found {found!r})."


def _fields_at(location: tuple[Any, ...]) -> list[str]:
    from pipelines.contract.model import Label
    from pipelines.scheme import model

    by_key = {
        "schemes": model.Scheme, "pillars": model.Pillar, "indicators": model.Weighed, "band": model.Band,
        "gates": model.Gate, "grades": model.Grade, "peers": model.PeerRules, "findings": model.FindingRules,
        "name": Label,
    }  # fmt: skip
    names = [part for part in location if isinstance(part, str)]
    return list((by_key.get(names[-1]) if names else SchemeFile).model_fields)  # type: ignore[union-attr]


def _line(node: yaml.Node | None, location: tuple[Any, ...]) -> int:
    """The line on which the key of `location` stands, or the nearest thing above it that exists."""
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line
