"""`hengfa map new` and `hengfa map check`: a mapping drafted from a file, and what a mapping makes of a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from pipelines.contract.model import Language
    from pipelines.ingest.preview import SourcePreview

mappings = typer.Typer(
    help="映射：为不符合规范的文件起草、预览映射。Mappings: draft one from a file, look at what it does.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@mappings.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="导出文件 An export to draft the mapping from.")],
    entity: Annotated[str | None, typer.Option(help="数据表 The entity; default: the one that fits best.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="写到文件 Write it there; default: standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 Overwrite files that exist.")] = False,
) -> None:
    """起草映射。Draft a mapping by the similarity of headers and values, to be completed by hand."""
    from pipelines.contract.loader import load_contracts
    from pipelines.existing import refuse_existing
    from pipelines.ingest.drafting import draft_mapping
    from pipelines.ingest.samples import read_samples

    contracts = load_contracts()
    draft = draft_mapping(read_samples(file, contracts), contracts, entity=entity)
    if out is None:
        sys.stdout.write(draft.text)
        return
    refuse_existing([out], force=force)
    out.write_text(draft.text, encoding="utf-8")
    label = contracts.entities[draft.entity].label
    missing = ", ".join(draft.missing) or "—"
    sys.stdout.write(
        f"{out}\n{label.zh} {draft.entity}：对应 {len(draft.guesses)} 个字段，必填而未对应：{missing}\n"
        f"{len(draft.guesses)} fields of {draft.entity} mapped; required and not mapped: {missing}\n"
    )


@mappings.command()
def check(
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help="映射文件 The mapping.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="导出文件或目录 An export, or a folder of them; none for databases alone."
        ),
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 Language.")] = "zh",
) -> None:
    """预览映射：前几行映射前后、未列出的取值及次数。First rows before and after, unmapped values with counts."""
    from pipelines import log
    from pipelines.cli.progress import shown
    from pipelines.contract.loader import load_contracts
    from pipelines.existing import require_existing
    from pipelines.ingest.mapping_file import read_mapping
    from pipelines.ingest.preview import preview_mapping

    require_existing(mapping)
    contracts = load_contracts()
    with shown():
        previews = preview_mapping(
            file,
            read_mapping(mapping, contracts),
            contracts,
            progress=lambda name, index, total: log.progress("preview", index, total, name),
        )
        log.progress("preview", len(previews), len(previews))
    for preview in previews:
        _show(preview, lang)
    if any(preview.refusal or preview.unmapped or preview.rows_quarantined for preview in previews):
        raise typer.Exit(3)


def _show(preview: "SourcePreview", language: "Language") -> None:
    from pipelines.cli.output import print_rows

    chinese = language == "zh"
    if preview.refusal is not None:
        sys.stderr.write(f"{'拒收' if chinese else 'refused'} {preview.refusal.text(language)}\n")
        return
    counts = (
        ("读取", "可入库", "隔离", "过滤") if chinese else ("read", "would load", "quarantined", "filtered"),
        (preview.rows_read, preview.rows_accepted, preview.rows_quarantined, sum(preview.filtered.values())),
    )
    print_rows(counts[0], [counts[1]], "table", f"{preview.name} → {preview.entity}")
    if preview.is_beginning:
        line = "只预览了数据库的前几行。" if chinese else "Only the first rows of the database are shown and counted."
        sys.stdout.write(f"{line}\n")
    print_rows(preview.before[0], preview.before[1], "table", "映射前" if chinese else "before")
    print_rows(preview.after[0], preview.after[1], "table", "映射后" if chinese else "after")
    if preview.unmapped:
        headings = ("字段", "未列出的取值", "次数") if chinese else ("field", "unmapped value", "rows")
        rows = [(field, value, count) for (field, value), count in preview.unmapped.items()]
        print_rows(headings, rows, "table", "请补充到 values" if chinese else "to be added to `values`")
    if preview.faults:
        headings = ("字段", "原因", "行数") if chinese else ("field", "reason", "rows")
        rows = [(field, zh if chinese else en, count) for (field, zh, en), count in preview.faults.items()]
        print_rows(headings, rows, "table", "其他将被隔离的行" if chinese else "other rows for quarantine")
    if preview.unread_sheets:
        titles = ("有内容而未读取的工作表",) if chinese else ("sheets that hold something and are not read",)
        print_rows(titles, [(sheet,) for sheet in preview.unread_sheets], "table")
    if preview.filtered:
        print_rows(("过滤原因 reason filtered", "行数 rows"), list(preview.filtered.items()), "table")
