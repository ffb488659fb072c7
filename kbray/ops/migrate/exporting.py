"""A knowledge base into a bundle, while others go on working with it.

First the catalogue is dumped and its files are listed, in one snapshot; then the objects are copied that these files have. They
are content-addressed and never changed, so it does no harm that this takes a while. What is in the bundle already is not copied
again: a second export into the same place is an incremental backup, and an interrupted one goes on.
"""

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kbray import __version__
from kbray.catalogue import StoredFile
from kbray.errors import ConfigError
from kbray.objects import layout
from kbray.ops.migrate.bundle import (
    DUMP,
    LISTING,
    MANIFEST,
    Listed,
    Manifest,
    Moved,
    Report,
    Stamp,
    Wrong,
    in_threads,
    line,
    stamp_of,
    store_of,
    written,
)
from kbray.ports import Objects
from kbray.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has made. `problems`: objects the source should have and has not, or not whole."""

    bundle: str
    manifest: Manifest
    copied: int
    copied_bytes: int
    problems: Wrong


@dataclass(frozen=True, slots=True)
class _Taken:
    """An object of the source, and whether it had to be copied."""

    listed: Listed
    copied: bool = False


def export(wired: Wiring, place: str, *, searches: Sequence[str] = (), report: Report = lambda _: None) -> Exported:
    """The knowledge base is in a bundle at `place`.

    Args: searches: whose hits are recorded, besides some of its own.
    Raises: ConfigError: the place is no good, or the database is newer than pg_dump. DatabaseUnavailable, ObjectStoreUnavailable:
            run it again, it goes on.
    """
    bundle = store_of(place, wired.settings)
    _require_free(bundle, place)
    bundle.delete([MANIFEST])
    wired.settings.cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wired.settings.cache_dir, prefix="export-") as name:
        dump, wanted, listing = (Path(name) / file for file in (DUMP, "files", LISTING))
        report(Moved("dumping the catalogue", 0))
        taken = wired.catalogue().take(dump, partial(_write, wanted), searches)
        bundle.put_file(DUMP, dump)
        moved, bytes_of_all, problems = _copy(wired.objects(), bundle, wanted, listing, report)
        bundle.put_file(LISTING, listing)
        manifest = Manifest(
            id=secrets.token_hex(16),
            kbray=__version__,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            revision=taken.revision,
            schema=taken.schema,
            postgresql=taken.postgresql,
            vectors=taken.vectors,
            counts=taken.counts,
            searches=taken.searches,
            objects=moved.objects - problems.count,
            bytes=bytes_of_all,
            problems=problems.count,
            catalogue=stamp_of(dump),
            listing=stamp_of(listing),
        )
    bundle.put(MANIFEST, written(manifest))
    return Exported(bundle.url, manifest, moved.copied, moved.bytes, problems)


def _require_free(bundle: Objects, place: str) -> None:
    """Others may have a `manifest.json`, too. A bundle that was begun has its dump first.

    Raises: ConfigError: what is there is no bundle.
    """
    if not bundle.exists(DUMP) and (other := next(iter(bundle.list("")), None)):
        raise ConfigError(f"{place} holds other files, {other.key} among them: name a place of its own for the bundle.")


def _write(path: Path, files: Iterator[StoredFile]) -> None:
    """The files of the snapshot, on disk, so that the snapshot need not be held while objects are copied."""
    with path.open("w", encoding="ascii") as out:
        for file in files:
            out.write(f"{file.sha256} {file.size_bytes} {file.fingerprint or ''}\n")


def _read(path: Path) -> Iterator[StoredFile]:
    with path.open(encoding="ascii") as rows:
        for row in rows:
            sha256, size, fingerprint = row.rstrip("\n").split(" ")
            yield StoredFile(sha256, int(size), fingerprint or None)


def _copy(source: Objects, bundle: Objects, wanted: Path, listing: Path, report: Report) -> tuple[Moved, int, Wrong]:
    """The objects are in the bundle, and in its list; how far it came, the bytes of all, and what was wrong."""
    total = sum(1 if file.fingerprint is None else 1 + len(layout.NAMES) for file in _read(wanted))
    moved, bytes_of_all, problems = Moved("copying objects", total), 0, Wrong()
    with listing.open("wb") as out:
        for objects in in_threads(partial(_take, source, bundle), _read(wanted), lambda: report(moved)):
            for one in objects:
                out.write(line(one.listed))
                bytes_of_all += one.listed.bytes
                if one.listed.problem:
                    problems.add(one.listed)
                moved.add(one.listed, copied=one.copied)
    return moved, bytes_of_all, problems


def _take(source: Objects, bundle: Objects, file: StoredFile) -> list[_Taken]:
    found = [_original(source, bundle, file)]
    if file.fingerprint is not None:
        found += [_result(source, bundle, key) for key in layout.results(file.sha256, file.fingerprint)]
    return found


def _original(source: Objects, bundle: Objects, file: StoredFile) -> _Taken:
    """Its hash is its name: one that is there with its size was checked when it came."""
    key, stamp = layout.original(file.sha256), Stamp(file.size_bytes, file.sha256)
    if bundle.size(key) == file.size_bytes:
        return _Taken(Listed(key, stamp))
    try:
        with source.local(key, fresh=True) as path:
            if stamp_of(path) != stamp:
                return _Taken(Listed(key, problem="corrupt"))
            bundle.put_file(key, path)
    except KeyError:
        return _Taken(Listed(key, problem="missing"))
    return _Taken(Listed(key, stamp), copied=True)


def _result(source: Objects, bundle: Objects, key: str) -> _Taken:
    """Nobody has recorded its hash so far."""
    try:
        with source.local(key, fresh=True) as path:
            stamp = stamp_of(path)
            if bundle.size(key) == stamp.size_bytes and _same(bundle, key, stamp):
                return _Taken(Listed(key, stamp))
            bundle.put_file(key, path)
    except KeyError:
        return _Taken(Listed(key, problem="missing"))
    return _Taken(Listed(key, stamp), copied=True)


def _same(store: Objects, key: str, stamp: Stamp) -> bool:
    with store.local(key, fresh=True) as path:
        return stamp_of(path) == stamp
