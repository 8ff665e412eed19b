"""Logs as `key=value` lines on standard error and in the workspace's `logs/`.

A line never holds the data of a record: counts, names of files, entities, models and fields only.
"""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger("hengfa")
#: The name of the event that tells how far a step has come, and the field of its record; the command line shows it as
#: a bar.
PROGRESS, PROGRESS_FIELD = "progress", "hengfa_progress"


def _value(value: object) -> str:
    text = str(value)
    needs_quotes = text == "" or any(c in text for c in ' "=\n\t')
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"' if needs_quotes else text


def event(name: str, /, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one line `event=name key=value …`; values with blanks are quoted."""
    logger.log(level, " ".join([f"event={_value(name)}", *(f"{k}={_value(v)}" for k, v in fields.items())]))


def configure(*, verbose: bool, log_file: Path | None = None) -> None:
    """Send lines to `log_file` if given, and to standard error when `verbose`.

    How far a step has come is for the screen: the file would hold a line for every page and every model.
    """
    logger.handlers.clear()
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    formatter = logging.Formatter("ts=%(asctime)s level=%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    if verbose:
        on_screen = logging.StreamHandler(sys.stderr)
        on_screen.setFormatter(formatter)
        logger.addHandler(on_screen)
    if log_file is not None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        in_file = logging.FileHandler(log_file, encoding="utf-8")
        in_file.setFormatter(formatter)
        in_file.addFilter(lambda record: not hasattr(record, PROGRESS_FIELD))
        logger.addHandler(in_file)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def progress(step: str, done: int, total: int, detail: str = "") -> None:
    """Tell how far `step` has come; `detail` is the name of a file, model or page, never data."""
    logger.log(
        logging.DEBUG,
        f"event={PROGRESS} step={_value(step)} done={done} total={total} detail={_value(detail)}",
        extra={PROGRESS_FIELD: (step, done, total, detail)},
    )


@contextmanager
def step(name: str) -> Iterator[None]:
    """Write `event=step_done` with the seconds the block took, when it ends without an error."""
    started = time.perf_counter()
    yield
    event("step_done", step=name, seconds=f"{time.perf_counter() - started:.2f}")
