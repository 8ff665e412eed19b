"""The container of an .xls workbook ([MS-CFB]): one stream of it, and whether every chain in it can be followed.

The reader of sheets believes what the container says of itself: a sector of 4 GB, a chain that leads back into itself
or a table of more sectors than the file has make it take memory until the process ends. So it is looked at before.
"""

import struct
from collections.abc import Iterator, Sequence

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Size of a sector, as a power of two, by the major version ([MS-CFB] 2.2).
_SECTOR_SHIFTS = {3: 9, 4: 12}
_SMALL_SHIFT, _SMALL_LIMIT = 6, 4096
#: Numbers from here on are no sectors: the end of a chain, or free.
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5


def stream_of(data: bytes, wanted: str) -> bytes | None:
    """The bytes of the stream `wanted`, None if the container has none.

    Raises ValueError, struct.error or IndexError for a container that contradicts itself or the size of the file.
    """
    version, _, sector_shift, small_shift = struct.unpack_from("<HHHH", data, 26)
    if _SECTOR_SHIFTS.get(version) != sector_shift or small_shift != _SMALL_SHIFT:
        raise ValueError("sectors of a size that the version does not have")
    size = 1 << sector_shift
    count = max(-(-len(data) // size) - 1, 0)
    directories, tables, directory, _, limit, small_table, small_tables, more, others = struct.unpack_from(
        "<IIIIIIIII", data, 40
    )
    if limit != _SMALL_LIMIT or max(directories, tables, small_tables, others) > count:
        raise ValueError("more sectors than the file holds")

    def sector(number: int) -> bytes:
        if number >= count:
            raise ValueError("a sector beyond the end of the file")
        return data[(number + 1) * size : (number + 2) * size].ljust(size, b"\xff")

    places = list(struct.unpack_from("<109I", data, 76))
    met: set[int] = set()
    while more < _LAST_SECTOR:
        if more in met:
            raise ValueError("the list of tables leads back into itself")
        met.add(more)
        *found, more = struct.unpack(f"<{size // 4}I", sector(more))
        places += found
    places = [at for at in places if at < _LAST_SECTOR]
    if len(set(places)) < len(places):
        raise ValueError("a table stands twice in the list of tables")
    table = [entry for at in places for entry in struct.unpack(f"<{size // 4}I", sector(at))]

    def joined(first: int) -> bytes:
        return b"".join(map(sector, _chain(first, table, met)))

    entries = joined(directory)
    links = joined(small_table)
    small = struct.unpack(f"<{len(links) // 4}I", links)
    small_met: set[int] = set()
    root, found_stream = b"", None
    for at in range(0, len(entries) - 127, 128):
        length, kind = struct.unpack_from("<HB", entries, at + 64)
        start, held = struct.unpack_from("<II", entries, at + 116)
        if kind == _ROOT and at == 0:
            root = joined(start)
        if kind != _STREAM or not held:
            continue
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", errors="replace")
        if held >= _SMALL_LIMIT:
            content = joined(start)
        else:
            # A short stream lies in small sectors inside the stream of the root entry.
            pieces = (root[one << _SMALL_SHIFT : (one + 1) << _SMALL_SHIFT] for one in _chain(start, small, small_met))
            content = b"".join(pieces)
        if name == wanted and found_stream is None:
            found_stream = content[:held]
    return found_stream


def _chain(first: int, links: Sequence[int], met: set[int]) -> Iterator[int]:
    """The sectors from `first` on; no sector is part of two chains, or twice of one."""
    while first < _LAST_SECTOR:
        if first in met or first >= len(links):
            raise ValueError("a chain of sectors leads nowhere, or into another")
        met.add(first)
        yield first
        first = links[first]
