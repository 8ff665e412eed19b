"""`hengfa run`: the monthly assessment."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer


def run(
    month: Annotated[str, typer.Argument(help="考核月份 The month, 2026-10.")],
    inbox: Annotated[
        list[Path] | None, typer.Option(help="导出文件或目录，可多次 Files or folders; default the workspace's inbox.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="映射文件 A mapping for files that do not follow the contract.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="截止时点 Known up to; default the end of the 5th day after the month.")
    ] = None,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="摘要语言 Language of the summary.")] = None,
    no_reports: Annotated[bool, typer.Option("--no-reports", help="不生成报告 Make no reports.")] = False,
    loaded_at: Annotated[str | None, typer.Option(help="收件时间 Time of the load; default now.")] = None,
) -> None:
    """月度考核：收件、建库、审计、定版、报告。Load, build, audit, freeze and report one month."""
    from pipelines import log
    from pipelines.cli import progress
    from pipelines.cli.summary import print_summary
    from pipelines.existing import require_existing
    from pipelines.run import run_month
    from pipelines.settings import Workspace
    from pipelines.warehouse.months import Month, parse_as_of

    if mapping is not None:
        require_existing(mapping)
    workspace = Workspace.at().prepare()
    chosen = Month.parse(month)
    language = lang or workspace.settings().language
    # The clock is read here and nowhere deeper: everything below takes time as an argument.
    loaded = parse_as_of(loaded_at) if loaded_at else datetime.now().replace(microsecond=0)
    log.configure(verbose=bool(os.environ.get("HENGFA_DEBUG")), log_file=workspace.logs / "hengfa.log")
    with progress.shown():
        summary = run_month(
            workspace,
            chosen,
            loaded_at=loaded,
            as_of=parse_as_of(as_of) if as_of else None,
            inbox=inbox,
            mapping=mapping,
            with_reports=not no_reports,
        )
    print_summary(workspace, summary, language)
    if summary.refused_files:
        raise typer.Exit(3)
