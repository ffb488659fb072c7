"""ZIP archives with an entry in their directory for which zipfile refuses all others: it is changed, so that these can be had.

A name that is falsely told to be UTF-8 loses that mark, and is decoded as those of old programs are; a further field that doesn't
follow the format (APPNOTE.TXT, 4.5) is one of no kind.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import IO

_END, _END_BYTES, _MOST_COMMENT = b"PK\5\6", 22, 0xFFFF
_ENTRY = struct.Struct("<4s4xH10xIIHHH8xI")  # mark, flags, sizes packed and unpacked, of name, further fields, comment; place
_HEADER = struct.Struct("<4s2xH")  # of a member: mark, flags
_FLAGS_AT, _HEADER_FLAGS_AT = 8, 6
_UTF8 = 0x800
_LARGEST = 64 * 1024 * 1024  # bytes of a directory
_ZIP64, _NONE, _IN_ZIP64 = 0x0001, 0xFFFF, 0xFFFFFFFF


class Mended:
    """A file of which some bytes are others, as zipfile reads it. Args: instead: by their places."""

    def __init__(self, file: IO[bytes], instead: Mapping[int, int]) -> None:
        self._file, self._instead = file, instead
        self._places = sorted(instead)

    def read(self, size: int = -1, /) -> bytes:
        at = self._file.tell()
        data = bytearray(self._file.read(size))
        for place in self._places[bisect_left(self._places, at) : bisect_left(self._places, at + len(data))]:
            data[place - at] = self._instead[place]
        return bytes(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def mended(file: IO[bytes]) -> Mended | None:
    """The file with what of its directory is to be changed; None: nothing is, or there is none (or one of ZIP64)."""
    size = file.seek(0, 2)
    tail_at = file.seek(max(0, size - _END_BYTES - _MOST_COMMENT))
    tail = file.read()
    found = tail.rfind(_END)
    if found < 0 or len(tail) < found + _END_BYTES:
        return None
    length, told_at = struct.unpack_from("<II", tail, found + 12)
    at = tail_at + found - length
    if at < 0 or length > _LARGEST:
        return None
    file.seek(at)
    changes = {
        place: byte
        for where, value in _changes(file, file.read(length), at, at - told_at)
        for place, byte in enumerate(value, where)
    }
    return Mended(file, changes) if changes else None


def _changes(file: IO[bytes], directory: bytes, directory_at: int, before: int) -> Iterator[tuple[int, bytes]]:
    """Places in the file, and what should stand there. Args: before: bytes that were put before the archive."""
    at = 0
    while at + _ENTRY.size <= len(directory):
        mark, flags, packed, unpacked, name, more, comment, header_at = _ENTRY.unpack_from(directory, at)
        if mark != b"PK\1\2":
            break
        more_at = at + _ENTRY.size + name
        if flags & _UTF8 and not _is_utf8(directory[at + _ENTRY.size : more_at]):
            yield directory_at + at + _FLAGS_AT, struct.pack("<H", flags & ~_UTF8)
            file.seek(max(0, before + header_at))
            header = file.read(_HEADER.size)
            if header.startswith(b"PK\3\4") and len(header) == _HEADER.size:
                yield before + header_at + _HEADER_FLAGS_AT, struct.pack("<H", _HEADER.unpack(header)[1] & ~_UTF8)
        if more >= 4 and not _follows(directory[more_at : more_at + more], (packed, unpacked).count(_IN_ZIP64)):
            yield directory_at + more_at, struct.pack("<HH", _NONE, more - 4)
        at = more_at + more + comment


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _follows(extra: bytes, told_there: int) -> bool:
    """Whether fields end where they should, and that of ZIP64 has as many sizes as the entry leaves to it."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        at += 4 + size
        if at > len(extra) or (kind == _ZIP64 and size < 8 * told_there):
            return False
    return True
