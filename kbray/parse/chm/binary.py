"""Topics and contents as the help compiler writes them in binary, for files without contents that people wrote.

#TOPICS has a topic's title, in #STRINGS, and its link, by way of #URLTBL, in #URLSTR; #TOCIDX the tree of the contents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kbray.parse.chm.contents import DEEPEST

FILES = ("#TOPICS", "#STRINGS", "#URLTBL", "#URLSTR", "#TOCIDX")
_TOPIC, _ENTRY, _BOOK = 16, 20, 28  # bytes of a topic, and of an entry of the contents that holds none or others
_HOLDS, _HAS_TOPIC = 4, 8  # flags of an entry
_NONE = 0xFFFFFFFF
_LONGEST = 1024  # bytes of a string


@dataclass(frozen=True, slots=True)
class Binary:
    """The bytes of `FILES`; of what is damaged in them as much is told as can be."""

    topics: bytes
    strings: bytes
    addresses: bytes
    links: bytes
    tree: bytes

    def links_of_topics(self) -> Iterator[bytes]:
        """In the order in which the topics were put into the file."""
        for number in range(len(self.topics) // _TOPIC):
            if link := self._link(number):
                yield link

    def contents(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Level from 1, title and link (or nothing) of each entry, in order."""
        seen: set[int] = set()
        left = [(_long(self.tree, 0), 1)]
        while left:
            at, level = left.pop()
            if not at or at in seen or at + _ENTRY > len(self.tree):
                continue
            seen.add(at)
            flags, told, after = (_long(self.tree, at + place) for place in (4, 8, 16))
            left.append((after, level))
            if flags & _HOLDS and at + _BOOK <= len(self.tree):
                left.append((_long(self.tree, at + _ENTRY), min(level + 1, DEEPEST)))
            if flags & _HAS_TOPIC:
                title, link = _string(self.strings, _long(self.topics, told * _TOPIC + 4)), self._link(told)
            else:
                title, link = _string(self.strings, told), b""
            if title:
                yield level, title, link

    def _link(self, topic: int) -> bytes:
        address = _long(self.topics, topic * _TOPIC + 8)
        return _string(self.links, _long(self.addresses, address + 8) + 8) if address + 12 <= len(self.addresses) else b""


def _string(data: bytes, at: int) -> bytes:
    return data[at : at + _LONGEST].partition(b"\0")[0] if at < _NONE else b""


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
