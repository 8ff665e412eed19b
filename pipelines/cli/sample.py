"""`hengfa sample`: are the records what the files say?"""

from pathlib import Path
from typing import Annotated, Literal

import typer


def sample(
    action: Annotated[
        Literal["draw", "read"], typer.Argument(help="draw 抽取案卷 draw files; read 读入结果 read results.")
    ],
    source: Annotated[str, typer.Argument(help="draw：考核版次 the edition; read：填好的表 the form filled in.")],
    out: Annotated[Path | None, typer.Argument(help="draw：写到哪个文件 The workbook to write.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 The seed; the same seed draws the same files.")] = 1,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="语言 Language.")] = None,
    output_format: Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="格式 Format.")] = "table",
    force: Annotated[bool, typer.Option("--force", help="draw：覆盖已有的文件 Overwrite files that exist.")] = False,
) -> None:
    """案卷抽样核对：抽取、读入一致率。Draw case files at random to hold records against; read how many match."""
    import sys

    import polars as pl

    from pipelines.cli.output import print_rows, rounded
    from pipelines.contract.loader import load_contracts
    from pipelines.editions.catalogue import find_edition
    from pipelines.errors import UsageError
    from pipelines.existing import refuse_existing
    from pipelines.settings import Workspace
    from pipelines.warehouse.dbt_project import variables
    from reports import sample as files

    workspace = Workspace.at()
    language = lang or workspace.settings().language
    quantile = float(variables()["normal_quantile"])
    chinese = language == "zh"
    if action == "draw":
        if out is None:
            raise UsageError("name the workbook to write: hengfa sample draw 2026-10 OUT.xlsx --seed 7")
        refuse_existing([out], force=force)
        edition = find_edition(workspace.editions, source)
        path = edition.directory / "records" / "cases.parquet"
        if not path.is_file():
            raise UsageError(f"edition {edition.edition_id} holds no case: there is no file to draw.")
        drawn = files.draw(pl.read_parquet(path), str(edition.month), seed=seed, quantile=quantile)
        names = {
            key: dict(pl.read_parquet(edition.directory / "dimensions" / name, columns=[key, "name"]).iter_rows())
            for key, name in (("subject_id", "subjects.parquet"), ("matter_id", "matters.parquet"))
        }
        files.write_form(
            drawn, out, load_contracts(), language=language, subjects=names["subject_id"], matters=names["matter_id"]
        )
        told = (
            f"{edition.edition_id}：决定 {drawn.population} 件，抽取 {drawn.cases.height} 件，种子 {seed}。"
            f"规则：95% 置信、±{files.MARGIN:.0%} 的样本量，小总体修正；"
            f"每个主体至少 {files.LEAST} 件或全部，其余按件数分配。{out}"
            if chinese
            else f"{edition.edition_id}: {drawn.population} cases decided, {drawn.cases.height} drawn, seed {seed}. "
            f"Rule: the size for ±{files.MARGIN:.0%} at 95 %, corrected for small populations; "
            f"at least {files.LEAST} files of every body or all it has, the rest by number. {out}"
        )
        sys.stdout.write(told + "\n")
        return
    contract = load_contracts().entities["cases"]
    lines = []
    for result in files.read_form(Path(source), quantile=quantile):
        name = (
            contract.field(result.field).label.text(language) if result.field else ("整卷" if chinese else "whole file")
        )
        numbers = (result.share, result.lower, result.upper)
        shown = tuple(rounded(n, unit="share") for n in numbers) if output_format == "table" else numbers
        lines.append((name, result.matching, result.judged, *shown))
    headings = (
        ("字段", "一致", "核对", "一致率", "下限", "上限")
        if chinese
        else ("field", "matching", "judged", "share", "lower", "upper")
    )
    print_rows(headings, lines, output_format)
