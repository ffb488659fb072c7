"""What a process and everything it started use, and how to end them all."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import psutil

MARK = "KBRAY_SANDBOX"  # environment variable that every process of a sandbox inherits
_SCAN_SHARE = 0.02  # of the time goes into looking for new processes, at most
_SCAN_PAUSE_S = 0.25
_PAGE_BYTES, _TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
_TOLD = Path("/proc/self/stat").exists()
_KIN_TOLD = Path(f"/proc/self/task/{os.getpid()}/children").exists()


@dataclass(frozen=True, slots=True)
class Usage:
    """Resident memory of all processes of a tree now, and the CPU seconds they used since they began."""

    rss_bytes: int
    cpu_s: float


class Tree:
    """One process and its descendants, which all carry `MARK=mark` in their environment.

    Made to be asked many times a second beside a parser. After a pause each file of /proc that is opened costs half a
    millisecond (cold caches), so that of the root stays open. Looking for new descendants costs more, and is done less often;
    where the kernel doesn't tell a process' children (it can be built without), the whole process table is read.
    """

    def __init__(self, pid: int, mark: str) -> None:
        self._pid = pid
        self._mark = mark
        self._root = psutil.Process(pid)
        self._stat = Path(f"/proc/{pid}/stat").open("rb", buffering=0) if _TOLD else None  # noqa: SIM115 - see `close`
        self._kin: list[psutil.Process] = []
        self._scan_at = 0.0

    def close(self) -> None:
        if self._stat is not None:
            self._stat.close()

    def sample(self) -> Usage:
        """What the tree uses now; processes that end meanwhile count as nothing."""
        self._find_kin()
        rss, cpu = 0, 0.0
        with suppress(psutil.Error, ProcessLookupError):
            usage = _usage(self._root, ended=True) if self._stat is None else _told(self._stat)
            rss, cpu = usage.rss_bytes, usage.cpu_s
        for process in self._kin:
            with suppress(psutil.Error):
                usage = _usage(process, ended=False)  # the ended children of the others arrive at the root in the end
                rss, cpu = rss + usage.rss_bytes, cpu + usage.cpu_s
        return Usage(rss, cpu)

    def _find_kin(self) -> None:
        started = time.monotonic()
        if started < self._scan_at:
            return
        try:
            self._kin = list(_descendants(self._pid)) if _KIN_TOLD else self._root.children(recursive=True)
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


def _told(stat: FileIO) -> Usage:
    """Of one process by its open /proc/PID/stat, its ended children included. Fields: proc(5)."""
    stat.seek(0)
    fields = stat.read().rpartition(b")")[2].split()  # the name in parentheses may hold anything
    ticks = sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return Usage(int(fields[21]) * _PAGE_BYTES, ticks / _TICKS)


def _usage(process: psutil.Process, *, ended: bool) -> Usage:
    with process.oneshot():
        times, rss = process.cpu_times(), process.memory_info().rss
    cpu = times.user + times.system
    return Usage(rss, cpu + times.children_user + times.children_system if ended else cpu)


def _descendants(pid: int) -> Iterator[psutil.Process]:
    """As Linux lists them; what ends meanwhile is left out."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        with suppress(psutil.Error):
            yield psutil.Process(child)
            yield from _descendants(child)


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
