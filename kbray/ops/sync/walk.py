"""The walk over folders: every place under a root in a stable order, and everything that stood in the way, said aloud.

Paths are strings as Python has them: bytes that are no UTF-8 are surrogates, which the catalogue knows how to keep.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kbray.errors import ConfigError
from kbray.model import Seen
from kbray.parse.hidden import hidden

_KINDS = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"))

_DRIVES = "/dev/disk/by-uuid"


@dataclass(frozen=True, slots=True)
class Root:
    """Where a walk begins. `path` is None for s3:// addresses."""

    uri: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A file that was met. `path` is None where the bytes must be fetched from S3 first."""

    seen: Seen
    name: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place that can't be read. `folder`: nothing is known of what may lie below it, so none of it may be called gone."""

    uri: str
    message: str
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A hidden file or folder, or what a system left there (.DS_Store, Thumbs.db, ~$letter.docx)."""

    uri: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A folder with nothing in it, but for what is skipped: emptied, or the mount point of a drive that isn't there."""

    uri: str
    changed_at: float  # seconds since 1970: nothing was put into it or taken out since


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder on another file system than the one it lies in: when the drive goes, the folder may go with it.

    `drive` tells it from others that may be mounted there, also after a restart; from some network shares it does not.
    """

    uri: str
    drive: str


Event = Place | Trouble | Skipped | Bare | Mount
Identity = tuple[int, int]  # device and inode


def roots_of(arguments: list[str]) -> list[Root]:
    """The places to walk, absolute and without links, each once.

    Raises: ConfigError: a path that does not exist or can't be looked at.
    """
    roots: dict[str, Root] = {}
    for text in arguments:
        if text.startswith("s3://"):
            root = Root(text, None)
        elif not text:
            raise ConfigError("An empty path was given; name a folder, a file or an s3:// address.")
        else:
            try:
                path = str(Path(text).resolve(strict=True))
            except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, up to Python 3.12
                reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                raise ConfigError(f"{text} can't be walked: {reason}.") from None
            root = Root(path, path)
        roots[root.uri] = root
    return list(roots.values())


def walk(root: str, visited: set[Identity], leave_out: frozenset[Identity] = frozenset()) -> Iterator[Event]:
    """Every place under `root`, folder by folder, names in order; `root` may be a file.

    Links to files count as files. Links to folders are followed after everything else, and only where the folder they lead to
    has not been `visited`: so loops end, nothing is read twice, and the real path wins over the link. Memory grows with the
    number of folders, not of files.

    Args: visited: folders seen already, by device and inode; added to.  leave_out: folders not to enter (kbray's own home).
    """
    later: list[str] = []
    yield from _tree(root, visited, leave_out, later)
    while later:
        yield from _tree(later.pop(0), visited, leave_out, later)


def _tree(top: str, visited: set[Identity], leave_out: frozenset[Identity], later: list[str]) -> Iterator[Event]:
    try:
        found = os.stat(top)  # noqa: PTH116 - paths stay strings here: a Path for each of 10⁶ files is memory and time for nothing
    except OSError as error:
        yield _trouble(top, error, folder=True)
        return
    if not stat.S_ISDIR(found.st_mode):
        yield _file(top, found)
        return
    if os.path.ismount(top):
        yield _mount(top, found)
    todo = [(top, (found.st_dev, found.st_ino))]
    while todo:
        folder, identity = todo.pop()
        if identity in visited or identity in leave_out:
            continue
        visited.add(identity)
        below: list[tuple[str, Identity]] = []
        yield from _folder(folder, identity, below, later)
        todo.extend(reversed(below))


def _folder(folder: str, identity: Identity, below: list[tuple[str, Identity]], later: list[str]) -> Iterator[Event]:
    """The files of one folder; its subfolders are added to `below`, or to `later` where they are links."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        if all(hidden(entry.name) for entry in listed):
            yield Bare(folder, os.stat(folder).st_mtime)  # noqa: PTH116 - as in `_tree`
    except FileNotFoundError:
        return  # removed since it was seen: there is nothing left to report
    except OSError as error:
        yield _trouble(folder, error, folder=True)
        return
    for entry in listed:
        if hidden(entry.name):
            yield Skipped(entry.path)
            continue
        try:
            found = entry.stat()
        except FileNotFoundError:
            if entry.is_symlink():
                # Or to a folder, perhaps of a drive that is not mounted now.
                yield Trouble(entry.path, "The link leads to a file that does not exist.", folder=True)
            continue
        except OSError as error:
            # It may be a folder: so answers one whose server is away.
            yield replace(_trouble(entry.path, error), folder=True)
            continue
        if not stat.S_ISDIR(found.st_mode):
            yield _file(entry.path, found)
        elif entry.is_symlink():
            later.append(entry.path)
        else:
            if found.st_dev != identity[0]:
                yield _mount(entry.path, found)
            below.append((entry.path, (found.st_dev, found.st_ino)))


def _mount(path: str, found: os.stat_result) -> Mount | Trouble:
    """Ids that kernels give file systems without one of their own (FAT) are numbers of devices, which change: udev knows more.

    With the folder's inode, since any folder of a drive may be mounted, as containers have it.
    """
    try:
        drive = f"{os.statvfs(path).f_fsid:x}"
    except OSError as error:  # a share whose server went away this moment
        return _trouble(path, error, folder=True)
    if Path(_DRIVES).is_dir():
        with os.scandir(_DRIVES) as links:
            drive = next((link.name for link in links if _leads_to(link, found.st_dev)), drive)
    return Mount(path, f"{drive}/{found.st_ino}")


def _leads_to(link: os.DirEntry[str], device: int) -> bool:
    try:
        return link.stat().st_rdev == device
    except FileNotFoundError:  # pulled out this moment
        return False


def _file(path: str, found: os.stat_result) -> Place | Trouble:
    for is_kind, name in _KINDS:
        if is_kind(found.st_mode):
            return Trouble(path, f"It is {name}, not a file.")
    return Place(Seen(path, found.st_size, found.st_mtime_ns), path.rsplit("/", 1)[-1], path)


def look(path: str) -> Place | Trouble | None:
    """What lies there, a link being what it leads to; None: nothing does."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as in `_tree`
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return _trouble(path, error)
    return Trouble(path, "It is a folder, not a file.") if stat.S_ISDIR(found.st_mode) else _file(path, found)


def within(uri: str, root: str) -> bool:
    """Whether a place is at or under another one."""
    return uri == root or uri.startswith(root.rstrip("/") + "/")


def _trouble(path: str, error: OSError, *, folder: bool = False) -> Trouble:
    what = "The folder" if folder else "It"
    return Trouble(path, f"{what} can't be read: {error.strerror or error}.", folder)
