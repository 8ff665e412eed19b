"""`hengfa forms`: blank Excel forms of every entity, for bodies that keep their records by hand."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer


def forms(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="写到的目录 The folder to write them to.")],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="表头语言 Language of headings and notes.")] = "zh",
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 Overwrite files that exist.")] = False,
) -> None:
    """空白填报表：每个数据表一个 Excel 文件，填好即可收件。Blank entry forms, an Excel workbook per entity."""
    from pipelines.contract.forms import write_forms
    from pipelines.contract.loader import load_contracts
    from pipelines.errors import UsageError

    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: it is a file. Give a folder.")
    for path in write_forms(out, load_contracts(), language=lang, force=force):
        sys.stdout.write(f"{path}\n")
