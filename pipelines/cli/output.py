"""How a verb prints rows: as a table for people, as CSV or JSON for programs."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

Format = Literal["table", "csv", "json"]
Language = Literal["zh", "en"]


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[Any]], output_format: Format, title: str = "") -> None:
    """Write the rows to standard output; a table is as wide as it needs to be when not on a terminal."""
    if output_format == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(["" if value is None else value for value in row] for row in rows)
        sys.stdout.write(text.getvalue())
    elif output_format == "json":
        objects = [dict(zip(headings, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(objects, ensure_ascii=False, indent=1, default=str) + "\n")
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(title=title or None, title_justify="left")
        for position, heading in enumerate(headings):
            numbers = [row[position] for row in rows if row[position] is not None]
            is_number = bool(numbers) and all(isinstance(value, (int, float, Decimal)) for value in numbers)
            table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
        for row in rows:
            table.add_row(*["" if value is None else str(value) for value in row])
        console = Console() if sys.stdout.isatty() else Console(width=180)
        console.print(table)


def rounded(value: float | None, *, unit: str) -> str:
    """A value as people read it, half up: shares in per cent and others with two decimals, counts whole."""
    if value is None:
        return "—"
    scaled = Decimal(repr(value)) * (100 if unit == "share" else 1)
    text = str(scaled.quantize(Decimal(1 if unit == "count" else "0.01"), rounding=ROUND_HALF_UP))
    return f"{text} %" if unit == "share" else text


def whole(value: float) -> int | float:
    """A count without its `.0`; an amount as it is."""
    return int(value) if float(value).is_integer() else value
