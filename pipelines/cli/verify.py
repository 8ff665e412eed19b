"""`hengfa verify`: whether an edition is what its manifest says."""

import sys
from typing import Annotated

import typer


def verify(
    edition: Annotated[str | None, typer.Argument(help="考核版次 The edition; default the newest.")] = None,
) -> None:
    """核验版次：逐个文件核对清单中的哈希。Check every file of an edition against its manifest."""
    from pipelines.editions.catalogue import find_edition
    from pipelines.editions.verify import differences
    from pipelines.settings import Workspace

    found = find_edition(Workspace.at().editions, edition)
    wrong = differences(found)
    for name, what in wrong:
        sys.stdout.write(f"{name}: {what}\n")
    if wrong:
        sys.stdout.write(f"{found.edition_id}: {len(wrong)} 个文件与清单不符 files differ from the manifest\n")
        raise typer.Exit(1)
    files = len(found.manifest()["files"])
    sys.stdout.write(f"{found.edition_id}: {files} 个文件全部相符 files, all as published\n")
