"""`hengfa remedy`: per body a workbook of what it has to mend."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def remedy(
    edition: Annotated[str, typer.Argument(help="考核版次，或已审查的月份 An edition, or a month that was audited.")],
    out: Annotated[Path, typer.Argument(help="写到哪个目录 The folder to write to.")],
    subject: Annotated[str | None, typer.Option(help="只要一个主体 One body only.")] = None,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="语言 Language.")] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 Overwrite files that exist.")] = False,
) -> None:
    """整改：逐个主体生成待更正的表格，填好后用 load 载入。Per body, a workbook to mend its records in; load it back."""
    import polars as pl

    from pipelines.cli.output import print_rows
    from pipelines.contract.loader import load_contracts
    from pipelines.editions.catalogue import list_editions
    from pipelines.errors import UsageError
    from pipelines.settings import Workspace
    from reports.remedy import write_packs

    workspace = Workspace.at()
    language = lang or workspace.settings().language
    # The audit of a month is newer than its edition if `hengfa audit` was run since.
    audited = workspace.audit_of(edition)
    published = next((one.directory for one in list_editions(workspace.editions) if one.edition_id == edition), None)
    if published is not None:
        failures, quality = published / "failures.parquet", published / "quality.parquet"
    else:
        failures, quality = audited / "relations" / "failures.parquet", audited / "quality_landed.parquet"
    if not (failures.is_file() and quality.is_file()):
        known = ", ".join(one.edition_id for one in list_editions(workspace.editions)) or "none"
        raise UsageError(
            f"`{edition}` is no edition with an audit and no month that was audited. Editions: {known}. "
            f"Audit a month first: hengfa audit {edition}"
        )
    made = write_packs(
        pl.read_parquet(failures), pl.read_parquet(quality), load_contracts(), out,
        language=language, subject=subject, force=force,
    )  # fmt: skip
    headings = {"zh": ("主体", "待更正行数", "文件"), "en": ("body", "rows to mend", "file")}[language]
    print_rows(headings, [(name, rows, str(path)) for name, path, rows in made], "table")
