"""`hengfa report`: what people read, made from an edition."""

from typing import Annotated

import typer

#: The formats this version makes.
FORMATS = ("html",)


def report(
    edition: Annotated[str | None, typer.Argument(help="考核版次 The edition; default the newest.")] = None,
    output_format: Annotated[
        str, typer.Option("--format", help="格式，逗号分隔 Formats, comma-separated: html.")
    ] = "html",
    lang: Annotated[str | None, typer.Option("--lang", help="语言 Language: zh or en; default both.")] = None,
) -> None:
    """从考核版次生成报告。Make the reports of an edition; nothing else is read."""
    import sys

    from pipelines import log
    from pipelines.cli.progress import shown
    from pipelines.editions.catalogue import find_edition
    from pipelines.errors import UsageError
    from pipelines.settings import Workspace
    from reports.i18n import LANGUAGES
    from reports.site import render_site

    wanted = [name.strip() for name in output_format.split(",")]
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown:
        raise UsageError(
            f"--format: `{', '.join(unknown)}` is not made by this version. It makes: {', '.join(FORMATS)}."
        )
    if lang is not None and lang not in LANGUAGES:
        raise UsageError(f"--lang: `{lang}` is not a language of reports. They are: {', '.join(LANGUAGES)}.")
    workspace = Workspace.at()
    found = find_edition(workspace.editions, edition)
    with shown():
        summary = render_site(
            found.directory,
            workspace.site,
            languages=LANGUAGES if lang is None else (lang,),
            progress=lambda name, done, total: log.progress("report", done, total, name),
        )
    for path in (summary.index, *summary.first_pages.values()):
        sys.stdout.write(f"{path}\n")
