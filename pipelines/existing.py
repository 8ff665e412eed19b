"""What must be there before a command reads it, and what must not be overwritten by one that writes it.

A file that is there already may have been filled in, so no command overwrites one unasked.
"""

from collections.abc import Iterable
from pathlib import Path

from pipelines.errors import UsageError


def refuse_existing(paths: Iterable[Path], *, force: bool) -> None:
    """Raise UsageError naming the first of `paths` that exists and how many do, unless `force`; call before writing."""
    if force:
        return
    there = [path for path in paths if path.exists()]
    if there:
        others = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise UsageError(
            f"{there[0]}{others}: 文件已存在，未覆盖；请另给名称或目录，或加 --force 覆盖。"
            "The file exists and was not overwritten. Give another name or folder, or overwrite it with --force."
        )


def require_existing(path: Path) -> None:
    """Raise UsageError if there is nothing at `path`."""
    if not path.exists():
        raise UsageError(f"{path}: 没有这个文件，请检查路径。There is no such file. Check the path.")
