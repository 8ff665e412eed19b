"""`hengfa scheme check`: whether a scheme can be used, and what it weighs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

scheme = typer.Typer(name="scheme", help="考核方案 The assessment scheme.", no_args_is_help=True)


@scheme.callback()
def options() -> None:
    """考核方案 The assessment scheme."""


@scheme.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="方案文件 The file; default the workspace's scheme.yml, else the default.")
    ] = None,
) -> None:
    """检查考核方案，不合规的注明条文。Check a scheme; exit code 3 names the key, the choices or the article."""
    from pipelines.cli.output import print_rows
    from pipelines.errors import UsageError
    from pipelines.scheme.read import DEFAULT_FILE, effective, read_schemes
    from pipelines.settings import Workspace
    from pipelines.warehouse.dbt_project import declarations

    own = Workspace.at().scheme_file
    path = file or (own if own.exists() else DEFAULT_FILE)
    if not path.exists():
        raise UsageError(f"there is no file {path}.")
    declared = declarations()
    schemes = read_schemes(path, declared)
    for one in schemes:
        used = effective(one, declared)
        left_out = sorted(
            {entry.indicator for pillar in one.pillars for entry in pillar.indicators}
            - {entry.indicator for pillar in used.pillars for entry in pillar.indicators}
        )
        rows = [
            (pillar.id, entry.indicator, entry.variant, entry.period, f"{pillar.weight * entry.weight:.4f}",
             " ".join(f"{edge}={value:g}" for edge, value in entry.band.model_dump(exclude_none=True).items()))
            for pillar in used.pillars
            for entry in pillar.indicators
        ]  # fmt: skip
        title = f"{one.id} · {one.name.zh} {one.name.en} · {one.valid_from} →"
        print_rows(("pillar", "indicator", "variant", "period", "weight", "band"), rows, "table", title)
        if left_out:
            sys.stdout.write(f"目录中没有，略去 not declared, left out: {', '.join(left_out)}\n")
    sys.stdout.write(f"{path}: {len(schemes)} 个方案可用 schemes, usable\n")
