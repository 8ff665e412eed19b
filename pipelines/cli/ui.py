"""`hengfa ui`: the Dagster UI over this workspace."""

import os
import sys
from typing import Annotated

import typer


def ui(
    host: Annotated[str, typer.Option(help="监听地址 Address.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="端口，0 为任一空闲端口 Port; 0 is any that is free.")
    ] = 3000,
) -> None:
    """打开 Dagster 界面（含定时与收件监视）。Open the Dagster UI, with its schedule and sensor."""
    from pipelines.run import prepare_dagster
    from pipelines.settings import Workspace

    workspace = Workspace.at().prepare()
    prepare_dagster(workspace)
    arguments = ["dagster", "dev", "-m", "pipelines.definitions", "-h", host, "-p", str(port)]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", *arguments])
