"""IWA files → their bytes: blocks of Snappy, each behind a head of four bytes.

Of Snappy's framing only lengths are left: no name of the stream, no checksums. Blocks are as in Google's format_description.txt.
"""

from kbray.errors import CorruptDocument, DocumentTooLarge

_HEAD = 4  # bytes: a zero, and the length of the block in three, little-endian
_DAMAGED = "its Snappy blocks are damaged"
_MOST_GAIN = 64  # times: a copy of that many bytes takes two or three


def unpacked(data: bytes, most: int) -> bytes:
    """The bytes of an IWA file, no more than `most`.

    Raises: CorruptDocument: it is damaged, or packed in another way. DocumentTooLarge: it unpacks to more.
    """
    found = bytearray()
    at = 0
    while at < len(data):
        head = data[at : at + _HEAD]
        end = at + _HEAD + int.from_bytes(head[1:], "little")
        if len(head) < _HEAD or head[0] != 0 or end > len(data):
            raise CorruptDocument(_DAMAGED)
        found += _block(data, at + _HEAD, end, most - len(found))
        at = end
    return bytes(found)


def _block(data: bytes, at: int, end: int, most: int) -> bytearray:
    size, at = varint(data, at, end)
    if size > most:
        raise DocumentTooLarge("The parts of the document unpack to more than can be read.")
    if size > _MOST_GAIN * (end - at):
        raise CorruptDocument(_DAMAGED)
    found = bytearray()
    while at < end and len(found) <= size:
        at = _as_it_is(data, at, end, found) if data[at] & 3 == 0 else _copied(data, at, end, found)
    if len(found) != size:
        raise CorruptDocument(_DAMAGED)
    return found


def _as_it_is(data: bytes, at: int, end: int, found: bytearray) -> int:
    """Bytes that stand there themselves. Returns where what follows begins."""
    length = (data[at] >> 2) + 1
    at += 1
    if length > 60:
        wide = length - 60
        length = int.from_bytes(data[at : at + wide], "little") + 1
        at += wide
    if length > end - at:
        raise CorruptDocument(_DAMAGED)
    found += data[at : at + length]
    return at + length


def _copied(data: bytes, at: int, end: int, found: bytearray) -> int:
    """A copy of what came before, which may go on into itself. Returns where what follows begins."""
    tag = data[at]
    wide = (1, 2, 4)[(tag & 3) - 1]
    offset = int.from_bytes(data[at + 1 : at + 1 + wide], "little")
    length = (tag >> 2) + 1
    if wide == 1:
        length, offset = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | offset
    if not 0 < offset <= len(found) or at + 1 + wide > end:
        raise CorruptDocument(_DAMAGED)
    start = len(found) - offset
    found += found[start : start + length] if offset >= length else (found[start:] * (length // offset + 1))[:length]
    return at + 1 + wide


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where what follows it begins.

    Raises: CorruptDocument: it has no end, or more than 64 bits.
    """
    value = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise CorruptDocument("a number in it is damaged")
