"""`hengfa appeals export|import`: the pack each body gets, and the decisions on its objections."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

appeals = typer.Typer(name="appeals", help="异议与申诉 Objections of assessed bodies.", no_args_is_help=True)


@appeals.command("export")
def export_packs(
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="考核版次 The edition.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="目录 Folder to write into.")],
    entity: Annotated[str | None, typer.Option(help="主体编码 One body only.")] = None,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option(help="语言 Language.")] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 Overwrite files that exist.")] = False,
) -> None:
    """导出各主体的佐证包（Excel）。Write each body the records behind its numbers, with room for objections."""
    from pipelines import log
    from pipelines.appeals.pack import write_packs
    from pipelines.cli import progress
    from pipelines.editions.catalogue import find_edition
    from pipelines.settings import Workspace

    workspace = Workspace.at()
    found = find_edition(workspace.editions, edition)
    with progress.shown():
        made = write_packs(
            found, out, language=lang or workspace.settings().language, entity=entity, force=force,
            progress=lambda name, done, total: log.progress("packs", done, total, name),
        )  # fmt: skip
    sys.stdout.write(f"{found.edition_id}: {len(made)} 份佐证包 packs → {out}\n")


@appeals.command("import")
def import_pack(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="填写后的佐证包 Packs that were filled in.")],
    loaded_at: Annotated[str | None, typer.Option(help="收件时间 Time of the load; default now.")] = None,
) -> None:
    """导入决定：采纳的成为更正，在下一修订版生效。Read decisions; accepted ones take effect with the next revision."""
    from pipelines import log
    from pipelines.appeals.decide import import_decisions
    from pipelines.contract.loader import load_contracts
    from pipelines.existing import require_existing
    from pipelines.settings import Workspace
    from pipelines.warehouse.connection import hold_warehouse, open_for_writing
    from pipelines.warehouse.months import parse_as_of

    for path in files:
        require_existing(path)
    workspace = Workspace.at().prepare()
    # The clock is read here and nowhere deeper: everything below takes time as an argument.
    moment = parse_as_of(loaded_at) if loaded_at else datetime.now().replace(microsecond=0)
    log.configure(verbose=bool(os.environ.get("HENGFA_DEBUG")), log_file=workspace.logs / "hengfa.log")
    with hold_warehouse(workspace, purpose="hengfa appeals import"), open_for_writing(workspace) as connection:
        for path in files:
            done = import_decisions(connection, workspace, load_contracts(), path, loaded_at=moment)
            told = (
                f"采纳 accepted {done.accepted} · 不采纳 refused {done.refused} · 待决 pending {done.pending} · "
                f"已有 known {done.known} · 更正 corrections {done.corrections} · "
                f"随同撤回 withdrawn with them {done.withdrawn_with} · 解除关联 cut loose {done.cut_loose}"
            )
            sys.stdout.write(f"{path.name}: {done.subject_id} · {done.edition_id} · {told}\n")
