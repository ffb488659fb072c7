"""A node's bounded cache of objects fetched from a remote store, shared by all its processes."""

import contextlib
import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kbray.errors import ObjectStoreUnavailable

_LOCKS = 64  # files that guard downloads; two objects may share one and then wait for each other
_FILLED = 0.9  # of the bound is left after clearing up
_CHECK_SHARE = 0.05  # of the bound is fetched by one process between two looks at the whole


class Cache:
    """Files by the hash of their URL, the least recently used removed first, but never one that is in use.

    A process counts what it fetches and looks at the whole folder after each twentieth of the bound; so the folder may outgrow
    it by that much for each process. Files larger than the bound are fetched for one use.
    """

    def __init__(self, folder: Path, bound_bytes: int) -> None:
        self._folder = folder
        self._bound_bytes = bound_bytes
        self._unchecked_bytes = bound_bytes  # so that the first file fetched looks at what others left

    @contextmanager
    def file(self, url: str, fetch: Callable[[Path], None]) -> Iterator[Path]:
        """The object as a file that stays until the end of the `with`; `fetch` writes it to a path where it isn't there yet.

        Raises: what `fetch` raises; ObjectStoreUnavailable: the cache folder can't be written or its disk is full.
        """
        name = hashlib.sha256(url.encode()).hexdigest()
        with contextlib.ExitStack() as stack:
            with self._told():
                self._folder.mkdir(parents=True, exist_ok=True)
                held = stack.enter_context(self._held(name, fetch))
            yield held

    def drop(self, url: str) -> None:
        """The object is not kept here any longer, unless somebody is reading it."""
        _remove_unused(self._folder / hashlib.sha256(url.encode()).hexdigest())

    @contextmanager
    def passing(self, fetch: Callable[[Path], None]) -> Iterator[Path]:
        """What `fetch` writes, for this use only. Raises: as `file`."""
        with contextlib.ExitStack() as stack:
            with self._told():
                self._folder.mkdir(parents=True, exist_ok=True)
                descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".")
                os.close(descriptor)
                stack.callback(Path(name).unlink, missing_ok=True)
                fetch(Path(name))
            yield Path(name)

    @contextmanager
    def _held(self, name: str, fetch: Callable[[Path], None]) -> Iterator[Path]:
        path = self._folder / name
        file = _open_shared(path)
        if file is None:
            with self._download_lock(name):
                file = _open_shared(path)  # another process may have fetched it while we waited
                if file is None:
                    file = self._fetched(path, fetch)
        size = os.fstat(file.fileno()).st_size
        try:
            with file:
                os.utime(path)
                yield path
        finally:
            if size > self._bound_bytes:
                _remove_unused(path)

    def _fetched(self, path: Path, fetch: Callable[[Path], None]) -> BinaryIO:
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".")
        os.close(descriptor)
        temporary = Path(name)
        try:
            fetch(temporary)
            file = temporary.open("rb")
            fcntl.flock(file, fcntl.LOCK_SH)  # before it has its name, so that nobody can clear it away in between
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        size = os.fstat(file.fileno()).st_size
        self._unchecked_bytes += size
        if self._unchecked_bytes >= self._bound_bytes * _CHECK_SHARE:
            self._unchecked_bytes = 0
            self._clear_up()
        return file

    @contextmanager
    def _download_lock(self, name: str) -> Iterator[None]:
        with (self._folder / f".lock-{int(name[:8], 16) % _LOCKS}").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _clear_up(self) -> None:
        """Remove the least recently used files until the bound holds; those in use stay."""
        found: list[tuple[int, int, Path]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if not entry.name.startswith("."):
                        told = entry.stat()
                        found.append((told.st_mtime_ns, told.st_size, Path(entry.path)))
        total = sum(size for _, size, _ in found)
        if total <= self._bound_bytes:
            return
        for _, size, path in sorted(found):
            if total <= self._bound_bytes * _FILLED:
                return
            if _remove_unused(path):
                total -= size

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            why = "has no space left: free some, or lower cache_bytes" if full else f"can't be used: {error.strerror or error}"
            raise ObjectStoreUnavailable(f"The cache folder {self._folder} {why}.") from error


def _open_shared(path: Path) -> BinaryIO | None:
    """The file, locked against removal; None when it isn't there."""
    while True:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        fcntl.flock(file, fcntl.LOCK_SH)
        if _is_at(path, file):
            return file
        file.close()  # removed or replaced between opening and locking


def _remove_unused(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is_at(path, file):  # another process removed it, and the one that is there now may be in use
                return False
            path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether what was opened is what the path names now."""
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False
