"""What runs in the parse child: one call after the other, locked in. Started by `parent`, by `python -m`.

Arguments: descriptor of the socket to the parent, the parent's process number, the largest file it may write (bytes).
"""

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import psutil

from kbray.parse.sandbox.scratch import LOCK, STDERR
from kbray.parse.sandbox.wire import Reply, describe, pack

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_WARM = ("kbray.config", "kbray.parse", "lxml.html", "pypdfium2")
_NEW_OBJECTS = 20_000  # between two looks for garbage
_NICENESS = 2  # below the driver, the database and the writers, which all of them wait for
_LINUX = sys.platform == "linux"


def main() -> None:
    descriptor, parent, file_bytes = (int(argument) for argument in sys.argv[1:4])
    os.set_inheritable(descriptor, False)
    _lock_in(parent, file_bytes)
    sys.meta_path.insert(0, _NoPandas())
    for module in _WARM:
        importlib.import_module(module)
    gc.freeze()  # what was imported stays: looking through it for garbage was a tenth of the time of a book
    gc.set_threshold(_NEW_OBJECTS)  # and through what was read of a page, 3 % of the time of a PDF
    scratch = Path(os.environ["TMPDIR"])
    with Connection(descriptor) as home:
        home.send_bytes(pack(Reply(rss_bytes=_rss())))
        while True:
            try:
                request = home.recv_bytes()
            except EOFError:  # the parent has closed us
                return
            reply = _answer(request)
            _clean_up(scratch)
            home.send_bytes(reply)
            del request, reply


class _NoPandas(MetaPathFinder):
    """No parser needs pandas; pyarrow loads it, 45 MB in a quarter of a second, to ask of a list whether it is a series."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left out of the parse child.", name=fullname)


def _answer(request: bytes) -> bytes:
    """Run one call and say how it went, whatever happens in it."""
    _reset_peak()
    cpu = _cpu_s()
    value, problem = None, None
    try:
        value = pickle.loads(request)()
    except BaseException as error:  # noqa: BLE001 - not handled here, only carried home, where it is raised again
        problem = describe(error)
    spent = _cpu_s() - cpu
    reply = Reply(value, problem, spent, _peak_bytes(), _rss())
    try:
        return pack(reply)
    except (TypeError, AttributeError, pickle.PicklingError, RecursionError) as error:
        return pack(Reply(None, describe(error), spent, _peak_bytes(), _rss()))


# ---------------------------------------------------------------- what it cost


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _rss() -> int:
    return psutil.Process().memory_info().rss


def _reset_peak() -> None:
    """Let the kernel count the peak of resident memory anew (Linux; elsewhere it is that of the process' life)."""
    if _LINUX:
        Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    if _LINUX:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# ---------------------------------------------------------------- nothing is left behind


def _clean_up(scratch: Path) -> None:
    """Remove what the call left: processes, temporary files, noise."""
    _end_leftovers()
    for path in scratch.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in (LOCK, STDERR):
            path.unlink(missing_ok=True)
    os.ftruncate(2, 0)


def _end_leftovers() -> None:
    try:
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:  # one still runs
                for process in psutil.Process().children(recursive=True):
                    process.kill()
                os.waitpid(-1, 0)
    except ChildProcessError:  # none is left; the usual case at once
        return


# ---------------------------------------------------------------- locked in


def _lock_in(parent: int, file_bytes: int) -> None:
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C and a closed terminal are the driver's
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is an ordinary event here
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    _forbid_network()
    if _LINUX:
        _unshare_network()
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphaned grandchildren come to us and can be found
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        subprocess.Popen = _TiedPopen  # type: ignore[misc]  # who starts one does so by this name
        with contextlib.suppress(OSError):  # a container that doesn't allow it
            Path("/proc/self/oom_score_adj").write_text("1000")  # when memory ends, this process goes first
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> NoReturn:
    """End with the parent where the kernel doesn't see to it (macOS), or where it died before we could ask for that."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _unshare_network() -> None:
    """Move to a network namespace without any interface, if the kernel lets us; a program we start can't reach out, either."""
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    ctypes.CDLL(None).unshare(flags)


class _TiedPopen(subprocess.Popen[Any]):
    """A grandchild that is killed with us."""

    def __init__(self, *args: Any, preexec_fn: Callable[[], object] | None = None, **kwargs: Any) -> None:
        def tie() -> None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if preexec_fn is not None:
                preexec_fn()

        super().__init__(*args, **(kwargs | {"preexec_fn": tie}))


def _forbid_network() -> None:
    """Make Python's own ways to the network fail with a clear sentence, on systems without namespaces too."""

    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise PermissionError("A parser may not use the network.")

    for name in ("connect", "connect_ex", "sendto", "sendmsg", "bind"):
        setattr(socket.socket, name, refuse)
    socket.getaddrinfo = refuse


if __name__ == "__main__":
    main()
