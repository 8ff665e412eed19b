"""`hengfa diff`: what changed from one edition to another, and why."""

import sys
from typing import Annotated, Any, Literal

import typer


def diff(
    old: Annotated[str, typer.Argument(metavar="EDITION", help="前一版次 The earlier edition.")],
    new: Annotated[str, typer.Argument(metavar="EDITION", help="后一版次 The later edition.")],
    entity: Annotated[str | None, typer.Option(help="主体编码 Subject id; default every body.")] = None,
    cause: Annotated[
        Literal["appeal", "correction", "late_record", "definition", "scheme", "as_of", "unexplained"] | None,
        typer.Option(help="只看一种原因 One cause only."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="表格最多行数（csv、json 不限）Most rows of a table.")] = 50,
    output_format: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="格式 Format.")] = "table",
) -> None:
    """比较两个版次：每个变动的数及其原因。Compare two editions: every number that changed, and the cause."""
    import polars as pl

    from pipelines.cli.output import print_rows
    from pipelines.editions.catalogue import find_edition
    from pipelines.editions.diff import check_comparable, diff_editions
    from pipelines.settings import Workspace

    workspace = Workspace.at()
    first, second = find_edition(workspace.editions, old), find_edition(workspace.editions, new)
    check_comparable(first, second)
    changes = diff_editions(workspace, first, second)
    if entity is not None:
        changes = changes.filter(pl.col("subject_id") == entity)
    if cause is not None:
        changes = changes.filter(pl.col("cause").str.split(",").list.contains(cause))
    rows = changes.rows()
    if output_format != "table":
        print_rows(changes.columns, rows, output_format)
        return
    shown = [
        (row["subject_id"], row["kind"], row["indicator_id"], row["variant"], row["period_kind"], row["period"],
         _told(row, "old"), _told(row, "new"), row["cause"], " ".join(row["records"][:3]))
        for row in changes.head(limit).iter_rows(named=True)
    ]  # fmt: skip
    headings = ("subject", "kind", "indicator", "variant", "period_kind", "period", "old", "new", "cause", "records")
    print_rows(headings, shown, "table")
    sys.stdout.write(f"{first.edition_id} → {second.edition_id}: {len(rows)} 处变动 changes, {len(shown)} 显示 shown\n")


def _told(row: dict[str, Any], side: str) -> str:
    """A side of a row with all that differs: what is left out too, and points to the digit that tells them apart."""
    value, state = row[f"{side}_value"], row[f"{side}_state"]
    if row["kind"] == "result":
        numerator, denominator = row[f"{side}_numerator"], row[f"{side}_denominator"]
        if denominator is None:
            return "—"
        left_out = [
            f"{label} {row[f'{side}_{name}']}"
            for name, label in (("excluded", "排除 excluded"), ("undecidable", "不可判定 undecidable"))
            if row[f"old_{name}"] != row[f"new_{name}"]
        ]
        return " · ".join([f"{numerator:g}/{denominator:g} {state}", *left_out])
    if value is None:
        return f"{state}"
    other = row["new_value" if side == "old" else "old_value"]
    digits = next((n for n in (1, 2, 3) if other is None or f"{value:.{n}f}" != f"{other:.{n}f}" or value == other), 6)
    return f"{value:.{digits}f} {state}"
