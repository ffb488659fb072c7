"""BZZ, the general compression of DjVu: blocks of sorted text (Burrows-Wheeler), its bytes by how lately they were seen.

By the DjVu 3 specification, appendix 4.
"""

from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.parse.djvu.zp import Bits

_MOST = 16 << 20
"""Bytes that may come out: the text of a page has some thousands, an outline a hundred thousand."""
_BLOCK = 4 << 20  # no encoder makes larger blocks
_RATIO, _SPARE = 512, 4096  # of a byte so many come out, and so many more: text is packed to a fifth
_COUNTED = 4  # bytes seen last whose frequencies are known
_GROUPS = 7  # places from 2, from 4, from 8, … from 128
_MARK = 256


def unpacked(data: bytes) -> bytes:
    """Raises: CorruptDocument. DocumentTooLarge: more than 16 MiB come out."""
    if not data:
        return b""
    bits = Bits(data)
    states = [0] * 300
    found: list[bytes] = []
    total = 0
    while size := _raw(bits, 24):
        total += size - 1
        if size > _BLOCK or total > _RATIO * len(data) + _SPARE:
            raise CorruptDocument("Compressed data tell of more than they can hold.")
        if total > _MOST:
            raise DocumentTooLarge("Compressed data hold more than 16 MiB.")
        found.append(_block(bits, states, size))
    return b"".join(found)


def _raw(bits: Bits, length: int) -> int:
    number = 0
    for _ in range(length):
        number = number << 1 | bits.even()
    return number


def _block(bits: Bits, states: list[int], size: int) -> bytes:
    speed = bits.even() and 1 + bits.even()
    recent = list(range(256))
    counts = [0] * _COUNTED
    growth, place = 4, 3
    data = bytearray(size)
    mark = -1
    for index in range(size):
        place = _place(bits, states, min(2, place))
        if place == _MARK:
            if mark >= 0:
                raise CorruptDocument("A block of compressed data has two ends.")
            mark = index
            continue
        data[index] = byte = recent[place]
        growth += growth >> speed
        if growth > 0x10000000:
            growth >>= 24
            counts = [count >> 24 for count in counts]
        count = growth + (counts[place] if place < _COUNTED else 0)
        to = min(place, _COUNTED)
        while to > 0 and count >= counts[to - 1]:
            to -= 1
        del recent[place]
        recent.insert(to, byte)
        if to < _COUNTED:
            del counts[min(place, _COUNTED - 1)]
            counts.insert(to, count)
    if mark < 0:
        raise CorruptDocument("A block of compressed data has no end.")
    return _unsorted(data, mark)


def _place(bits: Bits, states: list[int], context: int) -> int:
    """How many other bytes were seen since; _MARK: the end of the text."""
    if bits.bit(states, context):
        return 0
    if bits.bit(states, 3 + context):
        return 1
    at = 6
    for length in range(1, _GROUPS + 1):
        if bits.bit(states, at):
            return (1 << length) + bits.number(states, at + 1, length)
        at += 1 << length
    return _MARK


def _unsorted(data: bytearray, mark: int) -> bytes:
    """The text of which these are the last columns of its sorted rotations; the one at `mark` stands for the end."""
    seen = [0] * 256
    ranks = [0] * len(data)
    for index, byte in enumerate(data):
        if index != mark:
            ranks[index] = seen[byte]
            seen[byte] += 1
    first, total = [0] * 256, 1
    for byte, count in enumerate(seen):
        first[byte] = total
        total += count
    text = bytearray(len(data) - 1)
    row = 0
    for index in range(len(text) - 1, -1, -1):
        if row == mark:
            raise CorruptDocument("A block of compressed data is damaged.")
        text[index] = byte = data[row]
        row = first[byte] + ranks[row]
    if row != mark:
        raise CorruptDocument("A block of compressed data is damaged.")
    return bytes(text)
