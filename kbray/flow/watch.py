"""The thread beside a run: its heartbeat, its progress, the outages it waits out, and its end in order."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Self

from kbray.catalogue import Catalogue, IndexPlan, Plan
from kbray.catalogue.process import job_id
from kbray.errors import DatabaseUnavailable, KbrayError
from kbray.flow import metrics
from kbray.flow.outages import StoreProbe
from kbray.model import Progress, RunId, RunInfo
from kbray.signals import handled, interrupt
from kbray.wiring import Wiring

REPORT_S = 0.5
"""Between two looks at the counters."""
GRACE_S = 4.0
"""For parts in flight to end in order, once the user asked to stop: with Ray's shut-down (2 s, more on a busy machine) it makes
less than the ten seconds promised."""
AGAIN_S = 2.0
"""An interrupt that falls into a destructor is swallowed there: it is sent again."""


class Watch:
    """Keeps the lease, tells the progress, and stops the run when asked.

    While parts stream, the first SIGINT, SIGTERM or SIGHUP stops in order: nothing more is claimed, and the stream is broken off
    as soon as no part is in flight. A second one, or the end of the grace, stops at once: what is in flight is freed. Before the
    stream the first one does so.
    An outage of the database is waited out for `patience_s`, as the workers do.
    """

    def __init__(self, wired: Wiring, run: RunId, report: Callable[[Progress], None] | None) -> None:
        self.plan: Plan | IndexPlan | None = None
        self.doing: Callable[[], str | None] = lambda: None  # what is going on beside the work
        self.stopping = False
        self._wired = wired
        # One of its own, which says at once that the database is away: progress and signals must not wait for it.
        self._catalogue = Catalogue(wired.settings.database_url or "", patience_s=0, pool_size=1, revive=wired.revive)
        self._store = StoreProbe(wired.settings)
        self._run = run
        self._report = report
        self._error: KbrayError | None = None
        self._in_order = False  # parts stream, so the first signal need not break off anything
        self._ended = threading.Event()
        self._started = time.monotonic()
        self._beat_at = 0.0
        self._interrupt_at: float | None = None  # once the run is to stop
        self._interrupted = False
        self._silent_since: float | None = None  # the database
        self._last = Progress(0, 0, 0, 0, 0, 0, 0.0)
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        self._catalogue.close()
        self._store.end()
        if isinstance(error, KeyboardInterrupt):
            self.raise_error()  # it was this thread that interrupted
        if error is None and self._report:
            self._report(self.progress())

    @contextmanager
    def listening(self, *, in_order: bool = False) -> Iterator[None]:
        """Inside, SIGINT, SIGTERM and SIGHUP stop the run. Elsewhere than in the main thread, only `kbray`'s own stop does."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        with handled(self._on_signal):
            outside, self._in_order = self._in_order, in_order
            try:
                yield
            finally:
                self._in_order = outside

    def progress(self) -> Progress:
        """Raises: DatabaseUnavailable."""
        return self._progress(self._wired.catalogue().run(self._run))

    def raise_error(self) -> None:
        """Raise what the watching thread met: the lease lost, the database gone."""
        if self._error is not None:
            raise self._error

    def _progress(self, info: RunInfo) -> Progress:
        plan = self.plan
        return Progress(
            files_total=plan.files if plan else 0,
            files_done=info.files_done,
            files_failed=info.files_failed,
            pages_total=plan.pages if plan else 0,
            pages_done=info.pages_done,
            pages_failed=info.pages_failed,
            elapsed_s=time.monotonic() - self._started,
            message="Stopping: parts in flight are finished" if self.stopping else self._store.trouble() or self.doing(),
        )

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        at_once = self.stopping or self._error or not self._in_order
        self.stopping = True  # noted before it is raised, for the case that the interrupt is swallowed
        if at_once:
            interrupt(number, frame)

    def _watch(self) -> None:
        try:
            while not self._ended.wait(REPORT_S):
                try:
                    self._look()
                    self._silent_since = None
                except DatabaseUnavailable as error:
                    self._wait_out(error)
                if self._interrupt_at is not None and time.monotonic() >= self._interrupt_at:
                    self._interrupt()
                if self._report:
                    self._report(self._last)
        except KbrayError as error:
            self._error = error
            self._interrupt()
            while not self._ended.wait(AGAIN_S):
                self._interrupt()

    def _look(self) -> None:
        if self.stopping and self._interrupt_at is None:
            self._interrupt_at = time.monotonic() + grace_s()
            self._catalogue.request_stop(self._run)
        elif self._interrupt_at is not None and not self._interrupted and not self._catalogue.holds(self._run):
            self._interrupt_at = time.monotonic()  # the rest of the stream would only be told that nothing is to be claimed
        if time.monotonic() >= self._beat_at:
            self._wired.revive()  # a server that was told to stop still answers this thread, and nobody who comes anew
            self.stopping |= self._catalogue.beat(self._run) == "stopping"
            self._beat_at = time.monotonic() + self._wired.settings.heartbeat_s
        self._last = self._progress(self._catalogue.run(self._run))
        metrics.left(self._run, self._last)

    def _wait_out(self, error: DatabaseUnavailable) -> None:
        """Raises: DatabaseUnavailable: for longer than the patience."""
        patience_s = self._wired.settings.patience_s
        self._silent_since = self._silent_since or time.monotonic()
        waited = time.monotonic() - self._silent_since
        if waited > patience_s:
            raise DatabaseUnavailable(
                f"{error.message.removesuffix(', after 0 s of trying.')}, after {patience_s:g} s of trying."
            )
        message = f"The database does not answer; waited {waited:.0f} of {patience_s:g} s for it"
        self._last = replace(self._last, elapsed_s=time.monotonic() - self._started, message=message)

    def _interrupt(self) -> None:
        """End the stream, and nothing else: what comes before it and after it looks at `stopping` and `raise_error` itself."""
        if self._in_order:
            self._interrupt_at = time.monotonic() + AGAIN_S
            self._interrupted = True
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def grace_s() -> float:
    """How long parts in flight may take to end in order. Ray kills a job soon after it asked it to stop; and who gives it more
    time than that still waits for the job's end.
    """
    if job_id():
        return min(GRACE_S, max(0.5, float(os.environ.get("RAY_JOB_STOP_WAIT_TIME_S", "3")) - 2))
    return GRACE_S
