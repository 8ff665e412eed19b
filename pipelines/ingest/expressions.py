"""Small expressions in mappings: `number({Rated}) * number({Percent}) / 100`, `"pass" if {Grade} == "A" else "fail"`.

An expression is parsed, every part of it is looked up in a short list of what is allowed, and it becomes a Polars
expression over the columns named in braces. Nothing of it is executed as Python or SQL, and it can only read.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipelines.contract.model import MASK
from pipelines.ingest.numbers import plain_numbers
from pipelines.ingest.text_table import PLACEHOLDERS

Kind = Literal["text", "number", "truth"]
#: Longer expressions belong into the source system, not into a mapping.
LONGEST = 1000
_DEEPEST = 40
#: A text in quotes (braces in it are its own), or a header in braces.
_HEADER = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{([^{}]+)\}""")
#: What stands between the members of a list in one value.
_BETWEEN_MEMBERS = r"\s*[;；、,，\r\n]+\s*"
#: Between ids also blanks and slashes; a name may hold a blank, so all pieces must be ids: Latin letters and a digit.
_BETWEEN_IDS = r"[;；、,，\s\u3000/／]+"
_ID = "[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*"
_IDS = rf"^(?:{_BETWEEN_IDS})?{_ID}(?:{_BETWEEN_IDS}{_ID})*(?:{_BETWEEN_IDS})?$"
_NAME = re.compile(r"column_\d+")


@dataclass(frozen=True)
class Expression:
    """A checked expression: what it gives, the headers it reads, and those that it joins as they are."""

    text: str
    kind: Kind
    headers: tuple[str, ...]
    joined: tuple[str, ...]
    _build: Callable[[dict[str, str]], pl.Expr]

    def over(self, at: dict[str, str]) -> pl.Expr:
        """The Polars expression, with `at` naming the column of each header."""
        return self._build(at)

    def text_over(self, at: dict[str, str]) -> pl.Expr:
        """The same as text: whole numbers without `.0`, truths as `true` and `false`."""
        found = self._build(at)
        if self.kind == "number":
            whole = found.is_finite() & (found == found.round(0)) & (found.abs() < 1e15)
            return (
                pl.when(whole)
                .then(pl.when(whole).then(found).otherwise(None).cast(pl.Int64).cast(pl.String))
                .otherwise(pl.when(found.is_finite()).then(found).cast(pl.String))
            )
        return found.cast(pl.String) if self.kind == "truth" else found


@dataclass(frozen=True)
class _Part:
    kind: Kind
    build: Callable[[dict[str, str]], pl.Expr]
    constant: str | float | None = None


#: What stands for nothing in a column. A mask stands for something that is hidden.
_NOTHING = list(PLACEHOLDERS - {MASK})


def _held(one: _Part, at: dict[str, str]) -> pl.Expr:
    """The text of a part, NULL where it is `—` or the like; a text in quotes means what it says."""
    built = one.build(at)
    return built if one.kind != "text" or one.constant is not None else pl.when(~built.is_in(_NOTHING)).then(built)


def _read_number(column: pl.Expr) -> pl.Expr:
    def read(values: pl.Series) -> pl.Series:
        return plain_numbers(values).cast(pl.Float64, strict=False)

    return column.map_batches(read, return_dtype=pl.Float64)


def _function_number(one: _Part) -> _Part:
    return one if one.kind == "number" else _Part("number", lambda at: _read_number(one.build(at)))


def _function_round(one: _Part, digits: _Part | None = None) -> _Part:
    if digits is not None and (not isinstance(digits.constant, (int, float)) or not 0 <= digits.constant <= 9):
        raise ValueError("the second value of round must be a number from 0 to 9")
    places = int(digits.constant or 0) if digits is not None else 0  # type: ignore[arg-type]
    return _Part("number", lambda at: one.build(at).round(places, mode="half_away_from_zero"))


def _function_find(one: _Part, pattern: _Part) -> _Part:
    compiled = _regular_expression(pattern, "find")
    group = 1 if compiled.groups else 0
    return _Part("text", lambda at: one.build(at).str.extract(compiled.pattern, group))


def _function_matches(one: _Part, pattern: _Part) -> _Part:
    compiled = _regular_expression(pattern, "matches")
    return _Part("truth", lambda at: one.build(at).str.contains(f"^(?:{compiled.pattern})$").fill_null(value=False))


def _function_replace(one: _Part, old: _Part, new: _Part) -> _Part:
    if not isinstance(old.constant, str) or not isinstance(new.constant, str):
        raise ValueError('replace needs two texts: replace({A}, "old", "new")')
    before, after = old.constant, new.constant
    return _Part("text", lambda at: one.build(at).str.replace_all(before, after, literal=True))


def _function_part(one: _Part, start: _Part, length: _Part) -> _Part:
    if not isinstance(start.constant, float) or not isinstance(length.constant, float) or start.constant < 1:
        raise ValueError("part needs two numbers, the first from 1: part({A}, 1, 4)")
    first, count = int(start.constant) - 1, int(length.constant)
    return _Part("text", lambda at: one.build(at).str.slice(first, count))


def _function_substitute(one: _Part, pattern: _Part, new: _Part) -> _Part:
    compiled = _regular_expression(pattern, "substitute")
    if not isinstance(new.constant, str):
        raise ValueError('substitute needs a pattern and a text: substitute({A}, "[0-9]+", "")')
    after = new.constant
    return _Part("text", lambda at: one.build(at).str.replace_all(compiled.pattern, after))


def _members(one: _Part, at: dict[str, str]) -> pl.Expr:
    text = _held(one, at)
    between = (
        pl.when(text.str.contains(_IDS))
        .then(text.str.replace_all(_BETWEEN_IDS, ";"))
        .otherwise(text.str.replace_all(_BETWEEN_MEMBERS, ";"))
    )
    return between.str.strip_chars("; ").str.split(";")


def _function_member(one: _Part, number: _Part) -> _Part:
    if number.kind != "number":
        raise ValueError("the second value of member must be a number: member({A}, number({#}))")
    return _Part(
        "text",
        lambda at: _members(one, at).list.get(number.build(at).cast(pl.Int64) - 1, null_on_oob=True),
    )


def _function_join(*parts: _Part) -> _Part:
    return _Part("text", lambda at: pl.concat_str([_held(one, at).fill_null("") for one in parts]))


def _function_first(*parts: _Part) -> _Part:
    kinds = {one.kind for one in parts}
    if len(kinds) != 1:
        raise ValueError("the values of first must all be texts or all be numbers")
    return _Part(parts[0].kind, lambda at: pl.coalesce([_held(one, at) for one in parts]))


def _regular_expression(pattern: _Part, function: str) -> re.Pattern[str]:
    if not isinstance(pattern.constant, str):
        raise ValueError(f'{function} needs a pattern in quotes: {function}({{A}}, "[0-9]+")')
    try:
        compiled = re.compile(pattern.constant)
        pl.Series([""]).str.contains(pattern.constant)
    except (re.error, pl.exceptions.ComputeError) as error:
        raise ValueError(f"`{pattern.constant}` is not a regular expression: {error}") from error
    return compiled


@dataclass(frozen=True)
class _Function:
    least: int
    most: int
    takes: tuple[Kind, ...]
    make: Callable[..., _Part]
    use: str


FUNCTIONS: dict[str, _Function] = {
    "number": _Function(1, 1, ("text", "number"), _function_number, "number({A})"),
    "round": _Function(1, 2, ("number",), _function_round, "round(x, 2)"),
    "lower": _Function(
        1, 1, ("text",), lambda one: _Part("text", lambda at: one.build(at).str.to_lowercase()), "lower({A})"
    ),
    "upper": _Function(
        1, 1, ("text",), lambda one: _Part("text", lambda at: one.build(at).str.to_uppercase()), "upper({A})"
    ),
    "empty": _Function(1, 1, ("text",), lambda one: _Part("truth", lambda at: _held(one, at).is_null()), "empty({A})"),
    "part": _Function(3, 3, ("text",), _function_part, "part({A}, 1, 4)"),
    "find": _Function(2, 2, ("text",), _function_find, 'find({A}, "[0-9]+")'),
    "matches": _Function(2, 2, ("text",), _function_matches, 'matches({A}, "[0-9]+")'),
    "replace": _Function(3, 3, ("text",), _function_replace, 'replace({A}, "old", "new")'),
    "substitute": _Function(3, 3, ("text",), _function_substitute, 'substitute({A}, "[0-9]+", "x")'),
    "count": _Function(
        1,
        1,
        ("text",),
        lambda one: _Part("number", lambda at: _members(one, at).list.len().cast(pl.Float64)),
        "count({A})",
    ),
    "member": _Function(2, 2, ("text",), _function_member, "member({A}, 1)"),
    "join": _Function(1, 20, ("text",), _function_join, 'join({A}, "-", {B})'),
    "first": _Function(1, 20, ("text", "number"), _function_first, "first({A}, {B})"),
}
#: What an expression may hold, as an error message says it.
ALLOWED = (
    "columns as {Header}, texts in quotes, numbers, + - * /, == != < <= > >=, and, or, not, X if condition else Y, and "
    + ", ".join(function.use for function in FUNCTIONS.values())
)

_ARITHMETIC: dict[type[ast.operator], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: pl.when(b != 0).then(a / b),
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


def _refusal(what: str) -> ValueError:
    return ValueError(f"{what} is not allowed in an expression. Allowed are: {ALLOWED}")


class _Checker:
    """Turns the tree of an expression into a `_Part`, refusing every node that it does not know."""

    def __init__(self, headers: tuple[str, ...]) -> None:
        self._headers = headers

    def part(self, node: ast.expr, depth: int = 0) -> _Part:
        if depth > _DEEPEST:
            raise ValueError("the expression is nested too deeply")
        match node:
            case ast.Name(id=name) if _NAME.fullmatch(name):
                header = self._headers[int(name.removeprefix("column_"))]
                return _Part("text", lambda at: pl.col(at[header]))
            case ast.Constant(value=value) if isinstance(value, str):
                return _Part("text", lambda _: pl.lit(value, dtype=pl.String), value)
            case ast.Constant(value=value) if isinstance(value, (int, float)) and not isinstance(value, bool):
                number = float(value)
                return _Part("number", lambda _: pl.lit(number), number)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                one = self._of_kind(operand, "number", depth)
                return _Part("number", lambda at: -one.build(at))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                one = self._of_kind(operand, "truth", depth)
                return _Part("truth", lambda at: ~one.build(at))
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
                first, second = self._of_kind(left, "number", depth), self._of_kind(right, "number", depth)
                compute = _ARITHMETIC[type(operator)]
                return _Part("number", lambda at: compute(first.build(at), second.build(at)))
            case ast.BoolOp(op=operator, values=values):
                parts = [self._of_kind(value, "truth", depth) for value in values]
                combine = pl.all_horizontal if isinstance(operator, ast.And) else pl.any_horizontal
                return _Part("truth", lambda at: combine([one.build(at) for one in parts]))
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARISONS:
                first, second = self.part(left, depth + 1), self.part(right, depth + 1)
                if first.kind != second.kind or first.kind == "truth":
                    raise ValueError("a comparison needs two texts or two numbers: write number({A}) > 5")
                compare = _COMPARISONS[type(operator)]
                return _Part("truth", lambda at: compare(first.build(at), second.build(at)).fill_null(value=False))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = self._of_kind(test, "truth", depth)
                yes, no = self.part(body, depth + 1), self.part(orelse, depth + 1)
                if yes.kind != no.kind:
                    raise ValueError("both outcomes of `if` must be texts, or both numbers")
                return _Part(
                    yes.kind, lambda at: pl.when(condition.build(at)).then(yes.build(at)).otherwise(no.build(at))
                )
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
                return self._call(name, arguments, depth)
            case ast.Call(func=function):
                raise _refusal(f"calling `{ast.unparse(function)}`")
            case ast.Name(id=name):
                raise _refusal(f"the name `{name}`")
        raise _refusal(f"`{ast.unparse(node)[:80]}`")

    def _of_kind(self, node: ast.expr, kind: Kind, depth: int) -> _Part:
        part = self.part(node, depth + 1)
        if part.kind != kind:
            hint = {"number": "write number({A})", "truth": "write a comparison", "text": "it must be a text"}[kind]
            raise ValueError(f"`{ast.unparse(node)[:80]}` is a {part.kind} where a {kind} is needed: {hint}")
        return part

    def _call(self, name: str, arguments: list[ast.expr], depth: int) -> _Part:
        function = FUNCTIONS[name]
        parts = [self.part(argument, depth + 1) for argument in arguments]
        if not function.least <= len(parts) <= function.most:
            raise ValueError(f"{name} has {len(parts)} values; it is used as {function.use}")
        checked = parts if name in ("join", "first") else parts[:1]
        wrong = next((one for one in checked if one.kind not in function.takes), None)
        if wrong is not None:
            raise ValueError(f"{name} cannot take a {wrong.kind}; it is used as {function.use}")
        return function.make(*parts)


def read_expression(text: str) -> Expression:
    """The expression in `text`; ValueError says which part of it is not allowed, and what is."""
    if len(text) > LONGEST:
        raise ValueError(f"the expression is longer than {LONGEST} characters")
    headers: list[str] = []

    def name_of(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        if found[1] not in headers:
            headers.append(found[1])
        return f" column_{headers.index(found[1])} "

    if _NAME.search(text):
        raise _refusal("the name `column_…`")
    try:
        tree = ast.parse(_HEADER.sub(name_of, text).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"`{text}` is not an expression. Allowed are: {ALLOWED}") from error
    part = _Checker(tuple(headers)).part(tree.body)
    return Expression(text, part.kind, tuple(headers), _joined(tree, headers), part.build)


def _joined(tree: ast.Expression, headers: list[str]) -> tuple[str, ...]:
    """The headers that a `join` of the expression puts into the value as they are, not as members of a list."""
    found: list[str] = []

    def look(node: ast.AST) -> None:
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        if name in ("member", "count"):
            return
        if isinstance(node, ast.Call) and name == "join":
            names = [argument.id for argument in node.args if isinstance(argument, ast.Name)]
            found.extend(headers[int(one.removeprefix("column_"))] for one in names)
        for child in ast.iter_child_nodes(node):
            look(child)

    look(tree)
    return tuple(dict.fromkeys(found))
