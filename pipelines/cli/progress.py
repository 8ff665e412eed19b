"""Shows the progress events of a run as one moving line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines import log

STEPS = {
    "start": "启动 Starting",
    "load": "收件 Loading",
    "build": "建库 Building",
    "audit": "审计 Auditing",
    "preview": "预览 Previewing",
    "report": "报告 Reporting",
    "packs": "佐证包 Packs",
}


@contextmanager
def shown() -> Iterator[None]:
    """While the block runs, draw `pipelines.log.progress` events as bars on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bars = Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[detail]}"), console=Console(stderr=True), transient=False,
    )  # fmt: skip
    tasks = {}

    class Show(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told = getattr(record, log.PROGRESS_FIELD, None)
            if told is None:
                return
            step, done, total, detail = told
            if step not in tasks:
                tasks[step] = bars.add_task(STEPS.get(step, step), total=total, detail="")
            bars.update(tasks[step], completed=done, total=total, detail="" if done >= total else detail[:60])

    handler = Show(level=logging.DEBUG)
    log.logger.addHandler(handler)
    try:
        with bars:
            yield
    finally:
        log.logger.removeHandler(handler)
