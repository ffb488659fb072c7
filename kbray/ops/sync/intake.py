"""One place, taken in: hashed, looked at in a child process, its bytes uploaded where the store lacks them.

The files in an archive, mailbox, message or PDF are places, too, once they are taken out of it.
"""

import errno
import hashlib
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from kbray import budget
from kbray.config import Settings
from kbray.errors import ConfigError, ParserCrashed, ParseTimeout, TransientError
from kbray.model import Found
from kbray.objects import layout
from kbray.objects.source import fetch_s3
from kbray.ops.sync.censuses import CensusPool
from kbray.ops.sync.opened import Around, Bounds, Opened, Room, not_taken_out
from kbray.ops.sync.walk import Place
from kbray.parse import windows
from kbray.parse.boxes import UNNAMED, allowed_bytes
from kbray.parse.media import BOXES, MESSAGES
from kbray.parse.sandbox.scratch import Scratch
from kbray.ports import Objects

BLOCK_BYTES = 1024 * 1024
READ_THREADS = min(8, 2 * budget.cores())
IN_FLIGHT = 8 * READ_THREADS  # places of a walk, or in one file, that were handed to the threads and are not collected


class Stopped(Exception):
    """The user asked to stop while a file was being read."""


class Unstable(Exception):
    """The file changes faster than it can be read."""


class NotTakenOut(Exception):
    """The files in a file could not be taken in, all of them; the sentence tells why."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of one place: `found`, or the `problem` that stood in the way, or neither where the file has vanished.

    around: there may be files in it, which are in `opened`, or `left` where they are, for that reason. later: there was no room
    for them; take it in again when its turn comes.
    """

    place: Place
    found: Found | None = None
    problem: str | None = None
    around: Around | None = None
    opened: Opened | None = None
    left: str | None = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes places in; safe to use from many threads.

    stop: what is being read is left.  asked: files that are being read are finished, but nothing is taken out of them any more.
    """

    objects: Objects
    censuses: CensusPool
    settings: Settings
    threads: Executor
    room: Room
    stop: threading.Event
    asked: threading.Event

    def start(self, place: Place, around: Around | None = None, *, in_turn: bool = False) -> Future[Intake]:
        """Take it in, in another thread. around: what it lies in.  in_turn: take out what is in it, room or not."""
        if around is None:
            return self.threads.submit(self.take, place, in_turn)
        return self.threads.submit(self._take_inner, place, around, in_turn)

    def take(self, place: Place, in_turn: bool = False) -> Intake:
        """Read one place; a file that changes meanwhile gets one more chance.

        Raises: ObjectStoreUnavailable: the store can't take the bytes.  NotTakenOut.  Stopped.
        """
        for attempt in (1, 2):
            try:
                return self._attempt(place, None, in_turn)
            except Unstable:
                if attempt == 2:
                    return Intake(place, problem="It changes while it is read; sync again when nothing writes to it.")
            except FileNotFoundError:
                break
            except OSError as error:
                return Intake(place, problem=f"It can't be read: {error.strerror or error}.")
        return Intake(place)

    def _take_inner(self, place: Place, around: Around, in_turn: bool) -> Intake:
        """As `take`, for what nobody else should touch."""
        try:
            return self._attempt(place, around, in_turn)
        except (OSError, Unstable) as error:
            raise _not_taken_out(error) from None

    def _attempt(self, place: Place, around: Around | None, in_turn: bool) -> Intake:
        if place.seen.size_bytes > self.settings.max_file_bytes:
            sizes = f"It has {place.seen.size_bytes:,} bytes and max_file_bytes allows {self.settings.max_file_bytes:,}"
            return Intake(place, problem=f"{sizes}; raise that setting and sync again.")
        with self._on_disk(place) as path:
            sha256, before = _hash(path, self.stop)
            census = self.censuses.census(path, place.name)
            key = layout.original(sha256)
            uploaded = not self.objects.exists(key)
            if uploaded:
                self.objects.put_file(key, path)
            seen = place.seen
            if place.path is not None:
                seen = replace(seen, size_bytes=before.st_size, mtime_ns=before.st_mtime_ns)
            intake = Intake(place, Found(seen, sha256, census, windows(census, self.settings.pages_per_part)))
            if census.media_type in MESSAGES | BOXES or census.attached:
                intake = self._looked_into(path, intake, around or self._around(before.st_size), in_turn)
            if _differs(before, os.stat(path)):  # noqa: PTH116 - as in _hash
                # What was uploaded may be neither the old bytes nor the new; nothing refers to it yet.
                if uploaded:
                    self.objects.delete([key])
                if intake.opened is not None:
                    intake.opened.close()
                raise Unstable
        if intake.opened is not None and intake.around is not None:
            intake.opened.go_ahead(partial(self.start, around=intake.around.within), IN_FLIGHT)
        return intake

    def _around(self, size_bytes: int) -> Around:
        return Around(Bounds.of(allowed_bytes(size_bytes, self.settings), self.settings.max_archive_members), 1)

    def _looked_into(self, path: Path, intake: Intake, around: Around, in_turn: bool) -> Intake:
        """The same with the files in it."""
        found = intake.found
        if found is None or around.is_shut(found.sha256):
            return replace(intake, around=around)
        if self.asked.is_set():
            raise Stopped
        try:
            opened = self.room.open(in_turn=in_turn)
            if opened is None:
                return replace(intake, around=around, later=True)
            with ExitStack() as unless_taken_out:
                unless_taken_out.callback(opened.close)
                names = self.censuses.attachments(path, found.census.media_type, opened.folder)
                opened.hold(names, self._inner(intake.place, names, opened.folder))
                unless_taken_out.pop_all()
        except OSError as error:
            raise _not_taken_out(error) from None
        except (ParseTimeout, ParserCrashed, TransientError) as error:
            if self.asked.is_set() or self.stop.is_set():  # it was us, perhaps before its child was ready
                raise Stopped from None
            if isinstance(error, TransientError):
                raise
            return replace(intake, around=around, left=not_taken_out(error.message))
        if not names:
            opened.close()
        return replace(intake, around=around, opened=opened if names else None)

    def _inner(self, place: Place, names: tuple[str, ...], folder: Path) -> Iterator[Place]:
        """The files in a file as places; those that are too large or empty stay in it only."""
        for number, given in enumerate(names):
            path, name = folder / str(number), given if given[:1] not in (UNNAMED, ".") else _stem(place.name) + given
            size = path.stat().st_size
            if 0 < size <= self.settings.max_file_bytes:
                yield Place(replace(place.seen, uri=f"{place.seen.uri}/{name}", size_bytes=size), name, str(path))

    def _on_disk(self, place: Place) -> AbstractContextManager[Path]:
        return _itself(place.path) if place.path is not None else _fetched(place.seen.uri, self.settings)


def _not_taken_out(error: OSError | Unstable) -> NotTakenOut:
    why = "somebody changes them there" if isinstance(error, Unstable) else error.strerror or error
    where = tempfile.gettempdir()
    return NotTakenOut(f"The files in it can't be taken out into {where}: {why}. See that there is room (TMPDIR) and sync again.")


def _stem(path: str) -> str:
    """What a compressed file is called without the suffix that tells so."""
    name = path.rpartition("/")[2]
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
