"""The inbox: which files have arrived whole, and what becomes of them after a load.

A file that is still being copied changes between two looks: it is left for the next load. A loaded file leaves the
inbox (its copy is in `landing`); a refused one stays, with its reasons in both languages in `<name>.why.txt`.
"""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.discover import walk
from pipelines.ingest.reports import FileReport

WHY = ".why.txt"
#: Where a file goes whose content was loaded from another file before.
AGAIN = "again"
#: How far apart two looks are that tell a whole file from one that is being copied.
SETTLE_SECONDS = 0.5


@dataclass(frozen=True)
class Glance:
    """Size and time of change (nanoseconds) of every file below an inbox, at one look."""

    files: dict[Path, tuple[int, int]]


def look_at(inbox: Path) -> Glance:
    """One look at `inbox`; an inbox that does not exist is empty."""
    seen: dict[Path, tuple[int, int]] = {}
    for path, _ in walk(inbox):
        try:
            state = path.lstat()
        except FileNotFoundError:
            # Taken away between listing and looking: not there at this look.
            continue
        seen[path] = (state.st_size, state.st_mtime_ns)
    return Glance(seen)


def take_inbox(inbox: Path, before: Glance) -> list[Path]:
    """The files below `inbox` that have not changed since the look `before`, sorted."""
    now = look_at(inbox)
    return sorted(path for path, state in now.files.items() if before.files.get(path) == state)


def settled(inbox: Path, seconds: float) -> dict[Path, tuple[int, int]]:
    """Size and time of the files below `inbox` that stood still for `seconds`."""
    before = look_at(inbox)
    if before.files and seconds > 0:
        time.sleep(seconds)
    return {path: before.files[path] for path in take_inbox(inbox, before)}


def is_unchanged(path: Path, state: tuple[int, int]) -> bool:
    """Whether the file still has the size and time of `state`."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return False
    return (now.st_size, now.st_mtime_ns) == state


def why_beside(path: Path) -> Path:
    """Where the reasons of a refusal stand."""
    return path.with_name(path.name + WHY)


def clear_away(path: Path, name: str, reports: Sequence[FileReport], landing: Path, state: tuple[int, int]) -> bool:
    """What becomes of one file of the inbox, given all that was read from it when it had the size and time `state`.

    Refused in any part: it stays, with its reasons beside it. Else it leaves: its copy is in `landing`, or it is moved
    there if its content had been loaded from another file. False if it would leave but is another file by now: what
    stands there was not read, and stays for the next load.
    """
    why = why_beside(path)
    reasons = [report.reason for report in reports if report.status == "refused" and report.reason is not None]
    if reasons:
        text = "\n".join([*(reason.zh for reason in reasons), "", *(reason.en for reason in reasons), ""])
        if not (why.is_file() and not why.is_symlink() and why.read_text(encoding="utf-8") == text):
            # Somebody may have put a link there: it is replaced, not followed.
            why.unlink(missing_ok=True)
            with why.open("x", encoding="utf-8") as file:
                file.write(text)
        # Newer than the file it answers, also where the answer is the old one.
        os.utime(why)
        return True
    if not all(report.status in ("loaded", "already_loaded") for report in reports):
        return True
    why.unlink(missing_ok=True)
    if not is_unchanged(path, state):
        return False
    if any(report.status == "loaded" for report in reports):
        path.unlink()
        return True
    target = landing / AGAIN / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
    return True
