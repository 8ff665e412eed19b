"""Which files a load reads, as which entity, in which order."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from pipelines.contract.loader import ENTITY_ORDER, Contracts
from pipelines.errors import FileRefusedError, UsageError
from pipelines.ingest.archives import members_of
from pipelines.ingest.headers import folded_header
from pipelines.ingest.reasons import refused

_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xls",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".zip": "zip",
}
_ZIPPABLE = ("csv", "jsonl")
#: Files that stand beside exports and are not exports.
_BESIDE = re.compile(r"^(?:truth\.json|.*\.why\.txt|~\$.*|\..*)$", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A file that may be loaded.

    `name` is its path below the folder given, `entity` None if its name says none. `member` is its name in the zip
    archive at `path`, which is called `archive`; `refusal` is why an archive was refused whole.
    """

    path: Path
    name: str
    entity: str | None
    format: str | None
    zipped: bool
    is_regular: bool = True
    member: str | None = None
    archive: str = ""
    refusal: FileRefusedError | None = None

    @property
    def order(self) -> tuple[int, str]:
        """Entities in dependency order, then by name."""
        return (ENTITY_ORDER.index(self.entity) if self.entity in ENTITY_ORDER else len(ENTITY_ORDER), self.name)


def format_of(file_name: str) -> tuple[str, str | None, bool]:
    """Stem, format and whether it is gzipped: `Cases__a.csv.gz` → (`Cases__a`, `csv`, True)."""
    path = PurePath(file_name)
    zipped = path.suffix.lower() == ".gz"
    if zipped:
        path = path.with_suffix("")
    found = _FORMATS.get(path.suffix.lower())
    return path.stem, None if zipped and found not in _ZIPPABLE else found, zipped


def entity_of(text: str, contracts: Contracts) -> str | None:
    """The entity that a file or a sheet is named after, by its name or Chinese label; a suffix after `__` is free."""
    wanted = folded_header(re.split(r"__|＿＿", text, maxsplit=1)[0])
    for entity, contract in contracts.entities.items():
        if wanted in (entity, folded_header(contract.label.zh)):
            return entity
    return None


def _candidates(path: Path, name: str, contracts: Contracts, *, is_regular: bool) -> list[Candidate]:
    """The file at `path`, or the files in it if it is a zip archive."""
    stem, found, zipped = format_of(path.name)
    whole = Candidate(path, name, entity_of(stem, contracts), found, zipped, is_regular)
    if found != "zip" or not is_regular:
        return [whole]
    try:
        members = members_of(path, name)
    except FileRefusedError as error:
        return [replace(whole, refusal=error)]
    inside = []
    for shown, member in members:
        plain = shown.replace("\\", "/")
        if _BESIDE.match(PurePath(plain).name):
            continue
        stem, found, zipped = format_of(PurePath(plain).name)
        inside.append(
            Candidate(path, f"{name}/{plain}", entity_of(stem, contracts), found, zipped, member=member, archive=name)
        )
    return inside or [replace(whole, refusal=_empty_archive(name))]


def _empty_archive(name: str) -> FileRefusedError:
    return refused(name, zh="压缩包内没有文件。请重新压缩。", en="the archive holds no file. Zip the files again.")


def walk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Every file below `folder` that may be an export, in sorted order, and whether it is a plain file.

    A link or a pipe in a drop folder could point anywhere: it is named, and not read.
    """
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            if not _BESIDE.match(file):
                path = Path(here, file)
                yield path, stat.S_ISREG(path.lstat().st_mode)


def discover(paths: Sequence[Path], contracts: Contracts) -> list[Candidate]:
    """Every file below `paths`, ordered by entity and name, so that one content gives one load order.

    Folders are walked; hidden files, `truth.json` and `*.why.txt` are left out. UsageError if a path does not exist.
    """
    found: list[Candidate] = []
    for path in paths:
        if path.is_dir():
            for file, is_regular in walk(path):
                found += _candidates(file, file.relative_to(path).as_posix(), contracts, is_regular=is_regular)
        elif path.exists():
            found += _candidates(path, path.name, contracts, is_regular=path.is_file())
        else:
            raise UsageError(
                f"{path}: there is no such file or folder. Give the path of an export or of a folder of them."
            )
    return sorted(found, key=lambda candidate: candidate.order)
