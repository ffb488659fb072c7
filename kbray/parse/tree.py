"""What a process and everything it started use, and how to end them all."""

import os
import signal
import time
from dataclasses import dataclass

import psutil

MARK = "KBRAY_SANDBOX"  # environment variable that every process of a sandbox inherits
_SCAN_SHARE = 0.02  # of the time goes into looking for new processes, at most
_SCAN_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory of all processes of a tree now, and the CPU seconds they used since they began."""

    rss_bytes: int
    cpu_s: float


class Tree:
    """One process and its descendants, which all carry `MARK=mark` in their environment.

    Looking at the root costs some 20 µs, looking for new descendants reads the whole process table; so the latter is done
    less often the longer it takes.
    """

    def __init__(self, pid: int, mark: str) -> None:
        self._pid = pid
        self._mark = mark
        self._root = psutil.Process(pid)
        self._kin: list[psutil.Process] = []
        self._scan_at = 0.0

    def sample(self) -> Usage:
        """What the tree uses now; processes that end meanwhile count as nothing."""
        self._find_kin()
        rss, cpu = 0, 0.0
        for process in (self._root, *self._kin):
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    rss += process.memory_info().rss
            except psutil.Error:
                continue
            cpu += times.user + times.system
            if process is self._root:  # the others' ended children arrive here in the end
                cpu += times.children_user + times.children_system
        return Usage(rss, cpu)

    def _find_kin(self) -> None:
        started = time.monotonic()
        if started < self._scan_at:
            return
        try:
            self._kin = self._root.children(recursive=True)
        except psutil.Error:
            self._kin = []
        ended = time.monotonic()
        self._scan_at = ended + max(_SCAN_PAUSE_S, (ended - started) / _SCAN_SHARE)

    def kill(self) -> None:
        """End the root, its process group and its known descendants at once."""
        if self._root.is_running():  # and not another process that got its number
            try:
                os.killpg(self._pid, signal.SIGKILL)
            except ProcessLookupError:
                self._root.kill()
        for process in self._kin:
            _kill(process)

    def sweep(self) -> None:
        """End what left the group and lost its parent: whatever carries our mark. Reads the environment of all processes."""
        for _ in range(50):  # a process that forks while we look is found in the next round
            left = [process for process in psutil.process_iter() if self._is_marked(process)]
            if not left:
                return
            for process in left:
                _kill(process)
            time.sleep(0.01)

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.pid != os.getpid() and process.environ().get(MARK) == self._mark
        except (psutil.Error, OSError):
            return False


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
