"""A bundle: a knowledge base as plain files in a folder or below an s3://bucket/prefix.

    catalogue.dump    the catalogue, by pg_dump in its custom format
    raw/… docs/…      originals and results, under the keys they have in the object store
    objects.jsonl     each of them on a line: key, size, SHA-256; or the problem it has in the source
    manifest.json     what belongs together: versions, counts, searches and their hits, the hashes of the two files above

The manifest is removed first and written last, so what has one is whole. The list is read and written line by line.
"""

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from kbray import objects
from kbray.catalogue import FoundPassage
from kbray.config import Settings
from kbray.errors import ConfigError
from kbray.objects import layout
from kbray.ports import Objects

FORMAT = 1
MANIFEST, DUMP, LISTING = "manifest.json", "catalogue.dump", "objects.jsonl"
THREADS = 8
EXAMPLES = 100  # of what is wrong, so many are kept to be told
_UNDER_WAY = 8 * THREADS
_LOOK_UP_S = 1.0

Problem = Literal["missing", "corrupt"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what the bytes of an object are known."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of a bundle; with a problem it could not be taken from the source."""

    key: str
    stamp: Stamp | None = None
    problem: Problem | None = None

    @property
    def bytes(self) -> int:
        return self.stamp.size_bytes if self.stamp else 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds."""

    id: str
    kbray: str
    created_at: str
    revision: str
    schema: str
    postgresql: int
    vectors: bool
    counts: dict[str, int]
    searches: dict[str, list[FoundPassage]]
    objects: int
    bytes: int
    problems: int
    catalogue: Stamp
    listing: Stamp
    format: int = FORMAT


@dataclass(slots=True)
class Moved:
    """How far a move, or a look at what was moved, has come. `copied` of the `objects`, `bytes` in all, were not there yet."""

    doing: str
    total: int
    objects: int = 0
    copied: int = 0
    bytes: int = 0

    def add(self, listed: Listed, *, copied: bool) -> None:
        self.objects += 1
        if copied:
            self.copied += 1
            self.bytes += listed.bytes


@dataclass(slots=True)
class Wrong:
    """Objects with a problem: how many, and the first of them."""

    count: int = 0
    examples: list[Listed] = field(default_factory=list)

    def add(self, found: Listed) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(found)


Report = Callable[[Moved], None]


# ---------------------------------------------------------------- where it lies


def store_of(place: str, settings: Settings) -> Objects:
    """The bundle's place as a store of objects; a folder is made where there is none.

    Raises: ConfigError: it is the place kbray keeps its own objects in.
    """
    store = objects.connect(settings.model_copy(update={"objects_url": place}))
    own = settings.objects
    if os.path.normpath(store.url) == os.path.normpath(own):
        raise ConfigError(f"{place} is where kbray keeps its own objects: name another place for the bundle.")
    return store


def open_bundle(place: str, settings: Settings) -> tuple[Objects, Manifest]:
    """A whole bundle that this kbray can read.

    Raises: ConfigError: there is none, or only a part of one, or a newer kbray made it.
    """
    if urlsplit(place).scheme == "" and not Path(place).expanduser().is_dir():
        raise ConfigError(f"There is no bundle {place}.")
    store = store_of(place, settings)
    try:
        manifest = parsed(store.get(MANIFEST), place)
    except KeyError:
        raise ConfigError(
            f"{place} is no whole bundle, {MANIFEST} is missing: let `kbray migrate export`, or the copy of it, end first."
        ) from None
    return store, manifest


def written(manifest: Manifest) -> bytes:
    return json.dumps({"format": manifest.format, **asdict(manifest)}, indent=1, ensure_ascii=False).encode()


def parsed(data: bytes, place: str) -> Manifest:
    """Raises: ConfigError: a newer kbray wrote it, or it is damaged."""
    try:
        found: dict[str, Any] = json.loads(data)
        if found["format"] > FORMAT:
            raise ConfigError(
                f"The bundle {place} was made by kbray {found['kbray']} in format {found['format']}, "
                f"and this kbray reads formats up to {FORMAT}: upgrade kbray here."
            )
        searches = {words: [FoundPassage(**hit) for hit in hits] for words, hits in found.pop("searches").items()}
        catalogue, listing = Stamp(**found.pop("catalogue")), Stamp(**found.pop("listing"))
        return Manifest(searches=searches, catalogue=catalogue, listing=listing, **found)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"{MANIFEST} in {place} is damaged: copy the bundle again, or export it again.") from None


@contextmanager
def checked_file(store: Objects, name: str, stamp: Stamp) -> Iterator[Path]:
    """The dump or the list of a bundle, once its hash is right. Raises: ConfigError: it is missing, or not what it was."""
    try:
        with store.local(name, fresh=True) as path:
            if stamp_of(path) != stamp:
                raise ConfigError(
                    f"{name} in {store.url} is not the one that {MANIFEST} tells of: copy the bundle again, or export it again."
                )
            yield path
    except KeyError:
        raise ConfigError(f"{name} is missing in {store.url}: copy the bundle again, or export it again.") from None


# ---------------------------------------------------------------- its objects


def stamp_of(path: Path) -> Stamp:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Stamp(file.tell(), digest)


def line(listed: Listed) -> bytes:
    told: dict[str, object] = {"key": listed.key}
    if listed.stamp:
        told |= {"size": listed.stamp.size_bytes, "sha256": listed.stamp.sha256}
    if listed.problem:
        told["problem"] = listed.problem
    return json.dumps(told).encode() + b"\n"


def lines(path: Path) -> Iterator[Listed]:
    """The objects of a list, one at a time. Raises: ConfigError: it names what is no object of kbray."""
    with path.open("rb") as file:
        for number, row in enumerate(file, start=1):
            yield _listed(row, number)


def _listed(row: bytes, number: int) -> Listed:
    try:
        told = json.loads(row)
        key, problem = told["key"], told.get("problem")
        stamp = None if problem else Stamp(int(told["size"]), str(told["sha256"]))
        if not layout.lasts(key) or problem not in (None, *PROBLEMS):
            raise ValueError(key)
        if stamp and key.startswith(layout.ORIGINALS) and key != layout.original(stamp.sha256):
            raise ValueError(key)
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            f"Line {number} of {LISTING} names no object of kbray: the bundle is damaged or not to be trusted."
        ) from None
    return Listed(key, stamp, problem)


T = TypeVar("T")
R = TypeVar("R")


def in_threads(work: Callable[[T], R], items: Iterable[T], beat: Callable[[], object]) -> Iterator[R]:
    """What `work` makes of each item, in their order; a bounded number at once, and `beat` is called while it is waited for."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="migrate") as threads:
        under_way: deque[Future[R]] = deque()
        try:
            for item in items:
                under_way.append(threads.submit(work, item))
                if len(under_way) == _UNDER_WAY:
                    yield _waited(under_way.popleft(), beat)
            while under_way:
                yield _waited(under_way.popleft(), beat)
        finally:
            for future in under_way:
                future.cancel()


def _waited(future: Future[R], beat: Callable[[], object]) -> R:
    while True:
        try:
            beat()
            return future.result(timeout=_LOOK_UP_S)
        except NotYet:
            if future.done():
                raise  # it is the work that gave up waiting
