"""Indexes of Kindle books (INDX records): entries of a name and numbers by tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kbray.errors import CorruptDocument
from kbray.parse.mobi.palm import Database

_MOST = 1_000_000  # numbers, of an index


@dataclass(frozen=True, slots=True)
class Entry:
    name: bytes
    numbers: Mapping[int, Sequence[int]]  # by tag

    def number(self, tag: int, place: int = 0) -> int:
        """Raises: CorruptDocument: the entry doesn't have it."""
        found = self.numbers.get(tag, ())
        if place >= len(found):
            raise CorruptDocument("The book is damaged: an entry of an index is cut short.")
        return found[place]


@dataclass(frozen=True, slots=True)
class _Tag:
    tag: int
    each: int  # numbers that are told together
    mask: int
    end: bool  # of a byte of masks


def entries(database: Database, first: int) -> list[Entry]:
    """Of the index that begins at this record.

    Raises: CorruptDocument: it is damaged.
    """
    head = database.record(first)
    if head[:4] != b"INDX":
        raise CorruptDocument("The book is damaged: an index is none.")
    controls, tags = _tags(head)
    found: list[Entry] = []
    read = 0
    for number in range(first + 1, first + 1 + min(_long(head, 24), len(database.records))):
        record = database.record(number)
        start, count = _long(record, 20), _long(record, 24)
        places = [_short(record, start + 4 + 2 * index) for index in range(min(count, len(record) // 2))]
        if places != sorted(places):
            raise CorruptDocument("The book is damaged: the entries of an index are out of order.")
        for begin, end in zip(places, [*places[1:], start], strict=False):  # of none there is still an end
            length = record[begin] if begin < len(record) else 0
            name = record[begin + 1 : begin + 1 + length]
            found.append(Entry(name, _numbers(record[begin + 1 + length : end], controls, tags)))
            read += sum(map(len, found[-1].numbers.values()))
            if read > _MOST:
                raise CorruptDocument("The book is damaged: an index has more than a million numbers.")
    return found


def text(database: Database, first: int, place: int) -> bytes:
    """A text that an entry of the index names by its place: texts stand in records of their own behind those of entries."""
    record = database.record(first + 1 + _long(database.record(first), 24) + (place >> 16))
    size, at = _varied(record, place & 0xFFFF)
    return record[at : at + size]


def _tags(head: bytes) -> tuple[int, list[_Tag]]:
    at = _long(head, 4)
    if head[at : at + 4] != b"TAGX":
        raise CorruptDocument("The book is damaged: an index doesn't tell its tags.")
    size = min(_long(head, at + 4), len(head) - at)
    quads = [head[at + place : at + place + 4] for place in range(12, size - 3, 4)]
    return _long(head, at + 8), [_Tag(quad[0], quad[1], quad[2], bool(quad[3])) for quad in quads]


def _numbers(data: bytes, controls: int, tags: Sequence[_Tag]) -> dict[int, list[int]]:
    at, control = controls, 0
    told: list[tuple[_Tag, int | None, int]] = []  # how many, or how many bytes of them
    for tag in tags:
        if tag.end:
            control += 1
            continue
        value = (data[control] if control < len(data) else 0) & tag.mask
        if value == tag.mask and tag.mask.bit_count() > 1:
            size, at = _varied(data, at)
            told.append((tag, None, size))
        elif value:
            told.append((tag, value >> (tag.mask & -tag.mask).bit_length() - 1, 0))
    found: dict[int, list[int]] = {}
    for tag, count, size in told:
        values, end = found.setdefault(tag.tag, []), at + size
        left = count * tag.each if count is not None else len(data)
        while left > 0 and at < (len(data) if count is not None else min(end, len(data))):
            value, at = _varied(data, at)
            values.append(value)
            left -= 1
    return found


def _varied(data: bytes, at: int) -> tuple[int, int]:
    """A number in as many bytes as it takes, seven bits each; the last has its eighth bit set."""
    value = 0
    for place in range(at, min(at + 10, len(data))):
        value = value << 7 | data[place] & 0x7F
        if data[place] & 0x80:
            return value, place + 1
    return value, max(at + 1, len(data))


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _short(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")
