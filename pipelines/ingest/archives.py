"""Zip archives of exports: every member becomes a file to load, and an archive that could do harm is refused whole.

Nothing is written to disk: a member is read where it stands, so no path in an archive leads anywhere.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from pipelines.errors import FileRefusedError
from pipelines.ingest.reasons import refused

#: No district sends more files than this in one archive.
MOST_MEMBERS = 10_000
#: An archive unzips to no more than this, nor (beyond the first 64 MB) to more than 200 times its size.
LARGEST_UNZIPPED = 16 << 30
_UNCHECKED_RATIO = 64 << 20
_LARGEST_RATIO = 200
_NOT_EXPORTS = ("__MACOSX/",)

#: What a damaged, encrypted or unsupported archive raises.
ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError)


@contextmanager
def opened(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """The archive at `path`; refuses one that is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileRefusedError:
        raise
    except ARCHIVE_ERRORS as error:
        raise refused(
            name,
            zh="压缩包损坏、加密或不受支持。请重新压缩（不加密）。",
            en="the zip archive is damaged, encrypted or not supported. Zip the files again, without a password.",
        ) from error


def members_of(path: Path, name: str) -> list[tuple[str, str]]:
    """The archive's files as (name as people read it, name in the archive), in sorted order.

    Refuses an archive with too many members, one that unzips to far more than exports hold, encrypted members, links,
    archives within, names that are absolute or lead out with `..`, and two members of one name.
    """
    with opened(path, name) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MOST_MEMBERS:
            raise refused(
                name,
                zh=f"压缩包内超过 {MOST_MEMBERS:,} 个文件。请分开压缩。",
                en=f"the archive holds more than {MOST_MEMBERS:,} files. Zip them in parts.",
            )
        total = sum(entry.file_size for entry in entries)
        packed = max(sum(entry.compress_size for entry in entries), 1)
        if total > LARGEST_UNZIPPED or (total > _UNCHECKED_RATIO and total > _LARGEST_RATIO * packed):
            raise refused(
                name,
                zh="解压后过大，疑为压缩炸弹。请分批导出。",
                en="it unzips to far more than an export holds. Export it in parts.",
            )
        found: dict[str, str] = {}
        for entry in entries:
            shown = _readable(entry)
            if shown.startswith(_NOT_EXPORTS):
                continue
            _check(entry, shown, name)
            if shown in found:
                raise refused(
                    name,
                    zh=f"压缩包内有两个“{shown}”。请只保留一个。",
                    en=f"the archive holds `{shown}` twice. Keep one of them.",
                )
            found[shown] = entry.filename
    return sorted(found.items())


def _readable(entry: zipfile.ZipInfo) -> str:
    """The member's name: archives made by Chinese Windows hold GBK names without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _check(entry: zipfile.ZipInfo, shown: str, name: str) -> None:
    # The name as it stands in the archive: the library cuts it at a NUL and turns separators around.
    parts = PurePosixPath(shown.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] or "\0" in entry.orig_filename:
        raise refused(
            name,
            zh=f"压缩包内的路径“{shown}”指向压缩包之外。请重新压缩。",
            en=f"the path `{shown}` in the archive leads out of it. Zip the files again.",
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise refused(
            name,
            zh=f"压缩包内的“{shown}”是链接。请放入文件本身。",
            en=f"`{shown}` in the archive is a link. Put the file itself there.",
        )
    if entry.flag_bits & 0x1:
        raise refused(
            name,
            zh=f"压缩包内的“{shown}”已加密。请去掉密码后重新压缩。",
            en=f"`{shown}` in the archive is encrypted. Zip it again without a password.",
        )
    if shown.lower().endswith((".zip", ".rar", ".7z", ".tar", ".tgz", ".tar.gz")):
        raise refused(
            name,
            zh=f"压缩包内还有压缩包“{shown}”。请只压缩一层。",
            en=f"the archive holds another one, `{shown}`. Zip the files once.",
        )
