"""RTF as Outlook packs it into messages ([MS-OXRTFCP])."""

import struct

_HEAD = struct.Struct("<II4sI")  # bytes from the second field on, bytes unpacked, kind, checksum
_PACKED, _PLAIN = b"LZFu", b"MELA"
_BEGUN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans Serif"
    b"SymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
"""What any RTF begins with, more or less: the window's first contents."""
_WINDOW = 4096


def unpacked(data: bytes) -> tuple[bytes, bool]:
    """The RTF, and whether it is whole; of what was cut the beginning. Raises: ValueError: it isn't packed so."""
    if len(data) < _HEAD.size:
        raise ValueError("packed RTF is too short")
    _, size, kind, _ = _HEAD.unpack_from(data)
    packed = data[_HEAD.size :]
    if kind == _PLAIN:
        return packed[:size], len(packed) >= size
    if kind != _PACKED:
        raise ValueError("RTF is packed in an unknown way")
    window = bytearray(_BEGUN.ljust(_WINDOW))
    found, at, place = bytearray(), len(_BEGUN), 0

    def put(byte: int) -> None:
        nonlocal at
        found.append(byte)
        window[at] = byte
        at = (at + 1) % _WINDOW

    while place < len(packed):
        control, place = packed[place], place + 1
        for bit in range(8):
            if not control >> bit & 1:
                if place >= len(packed):
                    break
                put(packed[place])
                place += 1
                continue
            if place + 2 > len(packed):
                place = len(packed)
                break
            told, place = int.from_bytes(packed[place : place + 2], "big"), place + 2
            start, length = told >> 4, (told & 15) + 2
            if start == at:  # its end
                return bytes(found), len(found) >= size
            for step in range(length):
                put(window[(start + step) % _WINDOW])
    return bytes(found), False
