"""Whether an edition is what its manifest says, file by file, and whether the manifest is what was written."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pipelines.editions.catalogue import MANIFEST_NAME, Edition
from pipelines.editions.signing import SIGNATURE_NAME, SUMS_NAME, has_sm3, sm3_of, wrong_signature, wrong_sums

#: What speaks of the manifest and therefore does not stand in it.
OUTSIDE = (MANIFEST_NAME, SUMS_NAME, SIGNATURE_NAME)


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def paths_of(directory: Path) -> dict[str, Path]:
    """Relative path → path of every file that the manifest of an edition names, sorted."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    named = {path.relative_to(directory).as_posix(): path for path in paths}
    return {name: path for name, path in named.items() if name not in OUTSIDE}


def files_of(directory: Path) -> dict[str, str]:
    """Relative path → sha256 of every file that the manifest of an edition names, sorted."""
    return {name: sha256_of(path) for name, path in paths_of(directory).items()}


def differences(edition: Edition) -> list[tuple[str, str]]:
    """(file, what is wrong) for every file that was changed, added or removed since publication."""
    content = (edition.directory / MANIFEST_NAME).read_bytes()
    sums = edition.directory / SUMS_NAME
    blamed = wrong_sums(content, sums.read_bytes()) if sums.exists() else SUMS_NAME
    if blamed is not None and not sums.exists():
        return [(SUMS_NAME, "missing"), *_of_files(edition)]
    if blamed == MANIFEST_NAME:
        # What a changed manifest says of the other files is not to be believed.
        return [(MANIFEST_NAME, "changed")]
    found = [(SUMS_NAME, "changed")] if blamed else []
    manifest = json.loads(content)
    signature = edition.directory / SIGNATURE_NAME
    wrong = wrong_signature(manifest, content, signature.read_bytes() if signature.exists() else None)
    if wrong is not None:
        found.append((SIGNATURE_NAME, wrong))
    return [*found, *_of_files(edition)]


def _of_files(edition: Edition) -> list[tuple[str, str]]:
    manifest: dict[str, Any] = edition.manifest()
    said: dict[str, str] = manifest["files"]
    said_sm3: dict[str, str] = manifest.get("files_sm3") or {}
    paths = paths_of(edition.directory)
    found = []
    for name in sorted(said.keys() | paths.keys()):
        if name not in paths:
            found.append((name, "missing"))
        elif name not in said:
            found.append((name, "not in the manifest"))
        elif said[name] != sha256_of(paths[name]) or (
            has_sm3() and name in said_sm3 and said_sm3[name] != sm3_of(paths[name])
        ):
            found.append((name, "changed"))
    return found
