"""Folders and buckets become files and locations in the catalogue; what did not change is not read again."""

import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kbray import budget
from kbray.catalogue import Catalogue, KnownLocation, storable
from kbray.config import Settings
from kbray.errors import ConfigError, TransientError
from kbray.model import Found, Seen
from kbray.objects.source import walk_s3
from kbray.ops.runs import RecordedRun
from kbray.ops.sync.censuses import CensusPool, CensusTaker
from kbray.ops.sync.intake import IN_FLIGHT, READ_THREADS, Intake, NotTakenOut, Reader, Stopped
from kbray.ops.sync.opened import Around, Room
from kbray.ops.sync.walk import Bare, Event, Identity, Mount, Place, Root, Skipped, Trouble, walk, within
from kbray.parse.hidden import hidden
from kbray.parse.media import HOLDERS
from kbray.ports import Objects

BATCH = 256  # places a database round trip
CENSUS_CHILDREN = min(4, budget.cores())


_EMPTY = (
    "There is no file in it, and {were}: nothing is called gone, since a drive that is not mounted looks the same. "
    "If it was emptied on purpose, run `kbray sync --emptied` on it."
)
_UNMOUNTED = (
    "A drive was mounted there, and is not now, and {were} on it: nothing is called gone. "
    "If it will not come back there, run `kbray sync --emptied` on a folder above."
)
_EXCHANGED = (
    "More than one drive has been mounted there, and {were} that can't be found now: nothing is called gone. "
    "If it was deleted, or its drive will not come back, run `kbray sync --emptied` on it."
)


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a sync met; attachments of messages are files, too.

    A file seen is new, a copy, changed, unchanged or a problem, unless it vanished before it was read.
    """

    files_seen: int = 0
    new: int = 0  # content never met before
    copies: int = 0  # known content in a place not seen before
    changed: int = 0  # other content in a known place
    unchanged: int = 0
    gone: int = 0  # known places that are no more
    other_kind: int = 0  # known files that an earlier census took for something else: they are processed anew
    problems: int = 0  # places that can't be read: files, folders, broken links, pipes
    skipped: int = 0  # hidden files and what systems leave behind
    bytes: int = 0  # read, of the new, copied and changed ones
    elapsed_s: float = 0.0
    interrupted: bool = False


Report = Callable[[SyncOutcome], None]


def sync(
    catalogue: Catalogue,
    objects: Objects,
    sandbox: Callable[[], CensusTaker],
    settings: Settings,
    roots: Sequence[Root],
    run: RecordedRun,
    *,
    stop: threading.Event | None = None,
    report: Report | None = None,
    reread: bool = False,
    emptied: bool = False,
) -> SyncOutcome:
    """The catalogue knows every file under `roots`, and the object store holds its bytes.

    Hidden files are skipped and counted. Places under a root that were not met are marked gone, but for those below a folder
    that could not be read, and unless the walk was stopped: what can't be seen is not gone. Nor is anything of a root without a
    single file, where there were some: a drive that isn't mounted looks the same. So does an empty folder below it that has not
    changed since its files were seen: to take them out would have changed it. And so does a folder where a drive was mounted,
    and none is now, even if it went with the drive; and what is missing where another drive was mounted before.

    Args: sandbox: makes a census taker; called once for each child needed.  stop: ends the walk; what was read is recorded.
          report: told every now and then how far it is.  reread: trust neither size nor time, hash everything again.
          emptied: such roots and folders were emptied on purpose.
    Raises: ObjectStoreUnavailable, DatabaseUnavailable, FencedOut.  ConfigError: a bucket that isn't there or refuses us.
    """
    with _work(catalogue, objects, sandbox, settings, run, stop, report, reread) as work:
        return work.run(roots, emptied=emptied)


def take_in(
    catalogue: Catalogue,
    objects: Objects,
    sandbox: Callable[[], CensusTaker],
    settings: Settings,
    events: Iterator[Event],
    run: RecordedRun,
    *,
    stop: threading.Event | None = None,
    report: Report | None = None,
) -> SyncOutcome:
    """As `sync`, for the places somebody else names one after the other; nothing is marked gone."""
    with _work(catalogue, objects, sandbox, settings, run, stop, report, reread=False) as work:
        return work.take_in(events)


@contextmanager
def _work(
    catalogue: Catalogue,
    objects: Objects,
    sandbox: Callable[[], CensusTaker],
    settings: Settings,
    run: RecordedRun,
    stop: threading.Event | None,
    report: Report | None,
    reread: bool,
) -> "Iterator[_Sync]":
    """A sync with its threads and children, which end with the block."""
    stop = stop or threading.Event()
    with (
        CensusPool(sandbox, CENSUS_CHILDREN) as censuses,
        Room(IN_FLIGHT, settings.max_unpacked_bytes) as room,
        ThreadPoolExecutor(READ_THREADS, thread_name_prefix="sync") as threads,
    ):
        leave = threading.Event()
        reader = Reader(objects, censuses, settings, threads, room, leave, stop)
        try:
            yield _Sync(catalogue, reader, settings, run, stop, report or (lambda _: None), reread)
        finally:
            # Also on an error: the threads leave the files they are in, and the pool's exit doesn't wait for the rest.
            leave.set()
            threads.shutdown(wait=False, cancel_futures=True)
            censuses.interrupt()


class _Sync:
    """One sync's counts and what is in flight: places in the order of the walk, recorded in that order."""

    def __init__(
        self,
        catalogue: Catalogue,
        reader: Reader,
        settings: Settings,
        run: RecordedRun,
        stop: threading.Event,
        report: Report,
        reread: bool,
    ) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._settings = settings
        self._run = run
        self._stop = stop
        self._report = report
        self._reread = reread
        self._count: Counter[str] = Counter()
        self._started_at = time.monotonic()
        self._told_at = self._started_at
        self._in_flight: deque[tuple[Place, Future[Intake]]] = deque()
        self._found: dict[str, Found] = {}
        self._problems: dict[str, str] = {}
        self._unseen: list[str] = []  # folders that could not be read
        self._bare: dict[str, float] = {}  # folders with nothing in them, and when they changed

    def run(self, roots: Sequence[Root], *, emptied: bool) -> SyncOutcome:
        visited: set[Identity] = set()
        leave_out = frozenset(_identities(self._settings.home, Path(self._settings.objects)))
        for root in roots:
            if self._stop.is_set():
                break
            self._walk(walk(root.path, visited, leave_out) if root.path is not None else self._bucket(root), emptied=emptied)
        self._finish()
        if not self._stop.is_set():
            uris = [root.uri for root in roots]
            if not emptied:
                self._suspect(self._catalogue.vanished(self._run.id, dict.fromkeys(uris, 0.0)), _EMPTY)
                self._suspect(self._catalogue.vanished(self._run.id, self._bare), _EMPTY)
                unmounted = self._catalogue.unmounted(self._run.id, uris)
                self._suspect(self._catalogue.vanished(self._run.id, unmounted), _UNMOUNTED)
                self._suspect(self._catalogue.exchanged(self._run.id, uris, self._unseen), _EXCHANGED)
            self._flush()
            self._count["gone"] = self._catalogue.mark_gone(self._run.id, uris, self._unseen)
        return self._outcome()

    def _suspect(self, folders: Iterable[tuple[str, int]], message: str) -> None:
        """In these folders so many files were not seen, which may be all the same; what lies below one is told with it."""
        for folder, known in folders:
            if any(within(folder, unseen) for unseen in self._unseen):
                continue
            self._unseen.append(folder)
            were = f"{known:,} files were" if known > 1 else "one was"
            self._problem(folder, message.format(were=were))

    def take_in(self, events: Iterator[Event]) -> SyncOutcome:
        self._walk(events)
        self._finish()
        return self._outcome()

    def _finish(self) -> None:
        self._drain(0)
        self._flush()

    def _walk(self, events: Iterator[Event], *, emptied: bool = False) -> None:
        while not self._stop.is_set() and (batch := list(itertools.islice(events, BATCH))):
            places, mounts = [], {}
            for event in batch:
                match event:
                    case Place():
                        places.append(event)
                    case Trouble():
                        if event.folder:
                            self._unseen.append(event.uri)
                        self._problem(event.uri, event.message)
                    case Skipped():
                        self._count["skipped"] += 1
                    case Bare():
                        self._bare[event.uri] = event.changed_at
                    case Mount():
                        mounts[event.uri] = event.drive
            if mounts:
                self._catalogue.record_mounts(self._run.id, mounts, anew=emptied)
            self._take(places)
            self._alive()

    def _bucket(self, root: Root) -> Iterator[Event]:
        """As a folder: what is hidden below the prefix is skipped."""
        for seen in walk_s3(root.uri, self._settings):
            if any(map(hidden, seen.uri.removeprefix(root.uri).split("/"))):
                yield Skipped(seen.uri)
            else:
                yield Place(seen, seen.uri.rsplit("/", 1)[-1], None)

    def _take(self, places: Sequence[Place]) -> None:
        """Set apart what is unchanged; hand the rest to the threads."""
        self._count["files_seen"] += len(places)
        known = self._catalogue.locations([place.seen.uri for place in places])
        unchanged, holders = [], []
        for place in places:
            before = known.get(place.seen.uri)
            if before is not None and not self._reread and _same(place, before):
                unchanged.append(place.seen.uri)
                if before.media_type in HOLDERS:
                    holders.append(place.seen.uri)
                continue
            self._drain(IN_FLIGHT - 1)
            if self._stop.is_set():
                break
            self._in_flight.append((place, self._reader.start(place)))
        if unchanged:
            inside = self._catalogue.touch(self._run.id, unchanged, holders)
            self._count["files_seen"] += inside
            self._count["unchanged"] += len(unchanged) + inside

    def _drain(self, allowed: int) -> None:
        """Collect results, oldest first, until no more than `allowed` are in flight."""
        while self._in_flight and (len(self._in_flight) > allowed or self._in_flight[0][1].done()):
            place, future = self._in_flight.popleft()
            try:
                intake = self._awaited(place, future, None)
                if intake.problem is not None:
                    self._problem(place.seen.uri, intake.problem)
                elif intake.found is not None:
                    self._collect(intake, intake.found, intake.found.seen)
                    self._count["bytes"] += intake.found.seen.size_bytes
            except Stopped:  # it is not recorded, so the next sync reads it again
                continue
            except NotTakenOut as error:
                self._problem(place.seen.uri, str(error))

    def _awaited(self, place: Place, future: "Future[Intake]", around: Around | None) -> Intake:
        """What became of a place, whose turn has come; signs of life go out meanwhile."""
        while True:
            if time.monotonic() - self._told_at > min(1.0, self._settings.heartbeat_s):
                self._alive()
            if self._stop.is_set():
                self._reader.censuses.interrupt()
            try:
                error = future.exception(timeout=min(1.0, self._settings.heartbeat_s))
            except TimeoutError:
                continue
            if isinstance(error, TransientError) and self._stop.is_set():
                raise Stopped  # what it needed may have been ended by the same signal, before we could tell it
            if isinstance(error, TransientError | ConfigError | NotTakenOut | Stopped):
                raise error
            if error is not None:
                # A file that trips our own code is a problem of that file, not of the thousand others.
                return Intake(place, problem=f"It can't be taken in: {type(error).__name__}: {error}.")
            if not future.result().later:
                return future.result()
            future = self._reader.start(place, around, in_turn=True)

    def _collect(self, intake: Intake, found: Found, seen: Seen) -> None:
        """A file and what is in it, which is recorded before it: what is not recorded is read again by the next sync."""
        problem = self._take_out(intake, found, seen, intake.around) if intake.around is not None else None
        if seen.uri in self._found:
            self._flush()  # a root given twice, in other words
        self._found[seen.uri] = replace(found, seen=seen)
        if problem is not None:
            self._problem(seen.uri, problem)
        self._flush_when_full()

    def _take_out(self, intake: Intake, found: Found, seen: Seen, around: Around) -> str | None:
        """Collect the files in a file; or why they stay in it. seen: its place, which they are below."""
        with ExitStack() as stack:
            if intake.opened is not None:
                stack.enter_context(intake.opened)
            if found.sha256 in around.bounds.opened:
                return None
            if (refusal := around.bounds.refusal(around.depth)) is not None:
                return refusal
            around.bounds.enter(found.sha256, intake.opened)
            for place, future in intake.opened or ():
                if self._stop.is_set():
                    raise Stopped
                inner = self._awaited(place, future, around.within)
                below = replace(seen, uri=around.bounds.places.add(f"{seen.uri}/{place.name}"), size_bytes=place.seen.size_bytes)
                self._count["files_seen"] += 1
                if inner.problem is not None:
                    self._problem(below.uri, inner.problem)
                elif inner.found is not None:
                    self._collect(inner, inner.found, below)
        return intake.left

    def _problem(self, uri: str, message: str) -> None:
        self._problems[uri] = message
        self._count["problems"] += 1
        self._flush_when_full()

    def _flush_when_full(self) -> None:
        if len(self._found) + len(self._problems) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        """Record what was collected, in two transactions."""
        if self._found:
            places = self._catalogue.locations(list(self._found))
            known = self._catalogue.known_sha256({found.sha256 for found in self._found.values()})
            for uri, found in self._found.items():
                before = places.get(uri)
                if before is not None and before.sha256 is not None:
                    kind = "unchanged" if before.sha256 == found.sha256 else "changed"
                else:
                    kind = "copies" if found.sha256 in known else "new"
                known.add(found.sha256)
                self._count[kind] += 1
            self._count["other_kind"] += self._catalogue.record(self._run.id, list(self._found.values()))
            self._found.clear()
        if self._problems:
            self._catalogue.record_problems(self._run.id, list(self._problems.items()))
            self._problems.clear()

    def _alive(self) -> None:
        self._told_at = time.monotonic()
        if not self._run.beat():
            self._stop.set()
        self._report(self._outcome())

    def _outcome(self) -> SyncOutcome:
        elapsed = time.monotonic() - self._started_at
        return SyncOutcome(**self._count, elapsed_s=elapsed, interrupted=self._stop.is_set())


def _same(place: Place, known: KnownLocation) -> bool:
    """Whether what is known holds still. Of a very long path, what lies in the file is not found by it, and has to be seen."""
    seen = place.seen
    if known.media_type in HOLDERS and not storable.begins(seen.uri):
        return False
    return known.file_id is not None and (seen.size_bytes, seen.mtime_ns, seen.version) == (
        known.size_bytes,
        known.mtime_ns,
        known.version,
    )


def _identities(*folders: Path) -> Iterator[Identity]:
    for folder in folders:
        if folder.is_dir():
            found = folder.stat()
            yield (found.st_dev, found.st_ino)
