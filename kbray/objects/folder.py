"""Objects as files below a folder."""

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kbray.errors import ObjectStoreUnavailable
from kbray.objects.keys import checked, checked_prefix
from kbray.ports import ObjectInfo

_TEMPORARY = ".tmp"
_UNFINISHED = "object-"  # what our temporary files begin with: the folder may be one in which others have some
_STALE_S = 24 * 3600.0  # a temporary file this old belongs to a writer that was killed
_FULL = (errno.ENOSPC, errno.EDQUOT)
_MISSING = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class Folder:
    """Objects below `root`, each written beside its place, flushed to the disk, and renamed. The protocol: ports.Objects."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.url = str(self.root)
        self._ready = False
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unavailable(error) from error

    def put(self, key: str, data: bytes) -> None:
        self._write(key, lambda file: file.write(data))

    def put_file(self, key: str, path: Path) -> None:
        """Raises: OSError: `path` can't be read; that is no failure of the store."""
        with path.open("rb") as source:
            self._write(key, lambda file: _copy(source, file))

    def get(self, key: str) -> bytes:
        with self._reading(key):
            return self._place(key).read_bytes()

    @contextmanager
    def local(self, key: str, *, fresh: bool = False) -> Iterator[Path]:
        """The file itself, always fresh: read it, don't write to it."""
        path = self._place(key)
        if not self.exists(key):
            raise KeyError(key)
        yield path

    def exists(self, key: str) -> bool:
        return self.size(key) is not None

    def size(self, key: str) -> int | None:
        try:
            with self._reading(key):
                found = self._place(key).stat()
        except KeyError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects whose key begins with `prefix`, in no order; one directory is read at a time, and never as a whole."""
        folder, _, _ = checked_prefix(prefix).rpartition("/")
        try:
            yield from self._walk(folder, prefix)
        except OSError as error:
            raise self._unavailable(error) from error

    def delete(self, keys: Iterable[str]) -> None:
        """Empty folders go too."""
        for key in keys:
            path = self._place(key)
            try:
                path.unlink()
            except _MISSING:
                continue
            except OSError as error:
                raise self._unavailable(error) from error
            for folder in path.parents:
                if folder == self.root:
                    break
                try:
                    folder.rmdir()
                except OSError:  # something else is in it
                    break

    def _place(self, key: str) -> Path:
        return self.root / checked(key)

    def _write(self, key: str, fill: Callable[[BinaryIO], object]) -> None:
        place = self._place(key)
        try:
            self._prepare()
            descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self.root / _TEMPORARY)
            temporary = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    fill(file)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.chmod(0o644)
                _move(temporary, place)
            finally:
                with contextlib.suppress(OSError):
                    temporary.unlink()
        except _SourceError as error:
            raise error.cause from None
        except OSError as error:
            raise self._unavailable(error) from error

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        try:
            yield
        except _MISSING as error:
            if not self.root.is_dir():  # not one object is missing but the disk
                raise self._unavailable(error) from error
            raise KeyError(key) from None
        except OSError as error:
            raise self._unavailable(error) from error

    def _walk(self, folder: str, prefix: str) -> Iterator[ObjectInfo]:
        try:
            entries = os.scandir(self.root / folder)
        except _MISSING:
            if not self.root.is_dir():
                raise
            return
        with entries:
            for entry in entries:
                key = f"{folder}/{entry.name}" if folder else entry.name
                if entry.name.startswith(".") or not (key.startswith(prefix) or prefix.startswith(f"{key}/")):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(key, prefix)
                elif entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                        yield ObjectInfo(key, entry.stat().st_size)

    def _prepare(self) -> None:
        """Only who writes needs it: a folder that can't be written, as one on a backup, can be read."""
        if self._ready:
            return
        temporary = self.root / _TEMPORARY
        temporary.mkdir(exist_ok=True)
        oldest = time.time() - _STALE_S
        for path in temporary.glob(f"{_UNFINISHED}*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
        self._ready = True

    def _unavailable(self, error: OSError) -> ObjectStoreUnavailable:
        if error.errno in _FULL:
            return ObjectStoreUnavailable(f"There is no space left for objects in {self.root}: free some, or set objects_url.")
        return ObjectStoreUnavailable(f"The object folder {self.root} can't be used: {error.strerror or error}.")


class _SourceError(Exception):
    """Carries an error of the file being stored past those of the store."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    while True:
        try:
            block = source.read(1024 * 1024)
        except OSError as error:
            raise _SourceError(error) from error
        if not block:
            return
        target.write(block)


def _move(temporary: Path, place: Path) -> None:
    """Rename into place, durably; a `delete` beside us may remove the folder we have just made, so it is tried again."""
    for attempt in range(10):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.replace(place)
        except FileNotFoundError:
            if attempt == 9:
                raise
            continue
        break
    descriptor = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
