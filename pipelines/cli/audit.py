"""`hengfa audit`: what is wrong with the records that were loaded, and whose it is to mend."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pipelines.settings import Workspace
    from pipelines.warehouse.months import Month


def audit(
    month: Annotated[
        str | None,
        typer.Argument(help="考核月份 The month, 2026-10; default the one built last, else that of the last load."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="截止时点 Known up to; default that of the month built last, else the month's own."),
    ] = None,
    entity: Annotated[list[str] | None, typer.Option(help="只查该类记录，可多次 Only records of this kind.")] = None,
    every: Annotated[bool, typer.Option("--all", help="也列出通过的规则 List the rules that pass, too.")] = False,
    bodies: Annotated[bool, typer.Option("--bodies", help="逐个主体列出 One line per rule and body.")] = False,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="语言 Language.")] = None,
    output_format: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="格式 Format.")] = "table",
) -> None:
    """审查已装载记录的质量；有错误级问题时退出码为 4。Audit the records loaded; exit code 4 on an error."""
    import sys
    import threading

    from expectations.audit import run_audit
    from expectations.duckdb_engine import warm_up
    from pipelines.cli.output import print_rows
    from pipelines.contract.loader import load_contracts
    from pipelines.errors import UsageError
    from pipelines.settings import Workspace
    from pipelines.warehouse.months import Month, parse_as_of

    workspace = Workspace.at()
    settings = workspace.settings()
    language = lang or settings.language
    if not workspace.warehouse.exists():
        raise UsageError(f"{workspace.home}: nothing is loaded yet. Load files first: hengfa load PATH")
    chosen = Month.parse(month) if month else None
    contracts = load_contracts()
    # The import of Great Expectations takes seconds; the views are made meanwhile.
    threading.Thread(target=warm_up, daemon=True).start()
    moment = parse_as_of(as_of) if as_of else None
    built = _built_last(workspace)
    if chosen is None:
        if built is None:
            raise UsageError("nothing is loaded yet. Load files first: hengfa load PATH")
        chosen = built[0]
    # The month that was built is audited as it was built, so that both speak of the same records.
    if moment is None and built is not None and chosen == built[0]:
        moment = built[1]
    result = run_audit(
        workspace.warehouse,
        border="landed",
        contracts=contracts,
        month=chosen.first_day,
        as_of=moment,
        work=workspace.audit_of(chosen),
        expected=workspace.expected_file,
        entities=entity or None,
        threads=settings.threads,
        memory_limit=settings.memory_limit,
    )
    headings, rows = _lines(result.rows, language, every=every, bodies=bodies, for_people=output_format == "table")
    titles = {"zh": f"{chosen} 数据质量审查", "en": f"Data quality audit of {chosen}"}
    print_rows(headings, rows, output_format, titles[language])
    if output_format == "table":
        judged = [row for row in result.rows if row.subject_id is None]
        idle = sum(row.evaluated == 0 and row.failing == 0 for row in judged)
        counts = (len(judged), sum(row.success for row in judged), idle, len(result.failed_errors))
        endings = {
            "zh": "共 {} 条规则：通过 {} 条，无记录可查 {} 条，错误级未通过 {} 条。",
            "en": "{} rules: {} passed, {} had nothing to judge, {} failed at severity error.",
        }
        sys.stdout.write(endings[language].format(*counts) + "\n")
        if result.mended is not None:
            _print_mended(result.mended, {row.expectation_id: row for row in judged}, language)
    if result.failed_errors:
        raise typer.Exit(4)


def _built_last(workspace: "Workspace") -> "tuple[Month, datetime | None] | None":
    """The month built last and its as-of time, else the month of the newest load and None; None if nothing was loaded.

    Raises WarehouseBusyError while the warehouse is written.
    """
    import duckdb

    from pipelines.errors import WarehouseBusyError
    from pipelines.warehouse.connection import open_for_reading
    from pipelines.warehouse.months import Month

    try:
        with open_for_reading(workspace) as connection:
            for month, as_of in connection.execute("select month, as_of from control.run").fetchall():
                return Month.of(month), as_of
            loaded = connection.execute("select max(cast(loaded_at as date)) from raw.files").fetchall()[0][0]
            if loaded is not None:
                return Month.of(loaded), None
    except duckdb.IOException as error:
        raise WarehouseBusyError(
            f"the warehouse {workspace.warehouse} cannot be read while it is written. Wait, then start again."
        ) from error
    except duckdb.CatalogException:
        # A file that no load ever wrote has no tables.
        pass
    return None


def _print_mended(path: "Path", judged: dict[str, Any], language: Literal["zh", "en"]) -> None:
    """What was mended since the audit before: a line in all, and one per rule of which records were."""
    import sys

    import polars as pl

    from pipelines.cli.output import print_rows

    mended = pl.read_parquet(path)
    totals = [int(mended[name].sum()) for name in ("mended", "left", "added")]
    said = {
        "zh": "与上次审查相比：已改正 {} 条，尚未改正 {} 条，新增 {} 条。",
        "en": "Since the audit before: {} mended, {} left as they were, {} new.",
    }
    sys.stdout.write(said[language].format(*totals) + "\n")
    by_rule = (
        mended.group_by("expectation_id")
        .agg(
            pl.col("mended", "left", "added").sum(),
            bodies=pl.col("subject_id").filter(pl.col("mended") > 0).drop_nulls().sort(),
        )
        .filter(pl.col("mended") > 0)
        .sort("mended", "expectation_id", descending=[True, False])
    )
    headings = {
        "zh": ("规则", "已改正", "尚未改正", "新增", "改正的主体"),
        "en": ("rule", "mended", "left", "new", "bodies that mended"),
    }
    rows = [
        (
            getattr(judged[row["expectation_id"]], f"label_{language}")
            if row["expectation_id"] in judged
            else row["expectation_id"],
            row["mended"],
            row["left"],
            row["added"],
            " ".join(row["bodies"]),
        )
        for row in by_rule.iter_rows(named=True)
    ]
    if rows:
        print_rows(headings[language], rows, "table")


_HEADINGS = {
    "zh": ("级别", "规则", "应改单位", "查", "未通过", "未通过最多的主体", "处置"),
    "en": ("severity", "rule", "owner", "judged", "failing", "most failing bodies", "remedy"),
}
_SEVERITIES = {"zh": {"error": "错误", "warning": "警告", "info": "提示"}, "en": {}}

#: How many bodies a line of the table names.
_WORST = 3


def _lines(
    audited: Any, language: Literal["zh", "en"], *, every: bool, bodies: bool, for_people: bool
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Headings and rows: for people one line per rule with its worst bodies, for programs the columns of the audit."""
    # A rule that found nothing to judge is no pass: programs get it always, people with --all.
    shown = [
        row
        for row in audited
        if (every or row.failing or not (for_people or row.success))
        and (bodies or not for_people or row.subject_id is None)
    ]
    if not for_people:
        names = tuple(type(audited[0]).__dataclass_fields__)
        return names, [tuple(getattr(row, name) for name in names) for row in shown]
    lines = []
    for row in shown:
        failing = [
            other for other in audited if other.expectation_id == row.expectation_id and other.subject_id is not None
        ]
        worst = sorted(failing, key=lambda other: (-other.failing, other.subject_id))[:_WORST]
        named = row.subject_id or " ".join(f"{other.subject_id} {other.failing}" for other in worst)
        texts = [getattr(row, f"{name}_{language}") for name in ("label", "owner", "remedy")]
        severity = _SEVERITIES[language].get(row.severity, row.severity)
        lines.append((severity, texts[0], texts[1], row.evaluated, row.failing, named, texts[2]))
    return _HEADINGS[language], lines
