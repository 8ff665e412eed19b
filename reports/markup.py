"""The HTML of what pages print thousands of times: one result, its interval plot, its four periods.

Templates ask for these pieces. They are made here, in as few characters as HTML allows, because most of a
site is made of them. Every text is escaped; positions come computed.
"""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from reports.charts.geometry import Mark
from reports.contexts.book import Cell
from reports.i18n import Texts

#: A body's result and that of its peers.
Compared = tuple[Cell | None, Cell | None]

_TABLE_WITH_HEAD = re.compile(r"<table([^>]*)>((?:(?!<table).)*?<thead><tr>)(.*?)</thead>", re.DOTALL)
# Templates leave out the end tags of heads.
_HEAD = re.compile(r"<th\b[^>]*>(.*?)\n?(?=<th\b|\Z)", re.DOTALL)
_BLANK_LINES = re.compile(r"\n\n+")
_INSIDE = re.compile(r"<small\b.*?</small>|<[^>]*>", re.DOTALL)


def labelled(page: str) -> str:
    """A page whose tables carry the words of their heads in the properties `--2`, `--3` and so on.

    On a phone, where heads have no room, the style sheet writes them before the cells. Once a table is
    far less than once a cell.
    """

    def with_heads(found: re.Match[str]) -> str:
        attributes, between, heads = found.groups()
        words = [_INSIDE.sub("", head).replace("&#39;", "’").replace("\\", "") for head in _HEAD.findall(heads)]
        style = ";".join(f"--{place}:'{word}'" for place, word in enumerate(words, start=1) if place > 1)
        return f'<table{attributes} style="{style}">{between}{heads}</thead>'

    return _TABLE_WITH_HEAD.sub(with_heads, page)


def without_blank_lines(page: str) -> str:
    """The same page without the empty lines that the statements of templates leave behind."""
    return _BLANK_LINES.sub("\n", page)


def plot(status: str, mark: Mark, peers: str | None) -> str:
    """An interval plot: positions as properties that the style sheet draws from; `peers` is the group's position."""
    places = [("v", mark.at), ("l", mark.low), ("h", mark.high), ("p", peers)]
    style = ";".join(f"--{name}:{place}" for name, place in places if place is not None)
    styled = f' style="{style}"' if style else ""
    if mark.goes_on:
        return f'<i class="iv {status}"{styled} aria-hidden=true>›</i>'
    return f'<i class="iv {status}"{styled}></i>'


class Printer:
    """Prints results in one language."""

    def __init__(self, t: Texts) -> None:
        """Word the statuses once."""
        self._tags = {
            status: f'<span class="tag {status}">{escape(t(f"status.{status}"))}</span>'
            for status in ("small", "tiny", "none", "bounds")
        }
        self._missing = f'<span class=missing title="{escape(t("cell.missing"))}">—</span>'

    def _value(self, cell: Cell | None) -> str:
        if cell is None:
            return self._missing
        counts = f"{cell.numerator}/{cell.denominator}"
        return f"<b class=v>{cell.value}</b> <small class=n>{counts}</small>{self._tags.get(cell.status, '')}"

    def _interval(self, cell: Cell | None) -> str:
        return f" <span class=ci>{cell.interval}</span>" if cell is not None and cell.interval else ""

    def value(self, cell: Cell | None) -> Markup:
        """Value, counts and status. Where its table names the indicator, a script makes the value a link."""
        return Markup(self._value(cell))  # noqa: S704

    def with_interval(self, cell: Cell | None) -> Markup:
        """`value` and the interval."""
        return Markup(self._value(cell) + self._interval(cell))  # noqa: S704

    def plot(self, cell: Cell, peers: Cell | None = None) -> Markup:
        """The interval plot of a result, with the place of its peers."""
        return Markup(plot(cell.status, cell.mark, peers.mark.at if peers is not None else None))  # noqa: S704

    def values(self, cells: Iterable[tuple[str, Cell | None]]) -> Markup:
        """`value` for all periods, of which one is shown."""
        return Markup("".join(f"<span data-p={kind}>{self._value(cell)}</span>" for kind, cell in cells))  # noqa: S704

    def intervals(self, cells: Iterable[tuple[str, Cell | None]]) -> Markup:
        """The interval alone, for all periods."""
        return Markup(  # noqa: S704
            "".join(f"<span data-p={kind} class=nb>{cell.interval}</span>" for kind, cell in cells if cell is not None)
        )

    def compared(self, column: Compared) -> Markup:
        """Value, interval and plot beside the peers'."""
        own, peers = column
        drawn = "" if own is None else self.plot(own, peers)
        return Markup(f"<div class=cmp><div>{self._value(own)}{self._interval(own)}</div>{drawn}</div>")  # noqa: S704
