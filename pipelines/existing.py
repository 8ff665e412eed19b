"""Files that are there already: somebody may have filled them in, so no command overwrites one unasked."""

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
