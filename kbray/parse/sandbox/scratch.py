"""Private temporary folders that vanish with their owner, even when it was killed."""

import fcntl
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

_PREFIX = "kbray-"
LOCK = ".owner"
STDERR = "stderr"  # what the parse child says there


class Scratch:
    """A temporary folder, locked by the process that made it. `remove()` it; what a killed owner left, `sweep()` removes.

    Args: purpose: a word for its name. place: where, if not where temporary files go.
    """

    def __init__(self, purpose: str, place: Path | None = None) -> None:
        while not self._made(purpose, place):
            self._lock.close()

    def _made(self, purpose: str, place: Path | None) -> bool:
        """Whether the folder is ours: who sweeps may find it before it is locked, and takes it for one that was left."""
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-", dir=place))
        self._lock = (self.path / LOCK).open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return (self.path / LOCK).exists()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.remove()

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def sweep(place: Path | None = None) -> None:
    """Remove the folders whose owner is gone: nobody holds their lock any more. Args: place: as for Scratch.

    A lock, not a process number, tells the owner's fate: containers that share a temporary folder don't share numbers.
    """
    for folder in (place or Path(tempfile.gettempdir())).glob(_PREFIX + "*"):
        try:
            with (folder / LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # alive, another user's, or just gone
            continue
