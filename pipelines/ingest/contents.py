"""The bytes of a file: hashed as they are read, unzipped within limits."""

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import FileRefusedError
from pipelines.ingest.archives import opened
from pipelines.ingest.reasons import refused
from pipelines.ingest.workbook_parts import refuse_declarations, refuse_far_apart

#: Files up to this size are held in memory unless a load says otherwise; larger text files are read in batches.
IN_MEMORY = 200 * 10**6
#: No export unzips to more than this, nor (beyond the first 64 MB) to more than 200 times its size.
LARGEST_UNZIPPED = 16 << 30
_UNCHECKED_RATIO = 64 << 20
_LARGEST_RATIO = 200
_CHUNK = 4 << 20
#: Deflate packs at most about 1 : 1000, so an entry of this size cannot fill the memory.
_HARMLESS_ENTRY = 256 << 10


@dataclass(frozen=True)
class Content:
    """A file's hash and size, and its bytes if it is small enough to hold; `member` names it in the zip at `path`.

    `in_memory` is the size up to which it is held, packed or not.
    """

    path: Path
    sha256: str
    size_bytes: int
    data: bytes | None
    member: str | None = None
    in_memory: int = IN_MEMORY


def read_content(path: Path, name: str, member: str | None = None, *, in_memory: int = IN_MEMORY) -> Content:
    """Read and hash the file at `path`, or the member of the zip there; refuses one that cannot be opened."""
    if member is not None:
        return _read_member(path, name, member, in_memory)
    try:
        size = path.stat().st_size
        if size <= in_memory:
            data = path.read_bytes()
            return Content(path, hashlib.sha256(data).hexdigest(), len(data), data, None, in_memory)
        with path.open("rb") as file:
            return Content(path, hashlib.file_digest(file, "sha256").hexdigest(), size, None, None, in_memory)
    except OSError as error:
        raise refused(
            name,
            zh=f"文件无法打开（{error.strerror}）。请检查权限。",
            en=f"the file cannot be opened ({error.strerror}). Check its permissions.",
        ) from error


def _read_member(path: Path, name: str, member: str, in_memory: int) -> Content:
    with opened(path, name) as archive, archive.open(member) as stream:
        size = archive.getinfo(member).file_size
        if size <= in_memory:
            data = stream.read()
            return Content(path, hashlib.sha256(data).hexdigest(), len(data), data, member, in_memory)
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return Content(path, digest.hexdigest(), size, None, member, in_memory)


def _bomb(name: str) -> FileRefusedError:
    return refused(
        name,
        zh="解压后过大，疑为压缩炸弹。请分批导出。",
        en="it unzips to far more than an export holds. Export it in parts.",
    )


class _BoundedGzip(io.RawIOBase):
    """A gzip stream that refuses to give more than an export can hold."""

    def __init__(self, raw: BinaryIO, size: int, name: str) -> None:
        self._raw = raw
        self._unzipped = gzip.GzipFile(fileobj=raw, mode="rb")
        self._size = max(size, 1)
        self._name = name
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._unzipped.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise refused(
                self._name,
                zh="压缩文件损坏。请重新导出。",
                en="the gzip file is damaged. Export it again.",
            ) from error
        self._given += len(data)
        if self._given > LARGEST_UNZIPPED or (
            self._given > _UNCHECKED_RATIO and self._given > _LARGEST_RATIO * self._size
        ):
            raise _bomb(self._name)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


@contextmanager
def open_stream(content: Content, name: str, *, zipped: bool) -> Iterator[BinaryIO]:
    """The file's bytes as a stream, unzipped if `zipped`."""
    if content.data is None and content.member is not None:
        with opened(content.path, name) as archive, archive.open(content.member) as member:
            yield io.BufferedReader(_BoundedGzip(member, content.size_bytes, name), _CHUNK) if zipped else member  # type: ignore[arg-type,misc]
        return
    raw: BinaryIO = content.path.open("rb") if content.data is None else io.BytesIO(content.data)
    stream = io.BufferedReader(_BoundedGzip(raw, content.size_bytes, name), _CHUNK) if zipped else raw
    try:
        yield stream
    finally:
        stream.close()


def whole_text(content: Content, name: str, *, zipped: bool) -> bytes | None:
    """All bytes (unzipped), or None if they are more than memory should hold."""
    if not zipped:
        return content.data
    with open_stream(content, name, zipped=True) as stream:
        data = stream.read(content.in_memory + 1)
    return data if len(data) <= content.in_memory else None


def check_zip_container(data: bytes, name: str) -> None:
    """Refuse a workbook that is no zip, is damaged, declares XML entities, or unzips to far more than one holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            entries = container.infolist()
            total = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            if total > LARGEST_UNZIPPED or (total > _UNCHECKED_RATIO and total > _LARGEST_RATIO * max(packed, 1)):
                raise _bomb(name)
            refuse_declarations(container, name)
            refuse_far_apart(container, name)
            # A size that lies in the directory ends in a wrong checksum; small entries can do no harm.
            for entry in entries:
                if entry.compress_size > _HARMLESS_ENTRY:
                    with container.open(entry) as stream:
                        while stream.read(_CHUNK):
                            pass
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refused(
            name,
            zh="工作簿损坏，无法打开。请用表格软件另存一次。",
            en="the workbook is damaged and cannot be opened. Save it again from a spreadsheet program.",
        ) from error
