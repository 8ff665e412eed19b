"""`hengfa results`: the numbers of an edition."""

import sys
from typing import Annotated, Literal

import typer

#: From the whole to its parts: what has a value comes first, agencies of few units last.
LEVELS = ["total", "peer_group", "subject", "agency"]


def results(
    edition: Annotated[str | None, typer.Argument(help="考核版次 The edition; default the newest.")] = None,
    indicator: Annotated[str | None, typer.Option(help="指标编码 Indicator id; default all.")] = None,
    variant: Annotated[str | None, typer.Option(help="口径 Variant, or `every`; default the default variant.")] = None,
    level: Annotated[
        Literal["agency", "subject", "peer_group", "total"] | None, typer.Option(help="层级 Level.")
    ] = None,
    entity: Annotated[str | None, typer.Option(help="主体、机构或组的编码 Entity id.")] = None,
    period_kind: Annotated[Literal["month", "quarter", "ytd", "r12"], typer.Option(help="期间 Period.")] = "month",
    period: Annotated[str | None, typer.Option(help="期间的末月 Last month; default the edition's.")] = None,
    output_format: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="格式 Format.")] = "table",
) -> None:
    """查看考核结果。Show the results of an edition."""
    import duckdb

    from pipelines.cli.output import print_rows, rounded, whole
    from pipelines.editions.catalogue import find_edition
    from pipelines.errors import UsageError
    from pipelines.settings import Workspace
    from pipelines.warehouse.months import Month

    found = find_edition(Workspace.at().editions, edition)
    declared = {declaration["id"]: declaration for declaration in found.declarations()}
    if indicator is not None and indicator not in declared:
        raise UsageError(f"there is no indicator `{indicator}`. There are: {', '.join(declared)}.")
    wanted = str(Month.parse(period)) if period else str(found.month)
    conditions = ["period_kind = ?", "period = ?"]
    values: list[object] = [period_kind, wanted]
    for column, value in (("indicator_id", indicator), ("level", level), ("entity_id", entity)):
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    if variant is not None and variant != "every":
        conditions.append("variant = ?")
        values.append(variant)
    columns = (
        "indicator_id", "variant", "level", "entity_id", "period", "numerator", "denominator", "excluded",
        "undecidable", "value", "lower", "upper", "status",
    )  # fmt: skip
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {', '.join(columns)} from read_parquet(?) where {' and '.join(conditions)} "
            "order by indicator_id, variant, array_position(?, level), entity_id",
            [str(found.directory / "results.parquet"), *values, LEVELS],
        ).fetchall()
    if variant is None:
        rows = [row for row in rows if declared[row[0]]["default_variant"] == row[1]]
    if not rows:
        raise UsageError(
            f"edition {found.edition_id} has no result for this choice. It holds month results for {found.month} "
            "and the 12 months before it, and quarter, ytd and r12 for the period that ends with it."
        )
    if output_format == "table":
        if level is None and entity is None:
            # Of every agency there is a row: beside the table, so that what reads it is not disturbed.
            narrowing = "--level total|peer_group|subject|agency" + ("" if indicator else "、--indicator")
            sys.stderr.write(
                f"{len(rows)} 行；可用 {narrowing}、--entity 缩小范围。"
                f"{len(rows)} rows; narrow them with {narrowing.replace('、', ', ')}, --entity.\n"
            )
        rows = [
            (*row[:9], *(rounded(value, unit=declared[row[0]]["unit"]) for value in row[9:12]), row[12]) for row in rows
        ]
    print_rows(columns, [(*row[:5], whole(row[5]), whole(row[6]), *row[7:]) for row in rows], output_format)
