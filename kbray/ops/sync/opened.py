"""Files taken out of a file: they lie in a temporary folder until they are taken in, as those of any other folder are.

What is in several files is taken out and read at the same time. What comes of it is decided in the order of the files, by one
thread (`Bounds`), so that it does not depend on which was read first.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kbray.ops.sync.walk import Place
from kbray.parse.attached import Names
from kbray.parse.sandbox.scratch import Scratch

if TYPE_CHECKING:
    from kbray.ops.sync.intake import Intake

_DEEPEST = 5  # files inside files that are inside a file
_FILES = 5  # times `max_archive_members` may come out of one place: an archive of messages, each with its attachments


@dataclass(slots=True)
class Bounds:
    """What may still come out of one place, however deep, what was looked into, and how the files are called."""

    bytes_left: int
    files_left: int
    opened: set[str] = field(default_factory=set)
    places: Names = field(default_factory=Names)  # an archive may hold a folder that is called as a message beside it

    @classmethod
    def of(cls, allowed_bytes: int, max_archive_members: int) -> Self:
        return cls(allowed_bytes, _FILES * max_archive_members)

    def refusal(self, depth: int) -> str | None:
        """Why a file in which so many files lie, one around the other, is not looked into. What is refused once stays so."""
        if depth > _DEEPEST:
            why = f"{_DEEPEST} files lie around it, one in the other"
        elif self.bytes_left <= 0:
            why = "what came out of the file it lies in before is more than max_unpacked_bytes allows"
        elif self.files_left <= 0:
            why = f"more than {_FILES} times max_archive_members came out of the file it lies in before"
        else:
            return None
        return not_taken_out(why)

    def enter(self, sha256: str, opened: "Opened | None") -> None:
        """A file is looked into. What was opened before (an archive may hold itself) is known from there."""
        self.opened.add(sha256)
        if opened is not None:
            self.bytes_left -= opened.size_bytes
            self.files_left -= opened.count


@dataclass(frozen=True, slots=True)
class Around:
    """Where a file stands that may hold others. depth: from 1, for one that lies in no other."""

    bounds: Bounds
    depth: int

    @property
    def within(self) -> "Around":
        """The same for the files in it."""
        return Around(self.bounds, self.depth + 1)

    def is_shut(self, sha256: str) -> bool:
        """Whether it will not be looked into; any thread may ask, and False may become True until its turn comes."""
        return sha256 in self.bounds.opened or self.bounds.refusal(self.depth) is not None


class Room:
    """What may lie taken out ahead of its turn: of so many files, so many bytes; the disk holds no more than that and a few."""

    def __init__(self, files: int, size_bytes: int) -> None:
        self._files = files
        self._size_bytes = size_bytes
        self._opened: set[Opened] = set()
        self._mutex = threading.Lock()

    def open(self, *, in_turn: bool) -> "Opened | None":
        """A new folder; None: there is no room for one whose turn has not come. Raises: OSError: it can't be made."""
        with self._mutex:
            full = len(self._opened) >= self._files or sum(one.size_bytes for one in self._opened) >= self._size_bytes
            if full and not in_turn:
                return None
            opened = Opened(Scratch("inside"), self)
            self._opened.add(opened)
            return opened

    def forget(self, opened: "Opened") -> None:
        with self._mutex:
            self._opened.discard(opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for opened in tuple(self._opened):  # whose turn never came
            opened.close()


class Opened:
    """The files in a file, in a folder of their own: some are taken in ahead, the others as those are collected.

    `hold` and `go_ahead` in the thread that took them out, then iterate, once, in the one that collects.
    """

    def __init__(self, scratch: Scratch, room: Room) -> None:
        self.folder = scratch.path
        self.count = self.size_bytes = 0
        self._scratch = scratch
        self._room = room
        self._places: Iterator[Place] = iter(())
        self._ahead: deque[tuple[Place, Future[Intake]]] = deque()

    def hold(self, names: tuple[str, ...], places: Iterator[Place]) -> None:
        """What was written into the folder, named 0, 1, 2, …; `places`: those of it that are to be taken in."""
        self.count = len(names)
        self.size_bytes = sum((self.folder / str(number)).stat().st_size for number in range(len(names)))
        self._places = places

    def go_ahead(self, start: "Callable[[Place], Future[Intake]]", ahead: int) -> None:
        """So many are being taken in from now on."""
        self._start, self._most = start, ahead
        self._fill()

    def _fill(self) -> None:
        while len(self._ahead) < self._most and (place := next(self._places, None)) is not None:
            self._ahead.append((place, self._start(place)))

    def __iter__(self) -> "Iterator[tuple[Place, Future[Intake]]]":
        while self._ahead:
            place, future = self._ahead[0]
            yield place, future
            self._ahead.popleft()
            if place.path is not None:
                Path(place.path).unlink()  # the disk holds what is still to be looked at
            self._fill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder, and what was opened ahead of the files in it."""
        for _, future in self._ahead:
            if not future.cancel():
                future.add_done_callback(_abandon)
        self._ahead.clear()
        self._scratch.remove()
        self._room.forget(self)


def _abandon(future: "Future[Intake]") -> None:
    if future.exception() is None and (opened := future.result().opened) is not None:
        opened.close()


def not_taken_out(why: str) -> str:
    """The sentence for a file that was not looked into."""
    return f"What may be in it was not taken out: {why.rstrip('.')}. Unpack it yourself and sync the folder."
