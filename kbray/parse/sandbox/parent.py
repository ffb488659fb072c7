"""Parsers in a process that can be killed: wall clock, memory, crashes, leftovers.

A child of our own making, not `multiprocessing` or a pool: those import the parent's `__main__` (in a Ray worker: Ray itself),
and when a worker is killed in the middle of an answer, its pool waits for the rest of it for ever.
"""

import functools
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from kbray.config import MiB, Settings
from kbray.errors import DocumentTooLarge, ParserCrashed, ParseTimeout, TransientError
from kbray.model import Census, Effort, Finished, Parsed, Window
from kbray.parse import boxes, other_way, parse
from kbray.parse.census import census
from kbray.parse.media import BOXES, PDF
from kbray.parse.sandbox.scratch import STDERR, Scratch, sweep
from kbray.parse.sandbox.tree import MARK, Tree
from kbray.parse.sandbox.wire import Reply, revive, unpack

P = ParamSpec("P")
R = TypeVar("R")

_START_S = 120.0  # a loaded machine may take long to start a Python
# A running call is looked at as late as the memory that is left allows: many end before the first look.
_SHORTEST_S, _LONGEST_S = 0.05, 0.5
_FILLED_A_SECOND = 8 * 1024 * MiB  # by processes that do nothing else; 1.2 GiB/s for one on a machine of two cores
_CALLS_PER_CHILD = 1000  # then a new one: native code leaks
# A child that keeps more than this after a call is replaced.
_IDLE_SHARE, _IDLE_LEAST_BYTES, _IDLE_MOST_SHARE = 0.25, 320 * MiB, 0.5
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "VIRTUAL_ENV", "SSL_CERT_FILE")
_SECRETS: dict[str, None] = dict.fromkeys(("database_url", "objects_url", "s3_endpoint_url", "ray_address", "mcp_token"))


class Sandbox:
    """Runs parsers one call at a time in a child process, which starts with the first call and again after each death.

    `spent` tells what calls cost, also those that failed. Safe in any thread (calls wait for each other) and in Ray workers:
    it sets no signal handlers. Close it, or use it in a `with`; a child without its parent ends by itself.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update=_SECRETS)
        limit = settings.parse_memory_bytes
        self._idle_bytes = min(max(_IDLE_SHARE * limit, _IDLE_LEAST_BYTES), _IDLE_MOST_SHARE * limit)
        self._child: _Child | None = None
        self._mutex = threading.RLock()
        self._spent = Effort()

    def parse(
        self, path: Path, media_type: str, window: Window, timeout_s: float | None = None, *, again: bool = False
    ) -> Parsed:
        """Args: timeout_s: instead of `parse_timeout_s`; again: another way, as `kbray.parse.other_way` tells.

        Raises: DocumentError: any of its kinds, time and memory limits included; what else a parser raises comes as itself.
        """
        return self._call(functools.partial(parse, path, media_type, window, self._for(media_type, again)), timeout_s)

    def parse_whole(
        self, path: Path, media_type: str, window: Window, sha256: str, fingerprint: str, *, again: bool = False
    ) -> Finished | Parsed:
        """A file of one part, finished where nothing of it is to be recognised: its elements never leave the child.

        Args and raises: as `parse`.
        """
        from kbray.parse.sandbox.whole import parse_whole  # loads pyarrow, which a census needs nothing of

        settings = self._for(media_type, again)
        return self._call(functools.partial(parse_whole, path, media_type, window, settings, sha256, fingerprint))

    def _for(self, media_type: str, again: bool) -> Settings:
        return (other_way(media_type, self._settings) if again else None) or self._settings

    def census(self, path: Path, name: str) -> Census:
        """Raises: ParseTimeout, ParserCrashed, DocumentTooLarge: the file killed even the first look."""
        return self.call(census, path, name, self._settings)

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        """The files inside a file, written as by `attached.unpack` or `boxes.unpack`. Raises: DocumentError: any of its kinds."""
        if media_type in BOXES:
            return self.call(boxes.unpack, path, media_type, folder, self._settings)
        from kbray.parse import office, pdf  # load lxml and pdfium

        if media_type == PDF:
            return self.call(pdf.unpack, path, folder)
        return self.call(office.unpack, path, media_type, folder, self._settings)

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a module-level function in the child. Its arguments are pickled; its value is made of the model's types.

        Raises: ParseTimeout, DocumentTooLarge, ParserCrashed: it was killed or died; TransientError: no child could be started.
        """
        return self._call(functools.partial(function, *args, **kwargs))

    def _call(self, call: Callable[[], R], timeout_s: float | None = None) -> R:
        request = pickle.dumps(call)
        with self._mutex:
            child = self._ready_child()
            reply = self._run(child, request, self._settings.parse_timeout_s if timeout_s is None else timeout_s)
            if child.calls >= _CALLS_PER_CHILD or reply.rss_bytes > self._idle_bytes:
                self._drop()
                self.start()  # warms up while the caller is busy with the result
        if reply.problem is not None:
            raise revive(reply.problem)
        return reply.value  # type: ignore[return-value]  # what the function returned, whose type crossed as bytes

    def spent(self) -> Effort:
        """What the calls since the last time this was asked have cost together."""
        with self._mutex:
            spent, self._spent = self._spent, Effort()
            return spent

    def start(self) -> None:
        """Start the child if there is none; it gets ready while the caller does something else."""
        self._started_child()

    def interrupt(self) -> None:
        """End the call that runs, if one does, from another thread: it raises ParserCrashed."""
        child = self._child
        if child is not None:
            child.tree.kill()

    def close(self) -> None:
        """End the child. A later call starts a new one."""
        with self._mutex:
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _drop(self, *, thoroughly: bool = False) -> None:
        if self._child is not None:
            self._child.end(thoroughly=thoroughly)
            self._child = None

    def _started_child(self) -> "_Child":
        with self._mutex:
            if self._child is not None and not self._child.alive():
                self._drop()
            if self._child is None:
                self._child = _Child(self._settings.max_unpacked_bytes)
            return self._child

    def _ready_child(self) -> "_Child":
        child = self._started_child()
        try:
            child.await_ready()
        except TransientError:
            self._drop()
            raise
        return child

    def _run(self, child: "_Child", request: bytes, timeout_s: float) -> Reply:
        watch = _Watch(child, self._settings.parse_memory_bytes, timeout_s)
        reply: Reply | None = None
        try:
            reply = child.ask(request, watch.pause(child.rss_bytes), watch.look)
        except pickle.UnpicklingError as error:
            watch.sample()
            raise ParserCrashed(f"The parser's process gave an answer that can't be trusted ({error}).") from None
        except (EOFError, OSError):
            watch.sample()
            crash = ParserCrashed(f"The parser's process {_how_it_ended(child.wait())} while reading the document.")
            crash.add_note(child.last_words())
            raise crash from None
        finally:
            self._spent = _sum(self._spent, watch.effort(reply))
            if reply is None:  # limits, a crash, or Ctrl-C in the caller
                self._drop(thoroughly=True)
        return reply


def _sum(one: Effort, other: Effort) -> Effort:
    """Of calls of the child: times add up, peaks don't."""
    return Effort(
        parse_s=one.parse_s + other.parse_s, cpu_s=one.cpu_s + other.cpu_s, peak_bytes=max(one.peak_bytes, other.peak_bytes)
    )


class _Watch:
    """Holds a running call against its limits, and tells what it used."""

    def __init__(self, child: "_Child", memory_bytes: int, seconds: float) -> None:
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._child = child
        self._started = time.monotonic()
        self._cpu_s = child.cpu_s  # of the child's whole life
        self._peak_bytes = 0

    def sample(self) -> int:
        """Resident memory of the tree now, in bytes."""
        usage = self._child.tree.sample()
        self._peak_bytes = max(self._peak_bytes, usage.rss_bytes)
        self._cpu_s = max(self._cpu_s, usage.cpu_s)
        return usage.rss_bytes

    def look(self) -> float:
        """Seconds until the next look. Raises: DocumentTooLarge, ParseTimeout: the call is over a limit."""
        used = self.sample()
        if used > self._memory_bytes:
            raise DocumentTooLarge(
                f"Reading the document took more than {self._memory_bytes / MiB:.0f} MiB of memory "
                "(parse_memory_bytes, or its share of memory), so the parser was stopped."
            )
        if self._left_s() < 0:
            raise ParseTimeout(
                f"Reading the document took more than {self._seconds:g} seconds (parse_timeout_s), so the parser was stopped."
            )
        return self.pause(used)

    def pause(self, used: int) -> float:
        """Seconds within which a call that uses so many bytes now can't get far beyond a limit."""
        until_full_s = (self._memory_bytes - used) / _FILLED_A_SECOND
        return max(_SHORTEST_S, min(until_full_s, self._left_s(), _LONGEST_S))

    def _left_s(self) -> float:
        return self._started + self._seconds - time.monotonic()

    def effort(self, reply: Reply | None) -> Effort:
        """By the child's own account where it could give one (to the microsecond), else by what was seen of it."""
        wall_s = time.monotonic() - self._started
        if reply is None:
            return Effort(parse_s=wall_s, cpu_s=self._cpu_s - self._child.cpu_s, peak_bytes=self._peak_bytes)
        self._child.cpu_s += reply.cpu_s
        return Effort(parse_s=wall_s, cpu_s=reply.cpu_s, peak_bytes=max(self._peak_bytes, reply.peak_bytes))


class _Child:
    """One child process and its socket."""

    def __init__(self, file_bytes: int) -> None:
        _sweep_once()
        self._scratch = Scratch("parse")
        self._socket, theirs = Pipe()
        command = [sys.executable, "-m", "kbray.parse.sandbox.child", str(theirs.fileno()), str(os.getpid()), str(file_bytes)]
        with theirs, (self._scratch.path / STDERR).open("ab") as noise:
            self._process = (
                _spawner()
                .submit(
                    subprocess.Popen,
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=noise,
                    env=_environment(self._scratch.path),
                    cwd=self._scratch.path,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
                .result()
            )
        self._reply = select.poll()  # `Connection.poll` registers the socket anew each time
        self._reply.register(self._socket.fileno(), select.POLLIN)
        self.tree = Tree(self._process.pid, str(self._scratch.path))
        self.calls = 0
        self.cpu_s = 0.0  # up to the end of the last call
        self.rss_bytes = 0  # when it ended
        self._ready = False

    def alive(self) -> bool:
        return self._process.poll() is None

    def await_ready(self) -> None:
        """Raises: TransientError: it didn't start."""
        if self._ready:
            return
        try:
            if not self._socket.poll(_START_S):
                raise TransientError(
                    f"The parser's process was not ready after {_START_S:.0f} seconds: the machine is overloaded."
                )
            self.rss_bytes = unpack(self._socket.recv_bytes()).rss_bytes
        except (EOFError, OSError, pickle.UnpicklingError):
            failure = TransientError(f"The parser's process {_how_it_ended(self.wait())} before it was ready.")
            failure.add_note(self.last_words())
            raise failure from None
        self.cpu_s = self.tree.sample().cpu_s
        self._ready = True

    def ask(self, request: bytes, pause: float, look: Callable[[], float]) -> Reply:
        """The reply; if it is not there after `pause` seconds, `look` is called, which tells the next pause, and may raise.

        Raises: EOFError, OSError: the process died; pickle.UnpicklingError: it answered nonsense.
        """
        self.calls += 1
        self._socket.send_bytes(request)
        while not self._reply.poll(1000 * pause):
            pause = look()
            if not self.alive():  # without closing its socket: a grandchild holds it
                raise EOFError
        reply = unpack(self._socket.recv_bytes())
        self.rss_bytes = reply.rss_bytes
        return reply

    def wait(self) -> int:
        """Its exit code (negative: the signal); a process that closed its socket and lives on is killed."""
        try:
            return self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.tree.kill()
            return self._process.wait()

    def last_words(self) -> str:
        """What it said on its standard error: the stack at a segmentation fault, for one."""
        try:
            return (self._scratch.path / STDERR).read_text(encoding="utf-8", errors="replace")[-8000:].strip()
        except OSError:
            return ""

    def end(self, *, thoroughly: bool) -> None:
        """Kill it with all it started, at once: between calls it has nothing to save."""
        self.tree.kill()
        self._process.wait()
        if thoroughly:
            self.tree.sweep()
        self.tree.close()
        self._socket.close()
        self._scratch.remove()


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    why = {"SIGSEGV": " (segmentation fault)", "SIGKILL": " (from outside, perhaps for lack of memory)"}
    return f"was killed by {name}{why.get(name, '')}"


def _environment(scratch: Path) -> dict[str, str]:
    """Ours without its secrets; the same language, hash seed and thread counts everywhere, so that results are the same."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    quiet = dict.fromkeys(("DO_NOT_TRACK", "SCARF_NO_ANALYTICS", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"), "1")
    own = {
        MARK: str(scratch),
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
        "PYTHONHASHSEED": "0",
        "PYTHONFAULTHANDLER": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
    return kept | threads | quiet | own | places


@functools.cache
def _spawner() -> ThreadPoolExecutor:
    """One thread that lives as long as we do: on Linux a child dies with the *thread* that started it, not with the process."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="kbray-spawn")


@functools.cache
def _sweep_once() -> None:
    sweep()
