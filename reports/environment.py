"""How templates are read: what holds for all that they print is settled once, when they are compiled."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_INDENTATION = re.compile(r"(?m)^[ \t]+")

#: End tags and quotes that HTML does without, and the role of a row's first cell, which it knows.
_NEEDLESS = (
    ("</td>", ""), ("</th>", ""), ("</tr>", ""), ("</li>", ""), (' scope="row"', ""), (' scope="col"', ""),
    (' class="r"', " class=r"), (' class="quiet"', " class=quiet"), )  # fmt: skip


class _Unindented(PackageLoader):
    """Templates without the indentation of their lines, which pages would repeat."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        source, path, fresh = super().get_source(environment, template)
        return _INDENTATION.sub("", source), path, fresh


class _Shortened(Extension):
    """Templates without what HTML lets one leave out in tables and lists, of which a site is full."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                text = token.value
                for needless, instead in _NEEDLESS:
                    text = text.replace(needless, instead)
                yield Token(token.lineno, token.type, text)
            else:
                yield token


class _Environment(Environment):
    """Reads the field of a row before its attribute: nearly all that templates read are rows."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return obj[attribute] if type(obj) is dict and attribute in obj else super().getattr(obj, attribute)


def environment(*, shortened: bool = True) -> Environment:
    """The templates: a name that a context lacks is an error, all text is escaped.

    Args:
        shortened: Whether pages go without the tags and quotes that HTML does without.
    """
    return _Environment(
        loader=_Unindented("reports", "templates"),
        extensions=[_Shortened] if shortened else [],
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
