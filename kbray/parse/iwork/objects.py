"""The objects of a document of iWork '13 or later, and what they refer to.

An IWA file is a row of objects, each a TSP.ArchiveInfo, which tells its number and type, and a message. The numbers of types and
fields here and beside are those that keynote-parser and numbers-parser (MIT, on PyPI) found in Apple's programs, for Pages those
of obriensp/iWorkFileFormat (MIT), and they are the same from 2013 on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kbray.errors import CorruptDocument, DocumentTooLarge
from kbray.parse.iwork.snappy import unpacked, varint
from kbray.parse.iwork.wire import Message

DOCUMENT = 1
_PACKAGE = 11006
_MOST = 1_000_000
_MOST_BYTES = 256 * 1024 * 1024  # of all of them; large documents have some millions


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: the number of its type, and its message as it lies in the file."""

    kind: int
    data: bytes


class Objects:
    """All objects of a document by their numbers. `damaged` are the names of files that could not be read.

    Args: files: names and bytes of the IWA files, None for one that is damaged. holds: whether the package has a member of this
        name.
    Raises: DocumentTooLarge: there are more than a million, or they have more than 256 MiB.
    """

    def __init__(self, files: Iterable[tuple[str, bytes | None]], holds: Callable[[str], bool]) -> None:
        self._holds = holds
        self.damaged: list[str] = []
        self._stored: dict[int, Stored] = {}
        self._opened: dict[int, Message] = {}
        self._files: dict[int, str] = {}  # of the package
        self._parts: dict[int, str] = {}  # … IWA files, by the numbers of their first objects
        left = _MOST_BYTES
        for name, data in files:
            if data is None:
                self.damaged.append(name)
                continue
            try:
                whole = unpacked(data, left)
                left -= len(whole)
                for number, stored in archived(whole):
                    if len(self._stored) >= _MOST:
                        raise DocumentTooLarge(f"The document has more than {_MOST:,} objects.")
                    self._stored[number] = stored
                    if stored.kind == _PACKAGE:
                        self._files.update(_named(Message(stored.data)))
                        self._parts.update(_listed(Message(stored.data)))
            except CorruptDocument:
                self.damaged.append(name)

    @property
    def lost(self) -> list[str]:
        """The names of IWA files that could not be read, and of those that the package lists and that aren't in it."""
        missing = [name for number, name in self._parts.items() if number not in self._stored]
        return list(dict.fromkeys((*self.damaged, *missing)))

    def __contains__(self, number: int) -> bool:
        return number in self._stored

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Number and type of each, in the order of the files."""
        return ((number, stored.kind) for number, stored in self._stored.items())

    def kind(self, number: int) -> int:
        """The number of its type; 0: there is no such object."""
        stored = self._stored.get(number)
        return stored.kind if stored is not None else 0

    def message(self, number: int) -> Message:
        """Of an object; an empty one where there is none. Raises: CorruptDocument."""
        known = self._opened.get(number)
        if known is None:
            stored = self._stored.get(number)
            known = self._opened[number] = Message(stored.data if stored is not None else b"")
        return known

    def file(self, number: int) -> str | None:
        """The name in the package of what a TSP.DataReference refers to; None: it isn't there."""
        name = f"Data/{self._files.get(number, '')}"
        return name if self._holds(name) else None


def archived(data: bytes) -> Iterator[tuple[int, Stored]]:
    """The objects of one IWA file. Of those that are kept with their changes, the first version, which is whole.

    Raises: CorruptDocument: what follows can't be read.
    """
    at = 0
    while at < len(data):
        size, at = varint(data, at, len(data))
        if size > len(data) - at:
            raise CorruptDocument("its objects are damaged")
        head = Message(data[at : at + size])
        at += size
        for place, info in enumerate(head.messages(2)):
            length = info.number(3)
            if length > len(data) - at:
                raise CorruptDocument("its objects are damaged")
            if place == 0:
                yield head.number(1), Stored(info.number(1), data[at : at + length])
            at += length


def _listed(package: Message) -> Iterator[tuple[int, str]]:
    for info in package.messages(3):
        yield info.number(1), f"Index/{info.text(3) or info.text(2)}.iwa"


def _named(package: Message) -> Iterator[tuple[int, str]]:
    for info in package.messages(4):
        name = info.text(4) or info.text(3)
        if name and "/" not in name:
            yield info.number(1), name
