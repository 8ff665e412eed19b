"""`hengfa explain`: a number, what it means, and the records behind it; or a record and how it came to be."""

import sys
from typing import Annotated, Literal

import typer

#: A unit counts once in a period, as its best state; an index is made of all that it did.
_ONCE = (
    "qualify row_number() over (partition by subject_id, unit_kind, unit_id order by "
    "array_position(['hit', 'miss', 'undecidable', 'excluded'], state), month desc, happened_at desc, record_id) = 1"
)

#: What evidence stands behind a number of a level, for the entity that is asked for.
_INSIDE = {
    "total": "true",
    "peer_group": "subject_id in (select bodies.subject_id from read_parquet(?) as bodies where peer_group_id = ?)",
    "subject": "subject_id = ?",
    "agency": "agency_id = ?",
}


def explain(
    indicator: Annotated[str | None, typer.Argument(help="指标编码 Indicator id.")] = None,
    entity: Annotated[
        str | None,
        typer.Option(help="主体、机构、同类组编码或 total Id of a subject, agency or peer group, or `total`."),
    ] = None,
    month: Annotated[str | None, typer.Option(help="月份 The month, 2026-10.")] = None,
    period_kind: Annotated[
        Literal["month", "quarter", "ytd", "r12"] | None,
        typer.Option(help="期间，止于 --month Period that ends with --month; default the indicator's shortest."),
    ] = None,
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
    # An indicator that has no single month is explained for the shortest period that it has.
    kind = period_kind or shortest_period(declaration)
    first_day = chosen.first_of(kind).first_day
    with duckdb.connect() as connection:
        number = connection.execute(
            "select numerator, denominator, excluded, undecidable, value, lower, upper, status, level "
            "from read_parquet(?) where indicator_id = ? and variant = ? and entity_id = ? "
            "and period_kind = ? and period = ?",
            [str(found.directory / "results.parquet"), indicator, reading, entity, kind, str(chosen)],
        ).fetchone()
        if number is None:
            raise UsageError(
                f"edition {found.edition_id} has no result of `{indicator}` for `{entity}` in the {kind} to {chosen}. "
                "List what there is with `hengfa results`."
            )
        records = connection.execute(
            "select state, unit_kind, unit_id, record_entity, record_id, happened_at, numerator, denominator, reason "
            f"from (select * from read_parquet(?) as evidence where variant = ? and {_INSIDE[number[-1]]} "
            f"and month between ? and ? {_ONCE if declaration['unit'] != 'index' else ''}) "
            "where ? is null or state = ? order by state, unit_kind, unit_id",
            [
                str(found.directory / "evidence" / f"{indicator}.parquet"), reading,
                *([str(found.directory / "dimensions" / "subjects.parquet")] if number[-1] == "peer_group" else []),
                *([] if number[-1] == "total" else [entity]),
                first_day, chosen.first_day, state, state,
            ],
        ).fetchall()  # fmt: skip
    headings = (
        "state", "unit_kind", "unit_id", "record_entity", "record_id", "happened_at", "numerator", "denominator",
        "reason",
    )  # fmt: skip
    rows = [(*row[:6], whole(row[6]), whole(row[7]), row[8]) for row in records]
    if output_format == "table":
        numerator, denominator, excluded, undecidable, value, lower, upper, status, _ = number
        unit = declaration["unit"]
        interval = "" if lower is None else f" [{rounded(lower, unit=unit)}, {rounded(upper, unit=unit)}]"
        span = str(chosen) if kind == "month" else f"{chosen} ({kind})"
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
            f"{declaration['name'][language]} · {declaration['variants'][reading][language]} · {entity} · {span} "
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
