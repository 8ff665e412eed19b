"""The inbox: which files have arrived whole and may be loaded.

A file that is still being copied changes between two looks. The caller decides how far apart it looks.
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.discover import walk


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
