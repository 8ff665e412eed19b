"""`hengfa load`: exports into the warehouse, with a table of what became of every file."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from pipelines.contract.model import Language
    from pipelines.ingest.reports import LoadReport

_STATUS = {
    "loaded": ("已入库", "loaded"),
    "already_loaded": ("已有，跳过", "already loaded"),
    "refused": ("拒收", "refused"),
    "waiting": ("还在写入，留待下次", "being written, left for the next load"),
}


def load(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH…]", help="导出文件或目录 Exports, or folders of them; none for databases alone."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="映射文件 A mapping for files that do not follow the contract.")
    ] = None,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="表格语言 Language of the table.")] = None,
    loaded_at: Annotated[str | None, typer.Option(help="收件时间 Time of the load; default now.")] = None,
) -> None:
    """收件：把导出文件载入数据仓库。Load exports into the warehouse; exit code 3 if any file was refused."""
    from pipelines import log
    from pipelines.cli import progress
    from pipelines.contract.loader import load_contracts
    from pipelines.errors import UsageError
    from pipelines.existing import require_existing
    from pipelines.ingest.inbox import SETTLE_SECONDS
    from pipelines.ingest.load import load_paths
    from pipelines.settings import Workspace
    from pipelines.warehouse.connection import hold_warehouse, open_for_writing

    if not paths and mapping is None:
        raise UsageError("there is nothing to load. Give files or folders, or a mapping with databases.")
    if mapping is not None:
        require_existing(mapping)
    workspace = Workspace.at().prepare()
    language = lang or workspace.settings().language
    # The clock is read here and nowhere deeper: everything below takes time as an argument.
    moment = _moment(loaded_at) if loaded_at is not None else datetime.now().replace(microsecond=0)
    log.configure(verbose=bool(os.environ.get("HENGFA_DEBUG")), log_file=workspace.logs / "hengfa.log")
    with (
        progress.shown(),
        hold_warehouse(workspace, purpose="hengfa load"),
        open_for_writing(workspace) as connection,
    ):
        report = load_paths(
            connection,
            [_as_in(workspace.inbox, path) for path in paths or []],
            contracts=load_contracts(),
            loaded_at=moment,
            mapping=mapping,
            quarantine=workspace.quarantine,
            landing=workspace.landing,
            inbox=workspace.inbox,
            settle_seconds=SETTLE_SECONDS,
            in_memory=workspace.settings().whole_file_bytes,
            progress=lambda name, index, total: log.progress("load", index, total, name),
        )
        log.progress("load", len(report.files), len(report.files))
    _show(report, language, workspace.quarantine)
    if report.refused:
        raise typer.Exit(3)


def _as_in(inbox: Path, path: Path) -> Path:
    """A path in the workspace's inbox however it was written, so that its files are seen to be the inbox's."""
    resolved = path.resolve()
    return resolved if resolved == inbox or inbox in resolved.parents else path


def _moment(text: str) -> datetime:
    from zoneinfo import ZoneInfo

    from pipelines.errors import UsageError

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--loaded-at {text}: not a time. Write it as 2026-11-05T08:00:00.") from error
    # Every time of the warehouse is local time; one that names its zone is told in it.
    return moment.astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None) if moment.tzinfo is not None else moment


def _show(report: "LoadReport", language: "Language", quarantine: Path) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=180)
    chinese = language == "zh"
    titles = (
        ("文件", "数据表", "结果", "读取", "入库", "隔离", "过滤", "编码")
        if chinese
        else ("file", "entity", "outcome", "read", "loaded", "quarantined", "filtered", "encoding")
    )
    table = Table(show_edge=False, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if 2 < at < 7 else "left", overflow="fold", no_wrap=at > 0)
    for file in report.files:
        counts = (file.rows_read, file.rows_loaded, file.rows_quarantined, file.rows_filtered)
        shown = [f"{count:,}" for count in counts] if file.status == "loaded" else [""] * len(counts)
        # A question mark says that the encoding is not certain; below the table stands what to do.
        encoding = (file.encoding or "") + ("" if file.encoding_is_certain else " ?")
        outcome = _STATUS[file.status][0 if chinese else 1]
        table.add_row(escape(file.name), file.entity or "—", outcome, *shown, encoding)
    totals = (report.rows_read, report.rows_loaded, report.rows_quarantined, report.rows_filtered)
    table.add_section()
    table.add_row("合计" if chinese else "total", "", "", *(f"{count:,}" for count in totals), "")
    console.print(table)
    for file in report.files:
        name = escape(file.name)
        if file.reason is not None:
            console.print(escape(file.reason.text(language)), style="red", soft_wrap=True)
        if not file.encoding_is_certain:
            line = (
                f"{name}：编码按 {file.encoding} 读取，但不能确定。请抽查汉字；必要时另存为 UTF-8，"
                "或在映射中写明 encoding。"
                if chinese
                else f"{name}: read as {file.encoding}, which is not certain. Look at some of its texts; "
                "save it as UTF-8, or give `encoding` in a mapping."
            )
            console.print(line, style="yellow", soft_wrap=True)
        if file.extra_columns:
            kept = escape("、".join(file.extra_columns) if chinese else ", ".join(file.extra_columns))
            line = f"{name}：未识别的列已另存：{kept}" if chinese else f"{name}: extra columns kept aside: {kept}"
            console.print(line, soft_wrap=True)
        if file.unread_sheets:
            sheets = escape("、".join(file.unread_sheets) if chinese else ", ".join(file.unread_sheets))
            line = (
                f"{name}：这些工作表有内容而未读取：{sheets}。有数据的，请更正表头，或在映射的 read: sheet 中写明。"
                if chinese
                else f"{name}: sheets that hold something and were not read: {sheets}. If one holds records, correct "
                "its headers, or name it in `read: sheet` of a mapping."
            )
            console.print(line, style="yellow", soft_wrap=True)
        for reason, count in file.filtered.items():
            told = escape(reason)
            line = f"{name}：过滤 {count:,} 行：{told}" if chinese else f"{name}: {count:,} rows filtered: {told}"
            console.print(line, soft_wrap=True)
        if file.quarantine_file is not None:
            where = escape(str(quarantine / file.quarantine_file))
            line = f"{name}：待修正的行见 {where}" if chinese else f"{name}: rows to mend are in {where}"
            console.print(line, soft_wrap=True)
