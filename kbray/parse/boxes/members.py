"""What is in a box: a member at a time, its bytes piece by piece, so that boxes of any size take the same memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kbray.errors import DocumentError
from kbray.parse.boxes.names import safe
from kbray.parse.hidden import hidden


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive or mailbox; of several, each is to be read before the next is asked for."""

    name: str  # a path below the box, with `/` between folders; empty: the box doesn't tell
    pieces: Callable[[], Iterator[bytes]]  # raises DocumentError: it is damaged, locked, or too large
    note: str = ""  # what its box tells of it
    size: int = 0  # in bytes, as its box claims; no more comes out of it


@dataclass(frozen=True, slots=True)
class Passed:
    """A member that is left where it is."""

    name: str
    why: DocumentError | None = None  # None: it is left alone on purpose, as in folders
    left_out: str = "Hidden files, and what systems leave in folders,"  # what that is, in the plural
    link: bool = False  # to another place, or what is no file at all


def told(name: bytes, number: int, pieces: Callable[[], Iterator[bytes]] | None, size: int) -> Member | Passed:
    """What an archive tells of a file in it. number: from 1, for one without a name. pieces: None: it is a link, or no file."""
    shown = safe(name) or f"file {number}"
    if any(map(hidden, shown.split("/"))):
        return Passed(shown)
    return Passed(shown, link=True) if pieces is None else Member(shown, pieces, size=size)
