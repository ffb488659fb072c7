"""One place, taken in: hashed, looked at in a child process, its bytes uploaded where the store lacks them."""

import errno
import hashlib
import os
import queue
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from kbray.config import Settings
from kbray.errors import ConfigError, DocumentError
from kbray.model import Census, Found, Seen
from kbray.objects.source import fetch_s3
from kbray.ops.walk import Place
from kbray.parse import windows
from kbray.parse.attached import Names
from kbray.parse.boxes import UNNAMED, allowed_bytes
from kbray.parse.media import BOXES, MESSAGES
from kbray.parse.sandbox.scratch import Scratch
from kbray.parse.sniff import sniff
from kbray.ports import Objects

BLOCK_BYTES = 1024 * 1024
_DEEPEST = 5  # files inside files that are inside a file
_FILES = 5  # times `max_archive_members` may come out of one place: an archive of messages, each with its attachments


class CensusTaker(Protocol):
    """The part of parse.sandbox.Sandbox that sync needs."""

    def census(self, path: Path, name: str) -> Census: ...
    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]: ...
    def close(self) -> None: ...


class Stopped(Exception):
    """The user asked to stop while a file was being read."""


class Unstable(Exception):
    """The file changes faster than it can be read."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of one place: `found`, or the `problem` that stood in the way, or neither where the file has vanished.

    `inside` are the files in an archive, mailbox, message or PDF, whose places lie below its own: /mail/order.eml/invoice.pdf;
    `problems`: places of those that were not looked into, and why.
    """

    place: Place
    found: Found | None = None
    problem: str | None = None
    inside: tuple[Found, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Taking:
    """What is taken out of one place, however deep: what it may still come to, and what was left."""

    bytes_left: int
    files_left: int
    opened: set[str] = field(default_factory=set)
    places: Names = field(default_factory=Names)  # an archive may hold a folder that is called as a message beside it
    problems: dict[str, str] = field(default_factory=dict)

    def may_open(self, uri: str, sha256: str, depth: int) -> bool:
        """Whether to look into a file. What was opened here before (an archive may hold itself) is known from there."""
        if sha256 in self.opened:
            return False
        if depth > _DEEPEST:
            why = f"{_DEEPEST} files lie around it, one in the other"
        elif self.bytes_left <= 0:
            why = "what came out of the file it lies in before is more than max_unpacked_bytes allows"
        elif self.files_left <= 0:
            why = f"more than {_FILES} times max_archive_members came out of the file it lies in before"
        else:
            self.opened.add(sha256)
            return True
        self.problems[uri] = f"What may be in it was not taken out: {why}. Unpack it yourself and sync the folder."
        return False


class CensusPool:
    """A few sandboxes for many threads, each started when first needed: a sync that finds nothing new starts none."""

    def __init__(self, make: Callable[[], CensusTaker], size: int) -> None:
        self._make = make
        self._free: queue.LifoQueue[CensusTaker | None] = queue.LifoQueue()
        self._size = size
        for _ in range(size):
            self._free.put(None)

    @contextmanager
    def _borrow(self) -> Iterator[CensusTaker]:
        taker = self._free.get()
        try:
            taker = taker if taker is not None else self._make()
            yield taker
        finally:
            self._free.put(taker)

    def census(self, path: Path, name: str) -> Census:
        """A file whose census kills or outlasts its child is still a file: its kind is known, its pages are not."""
        try:
            with self._borrow() as taker:
                return taker.census(path, name)
        except DocumentError:
            return Census(sniff(path, name))

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        """The files in a file, as the parse child unpacks them; none where it is damaged, as `process` tells."""
        try:
            with self._borrow() as taker:
                return taker.attachments(path, media_type, folder)
        except DocumentError:
            return ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for _ in range(self._size):  # waits for those that are borrowed
            taker = self._free.get()
            if taker is not None:
                taker.close()


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes places in; safe to use from many threads."""

    objects: Objects
    censuses: CensusPool
    settings: Settings
    stop: threading.Event

    def take(self, place: Place) -> Intake:
        """Read one place; a file that changes meanwhile gets one more chance.

        Raises: ObjectStoreUnavailable: the store can't take the bytes.  Stopped.
        """
        for attempt in (1, 2):
            try:
                return self._attempt(place)
            except Unstable:
                if attempt == 2:
                    return Intake(place, problem="It changes while it is read; sync again when nothing writes to it.")
            except FileNotFoundError:
                break
            except OSError as error:
                return Intake(place, problem=f"It can't be read: {error.strerror or error}.")
        return Intake(place)

    def _attempt(self, place: Place) -> Intake:
        if place.seen.size_bytes > self.settings.max_file_bytes:
            sizes = f"It has {place.seen.size_bytes:,} bytes and max_file_bytes allows {self.settings.max_file_bytes:,}"
            return Intake(place, problem=f"{sizes}; raise that setting and sync again.")
        with self._on_disk(place) as path:
            sha256, before = _hash(path, self.stop)
            census = self.censuses.census(path, place.name)
            settings = self.settings
            taking = _Taking(allowed_bytes(before.st_size, settings), _FILES * settings.max_archive_members)
            inside = tuple(self._attached(path, Found(place.seen, sha256, census, ()), 1, taking))
            key = f"raw/{sha256}"
            uploaded = not self.objects.exists(key)
            if uploaded:
                self.objects.put_file(key, path)
            if _differs(before, os.stat(path)):  # noqa: PTH116 - as in _hash
                # What was uploaded may be neither the old bytes nor the new; nothing refers to it yet.
                if uploaded:
                    self.objects.delete([key])
                raise Unstable
        seen = place.seen
        if place.path is not None:
            seen = replace(seen, size_bytes=before.st_size, mtime_ns=before.st_mtime_ns)
        found = Found(seen, sha256, census, windows(census, self.settings.pages_per_part))
        return Intake(place, found, inside=inside, problems=tuple(taking.problems.items()))

    def _attached(self, path: Path, holder: Found, depth: int, taking: _Taking) -> Iterator[Found]:
        """The files in an archive, message or PDF, and those in them; those that are too large or empty stay in it only."""
        census, seen = holder.census, holder.seen
        if not (census.media_type in MESSAGES | BOXES or census.attached):
            return
        if not taking.may_open(seen.uri, holder.sha256, depth):
            return
        with Scratch("inside") as folder:
            names = self.censuses.attachments(path, census.media_type, folder)
            taking.bytes_left -= sum((folder / str(number)).stat().st_size for number in range(len(names)))
            taking.files_left -= len(names)
            for number, name in enumerate(names):
                inner = self._inner(folder / str(number), name if name != UNNAMED else _stem(seen.uri), seen, taking)
                if inner is not None:
                    yield inner
                    yield from self._attached(folder / str(number), inner, depth + 1, taking)
                    (folder / str(number)).unlink()  # the disk holds what is still to be looked at

    def _inner(self, file: Path, name: str, seen: Seen, taking: _Taking) -> Found | None:
        """A file that lay in another one, taken in; None: it is too large, or empty."""
        size = file.stat().st_size
        if not 0 < size <= self.settings.max_file_bytes:
            return None
        sha256, _ = _hash(file, self.stop)
        census = self.censuses.census(file, name)
        if not self.objects.exists(f"raw/{sha256}"):
            self.objects.put_file(f"raw/{sha256}", file)
        inner = replace(seen, uri=taking.places.add(f"{seen.uri}/{name}"), size_bytes=size)
        return Found(inner, sha256, census, windows(census, self.settings.pages_per_part))

    def _on_disk(self, place: Place) -> AbstractContextManager[Path]:
        return _itself(place.path) if place.path is not None else _fetched(place.seen.uri, self.settings)


def _stem(uri: str) -> str:
    """What a compressed file is called without the suffix that tells so."""
    name = uri.rpartition("/")[2]
    return name.rpartition(".")[0] or name


@contextmanager
def _itself(path: str) -> Iterator[Path]:
    yield Path(path)


@contextmanager
def _fetched(uri: str, settings: Settings) -> Iterator[Path]:
    """The object in a temporary file, removed afterwards."""
    with Scratch("fetched") as folder:
        path = folder / "object"
        try:
            fetch_s3(uri, path, settings)
        except ConfigError as error:  # this object is not ours to read; the others may be
            raise PermissionError(errno.EACCES, error.message) from None
        yield path


def _hash(path: Path, stop: threading.Event) -> tuple[str, os.stat_result]:
    """SHA-256 in blocks, and what the file was like before the first one.

    Raises: Unstable: it is another file now, or it changed meanwhile.  OSError.  Stopped.
    """
    digest = hashlib.sha256()
    # O_NONBLOCK: a named pipe that took the file's place must not hang us; it is refused below.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Unstable
        while block := file.read(BLOCK_BYTES):
            if stop.is_set():
                raise Stopped
            digest.update(block)
        if _differs(before, os.fstat(file.fileno())):
            raise Unstable
    return digest.hexdigest(), before


def _differs(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_ino, before.st_dev, before.st_size, before.st_mtime_ns) != (
        after.st_ino,
        after.st_dev,
        after.st_size,
        after.st_mtime_ns,
    )
