"""The application: its verbs, the options of all of them, and what becomes of an error."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from pipelines import log
from pipelines.cli import (
    appeals,
    audit,
    demo,
    diff,
    doctor,
    explain,
    forms,
    load,
    quarantine,
    remedy,
    report,
    results,
    sample,
    scheme,
    ui,
    verify,
)
from pipelines.cli import (
    map as map_verbs,
)
from pipelines.cli import (
    run as run_verb,
)
from pipelines.errors import HengfaError

application = typer.Typer(
    name="hengfa",
    help="衡法：行政执法监督的数据仓库与月度考核。Hengfa: warehouse and monthly assessment of law enforcement.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@application.callback()
def options(
    home: Annotated[
        Path | None, typer.Option(help="工作区目录 The workspace; default HENGFA_HOME or ./workspace.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="出错时给出追溯 Show tracebacks and logs.")] = False,
) -> None:
    """Take the options that stand before the verb."""
    if home is not None:
        os.environ["HENGFA_HOME"] = str(home)
    if debug:
        os.environ["HENGFA_DEBUG"] = "1"
    log.configure(verbose=debug)


VERBS: tuple[Callable[..., None], ...] = (
    demo.demo,
    load.load,
    forms.forms,
    quarantine.quarantine,
    run_verb.run,
    audit.audit,
    remedy.remedy,
    sample.sample,
    report.report,
    results.results,
    explain.explain,
    diff.diff,
    verify.verify,
    ui.ui,
    doctor.doctor,
)
for verb in VERBS:
    application.command()(verb)
application.add_typer(map_verbs.mappings, name="map")
application.add_typer(scheme.scheme)
application.add_typer(appeals.appeals)


def _verbs_of(wrong: TyperException) -> list[str]:
    """The command that was called wrongly, such as `appeals import`; nothing where it is none of them."""
    verbs: list[str] = []
    context = getattr(wrong, "ctx", None)
    while context is not None and context.parent is not None:
        verbs.insert(0, str(context.info_name))
        context = context.parent
    return verbs


def run(arguments: Sequence[str]) -> int:
    """Execute one command line and give its exit code (design §5)."""
    try:
        code = application(args=list(arguments), standalone_mode=False)
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as wrong:
        usage = " ".join(["hengfa", *_verbs_of(wrong), "--help"])
        sys.stderr.write(f"错误 Error: {wrong.format_message()}\n用法见 Usage: {usage}\n")
        return 2
    except typer.Abort:
        sys.stderr.write("已中断 Interrupted.\n")
        return 1
    except HengfaError as error:
        if os.environ.get("HENGFA_DEBUG"):
            raise
        sys.stderr.write(f"错误 Error: {error}\n")
        return error.exit_code
    except Exception as error:
        if os.environ.get("HENGFA_DEBUG"):
            raise
        sys.stderr.write(
            f"错误 Error: {type(error).__name__}: {error}\n"
            "这是程序的缺陷，请加 --debug 重试并报告。This is a defect: run again with --debug and report it.\n"
        )
        return 1
    return code if isinstance(code, int) else 0
