"""`hengfa quarantine`: the rows that were refused, a workbook per body, to be corrected and loaded again."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer


def quarantine(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="写到的目录 The folder to write them to.")],
    subject: Annotated[str | None, typer.Option(metavar="S", help="只要这个主体 Only this body.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 Language.")] = "zh",
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 Overwrite files that exist.")] = False,
) -> None:
    """隔离区：按主体导出待修正的行，改好后可再次收件。Quarantined rows by body, to be corrected and loaded again."""
    from pipelines.contract.loader import load_contracts
    from pipelines.errors import UsageError
    from pipelines.ingest.worklists import export_worklists
    from pipelines.settings import Workspace
    from pipelines.warehouse.connection import open_for_reading

    workspace = Workspace.at()
    if not workspace.warehouse.exists():
        raise UsageError(f"{workspace.home}: there is no warehouse yet. Load something first.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: it is a file. Give a folder.")
    with open_for_reading(workspace) as connection:
        written = export_worklists(
            connection, workspace.quarantine, out, load_contracts(), language=lang, subject=subject, force=force
        )
    if not written:
        sys.stdout.write("没有待修正的行。There is nothing to mend.\n")
    for worklist in written:
        sys.stdout.write(f"{worklist.path}  {sum(worklist.rows.values()):,}\n")
