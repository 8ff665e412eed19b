"""The encoding of a text file, decided on its bytes; never a guess that turns text into other text."""

import codecs
import re
import struct

import pyarrow as pa

from pipelines.ingest.reasons import refused

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: How many bytes decide the encoding of a file that is read in batches.
SAMPLE = 1 << 20
#: How much around an unreadable byte decides whether UTF-8 is damaged or the text is GB18030.
_WINDOW = 4 << 10
_PIECE = 4 << 20
#: One character of GB18030 that is not ASCII. The group holds the symbols and the 3,755 most common characters of
#: GB 2312; the others are its rarer characters, those of four bytes, and those that GBK added.
_CHARACTER = re.compile(
    rb"([\xa1-\xd7][\xa1-\xfe])|[\xd8-\xfe][\xa1-\xfe]|[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x81-\xfe][\x40-\x7e\x80-\xfe]"
)
#: How much of a text the common ones make.
_SHARE_OF_COMMON = 0.9
#: So many pieces of so many bytes tell whether a text has common characters.
_PIECES, _LOOK = 4, 16 << 10


def detect_encoding(data: bytes, name: str, *, whole: bool = True) -> str:
    """`utf-8`, `utf-8-sig`, `utf-16`, `utf-16-le`, `utf-16-be` or `gb18030`.

    Refuses binary data (NUL bytes outside UTF-16). A UTF-8 file with damaged bytes is refused too, although GB18030
    would read it: as other characters. `whole` is false when `data` is only the beginning of the file; of a whole file
    `as_utf8` refuses bytes that are none of them.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data:
        return _without_mark(data[:SAMPLE], name)
    if whole and _is_utf8(data):
        return "utf-8"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError as error:
        at = error.start
    else:
        return "utf-8"
    window = data[max(0, at - _WINDOW) : at + _WINDOW]
    characters = window.decode("utf-8", errors="replace")
    damaged = characters.count("\ufffd")
    sound = len(characters) - len(characters.encode("ascii", errors="ignore")) - damaged
    if sound > 20 * damaged:
        raise refused(
            name,
            zh=f"UTF-8 文件在第 {at + 1} 个字节处损坏。请重新导出。",
            en=f"the UTF-8 text is damaged at byte {at + 1}. Export the file again.",
        )
    if not whole:
        # The whole is decoded right after it was detected; of a beginning only this look tells that it is no text.
        try:
            codecs.getincrementaldecoder("gb18030")().decode(data[:SAMPLE], final=False)
        except UnicodeDecodeError as error:
            raise _unrecognised(name, "gb18030", error.start + 1) from error
    return "gb18030"


def is_certain(data: bytes, encoding: str) -> bool:
    """Whether `data` can hardly be text of another encoding than the one detected.

    UTF-8 and UTF-16 are certain. Almost any bytes can be read as GB18030, so its characters are looked at: at least
    nine of ten must be among the 3,755 common ones, or punctuation. Big5 read as GB18030 has about half of them.
    """
    if encoding != "gb18030":
        return True
    characters = [found for piece in _lines_of(data) for found in _CHARACTER.findall(piece)]
    return len(characters) - characters.count(b"") >= _SHARE_OF_COMMON * len(characters)


def _lines_of(data: bytes) -> list[bytes]:
    """Small data whole, of larger some pieces from all over it, each from the beginning of a line."""
    if len(data) <= _PIECES * _LOOK:
        return [data]
    # A line feed is never part of a character in GB18030.
    starts = (data.find(b"\n", at) + 1 for at in range(0, len(data), len(data) // _PIECES))
    return [data[start : start + _LOOK] for start in starts]


def _is_utf8(data: bytes) -> bool:
    """Validate without decoding: Arrow reads some gigabytes a second."""
    offsets = pa.py_buffer(struct.pack("=qq", 0, len(data)))
    array = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        array.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _without_mark(sample: bytes, name: str) -> str:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for encoding, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here > 0 and there == 0 and _is_text(sample, encoding):
            return encoding
    raise refused(
        name,
        zh="内容不是文本（含空字节）。请确认导出的格式与扩展名一致。",
        en="the content is not text (it holds NUL bytes). Check that the format matches the file's extension.",
    )


def _is_text(sample: bytes, encoding: str) -> bool:
    try:
        text = sample[: len(sample) // 2 * 2].decode(encoding)
    except UnicodeDecodeError as error:
        # The sample may end within a character of two units.
        if error.start < len(sample) - 4:
            return False
        text = sample[: error.start].decode(encoding)
    return bool(text) and all(character >= " " or character in "\t\r\n" for character in text)


def as_utf8(data: bytes, encoding: str, name: str) -> bytes:
    """The same text in UTF-8 without a byte-order mark; refuses bytes that `encoding` does not have."""
    if encoding == "utf-8":
        return data
    if encoding == "utf-8-sig":
        # The mark itself is valid, so the rest was not checked yet.
        return as_utf8(data[3:], detect_encoding(data[3:], name), name)
    decoder = codecs.getincrementaldecoder(encoding)()
    pieces: list[bytes] = []
    at = 0
    try:
        # In pieces, so that the text is never held as a whole in a third form.
        for at in range(0, len(data), _PIECE):
            piece = decoder.decode(data[at : at + _PIECE], final=at + _PIECE >= len(data))
            pieces.append(piece.encode("utf-8"))
    except UnicodeError as error:
        where = at + (error.start if isinstance(error, UnicodeDecodeError) else 0) + 1
        raise _unrecognised(name, encoding, where) from error
    return b"".join(pieces)


def _unrecognised(name: str, encoding: str, where: int) -> Exception:
    return refused(
        name,
        zh=f"按 {encoding} 解码在第 {where} 个字节附近失败，编码无法识别。请另存为 UTF-8 或 GB18030。",
        en=f"decoding as {encoding} fails near byte {where}: the encoding is not recognised. "
        "Save the file as UTF-8 or GB18030.",
    )
