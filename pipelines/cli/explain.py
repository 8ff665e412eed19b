"""`hengfa explain`: a number, what it means, and the records behind it; or a record and how it came to be."""

import sys
from typing import Annotated, Literal

import typer


def explain(
    indicator: Annotated[str | None, typer.Argument(help="指标编码 Indicator id.")] = None,
    entity: Annotated[str | None, typer.Option(help="主体编码 Subject id.")] = None,
    month: Annotated[str | None, typer.Option(help="月份 The month, 2026-10.")] = None,
    record: Annotated[
        str | None,
        typer.Option(metavar="ENTITY/KEY", help="一条记录的全部版本 All versions of a record, such as cases/AJ0001."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="记录在何时是否计入 Whether the record counts at a time; default now.")
    ] = None,
    variant: Annotated[str | None, typer.Option(help="口径 Variant; default the default variant.")] = None,
    state: Annotated[
        Literal["hit", "miss", "excluded", "undecidable"] | None, typer.Option(help="只看一种状态 One state only.")
    ] = None,
    edition: Annotated[str | None, typer.Option(help="考核版次 The edition; default the month's newest.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="表格最多行数（csv、json 不限）Most rows of a table.")] = 50,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="语言 Language.")] = None,
    output_format: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="格式 Format.")] = "table",
) -> None:
    """解释一个数或一条记录。Explain a number: declaration, value, the records behind it; or a record's history."""
    import duckdb

    from pipelines.cli.output import print_rows, rounded, whole
    from pipelines.cli.record_history import show_history
    from pipelines.editions.catalogue import find_edition, newest_revision, shortest_period
    from pipelines.errors import UsageError
    from pipelines.settings import Workspace
    from pipelines.warehouse.months import Month

    workspace = Workspace.at()
    language = lang or workspace.settings().language
    if record is not None:
        if indicator is not None or entity is not None or month is not None:
            raise UsageError("give an indicator with --entity and --month, or --record alone.")
        show_history(record, as_of, language, output_format)
        return
    if indicator is None or entity is None or month is None:
        raise UsageError("give an indicator with --entity and --month, or --record ENTITY/KEY.")
    chosen = Month.parse(month)
    found = (newest_revision(workspace.editions, chosen) if edition is None else None) or find_edition(
        workspace.editions, edition
    )
    declared = {declaration["id"]: declaration for declaration in found.declarations()}
    if indicator not in declared:
        raise UsageError(f"there is no indicator `{indicator}`. There are: {', '.join(declared)}.")
    declaration = declared[indicator]
    reading = variant or declaration["default_variant"]
    if reading not in declaration["variants"]:
        raise UsageError(f"`{indicator}` has no variant `{reading}`. It has: {', '.join(declaration['variants'])}.")
    # An indicator of twelve months alone is explained for those that end with the month.
    period_kind = shortest_period(declaration)
    first_day = (chosen if period_kind == "month" else chosen.plus(-11)).first_day
    with duckdb.connect() as connection:
        number = connection.execute(
            "select numerator, denominator, excluded, undecidable, value, lower, upper, status "
            "from read_parquet(?) where indicator_id = ? and variant = ? and entity_id = ? "
            "and level in ('subject', 'agency') and period_kind = ? and period = ?",
            [str(found.directory / "results.parquet"), indicator, reading, entity, period_kind, str(chosen)],
        ).fetchone()
        if number is None:
            raise UsageError(
                f"edition {found.edition_id} has no result of `{indicator}` for `{entity}` in {chosen}. "
                "List what there is with `hengfa results`."
            )
        records = connection.execute(
            "select state, unit_kind, unit_id, record_entity, record_id, happened_at, numerator, denominator, reason "
            "from read_parquet(?) where variant = ? and (subject_id = ? or agency_id = ?) and month between ? and ? "
            "and (? is null or state = ?) order by state, unit_kind, unit_id",
            [
                str(found.directory / "evidence" / f"{indicator}.parquet"), reading, entity, entity,
                first_day, chosen.first_day, state, state,
            ],
        ).fetchall()  # fmt: skip
    headings = (
        "state", "unit_kind", "unit_id", "record_entity", "record_id", "happened_at", "numerator", "denominator",
        "reason",
    )  # fmt: skip
    rows = [(*row[:6], whole(row[6]), whole(row[7]), row[8]) for row in records]
    if output_format == "table":
        numerator, denominator, excluded, undecidable, value, lower, upper, status = number
        unit = declaration["unit"]
        interval = "" if lower is None else f" [{rounded(lower, unit=unit)}, {rounded(upper, unit=unit)}]"
        quotient = f"{whole(numerator)} / {whole(denominator)} = " if unit in ("share", "per_head") else ""
        says = {
            "zh": ("分子", "分母", "排除", "不作判断", "状态", "共 {all} 条，显示 {shown} 条；--format csv 列出全部"),
            "en": (
                "Numerator",
                "Denominator",
                "excluded",
                "undecidable",
                "status",
                "{shown} of {all} shown; --format csv lists all",
            ),
        }[language]
        sys.stdout.write(
            f"{declaration['name'][language]} · {declaration['variants'][reading][language]} · {entity} · {chosen} "
            f"({found.edition_id})\n{declaration['question'][language]}\n"
            f"  {quotient}{rounded(value, unit=unit)}{interval}\n"
            f"  {says[0]} {whole(numerator)}: {declaration['numerator'][language]}\n"
            f"  {says[1]} {whole(denominator)}: {declaration['denominator'][language]}\n"
            f"  {says[2]} {excluded} · {says[3]} {undecidable} · {says[4]} {status}\n"
        )
        print_rows(headings, rows[:limit], "table")
        sys.stdout.write(says[5].format(all=len(rows), shown=min(limit, len(rows))) + "\n")
    else:
        print_rows(headings, rows, output_format)
