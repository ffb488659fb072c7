"""Streams of an HWP file: records, each with a tag, a level that tells what it belongs to, and data."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_LONG = 0xFFF  # the size follows


@dataclass(slots=True)
class Record:
    tag: int
    data: bytes
    inside: list["Record"] = field(default_factory=list)

    def number(self, at: int, size: int) -> int:
        """Of so many bytes at a place, unsigned; 0 where the record is shorter."""
        return int.from_bytes(self.data[at : at + size], "little") if at + size <= len(self.data) else 0

    def numbers(self, form: str, at: int = 0) -> Iterator[tuple[int, ...]]:
        """Rows of numbers to the end of the record."""
        end = len(self.data) - (len(self.data) - at) % struct.calcsize(form)
        return struct.iter_unpack(form, self.data[at : max(end, at)])

    def text(self, at: int) -> tuple[str, int]:
        """A text that its length stands before, and where it ends."""
        end = at + 2 + 2 * self.number(at, 2)
        return decoded(self.data[at + 2 : end]), end


def decoded(data: bytes) -> str:
    """UTF-16; what is no character of it is replaced."""
    return data.decode("utf-16-le", "replace").replace("\0", "")


def trees(data: bytes) -> Iterator[Record]:
    """Records of the lowest level with all that belongs to them, one after the other; what is cut at the end is left out."""
    above: list[tuple[int, Record]] = []
    at = 0
    while at + 4 <= len(data):
        head = int.from_bytes(data[at : at + 4], "little")
        tag, level, size = head & 0x3FF, head >> 10 & 0x3FF, head >> 20
        at += 4
        if size == _LONG:
            size = int.from_bytes(data[at : at + 4], "little")
            at += 4
        record = Record(tag, data[at : at + size])
        at += size
        while above and above[-1][0] >= level:
            done = above.pop()[1]
            if not above:
                yield done
        if above:
            above[-1][1].inside.append(record)
        above.append((level, record))
    if above:
        yield above[0][1]
