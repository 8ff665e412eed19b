"""Whether an edition is what its manifest says, file by file."""

import hashlib
from pathlib import Path

from pipelines.editions.catalogue import MANIFEST_NAME, Edition


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(directory: Path) -> dict[str, str]:
    """Relative path → sha256 of every file of an edition but the manifest, sorted."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != MANIFEST_NAME)
    return {path.relative_to(directory).as_posix(): sha256_of(path) for path in paths}


def differences(edition: Edition) -> list[tuple[str, str]]:
    """(file, what is wrong) for every file that was changed, added or removed since publication."""
    said: dict[str, str] = edition.manifest()["files"]
    is_now = files_of(edition.directory)
    found = []
    for name in sorted(said.keys() | is_now.keys()):
        if name not in is_now:
            found.append((name, "missing"))
        elif name not in said:
            found.append((name, "not in the manifest"))
        elif said[name] != is_now[name]:
            found.append((name, "changed"))
    return found
