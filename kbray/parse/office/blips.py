"""Pictures as the binary office files keep them, records in a store ([MS-ODRAW] 2.2.23)."""

import struct

ENTRY = 0xF007
"""The record of a store that tells where a picture is, or holds it."""
_BITMAPS = frozenset((0xF01D, 0xF01E, 0xF01F, 0xF029, 0xF02A))  # JPEG, PNG, DIB, TIFF, JPEG in CMYK; others are metafiles
_IDENTIFIER = 16  # bytes
_HEAD = 8  # bytes of a record
_PLACE = 28  # in an entry: where in the stream of pictures its own is
_NAMED, _BEHIND = 33, 36  # in an entry: the length of its name, which comes where its head ends


def bitmap(data: memoryview, at: int) -> memoryview:
    """The picture whose record begins there, as a file of its own kind; nothing where there is none, or a drawing."""
    if at < 0 or at + _HEAD > len(data):
        return data[:0]
    head, kind, length = struct.unpack_from("<HHI", data, at)
    if kind not in _BITMAPS:
        return data[:0]
    identifiers = 2 if head >> 4 & 1 else 1
    return data[at + _HEAD + identifiers * _IDENTIFIER + 1 : at + _HEAD + length]


def place(entry: bytes) -> int:
    """Where in the stream of pictures the one of this entry is; -1: the entry is cut short."""
    return struct.unpack_from("<I", entry, _PLACE)[0] if len(entry) >= _BEHIND else -1


def held(entry: memoryview) -> memoryview:
    """The picture that lies in its entry, as `bitmap`."""
    return bitmap(entry, _BEHIND + entry[_NAMED]) if len(entry) >= _BEHIND else entry[:0]
