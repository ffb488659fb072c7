"""How long work shows itself: a live display on a terminal, a line every ten seconds otherwise; always on stderr."""

import io
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kbray.cli.render import count, discard, duration, hung_up, plain, say, size, time_left
from kbray.model import Progress

if TYPE_CHECKING:
    from kbray.ops.migrate.bundle import Moved
    from kbray.ops.sync import SyncOutcome

EVERY_S = 10.0
WINDOW_S = 60.0  # speed is that of the last minute: a slow start must not spoil the time left for hours
LEAST_S = 10.0  # of work seen before a speed is told


class Pace:
    """Pages a second over the last minute, from the progress told so far; files, where pages are not counted.

    What went by before the first of them was done is no part of it: Ray starts, models are loaded. (Of 700 files whose vectors
    took eight minutes more, 49 minutes were told to be left.)
    """

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._counted = (0.0, 0)  # when something was counted last, and how much there was then

    def add(self, progress: Progress) -> None:
        _, done, _ = _work(progress)
        if not done:
            return
        if done != self._counted[1]:
            self._counted = (progress.elapsed_s, done)
        self._samples.append((progress.elapsed_s, done))
        while len(self._samples) > 2 and self._samples[1][0] <= progress.elapsed_s - WINDOW_S:
            self._samples.popleft()

    @property
    def per_s(self) -> float:
        """0: not known yet."""
        if not self._samples:
            return 0.0
        (start, before), (end, after) = self._samples[0], self._samples[-1]
        return (after - before) / (end - start) if end - start >= LEAST_S else 0.0

    @property
    def quiet_s(self) -> float:
        """For how long nothing was counted; 0 before the first."""
        return self._samples[-1][0] - self._counted[0] if self._samples else 0.0


def _work(progress: Progress) -> tuple[str, int, int]:
    """What is counted, how many of it are done with, and how many there are."""
    if progress.pages_total:
        return "pages", progress.pages_done + progress.pages_failed, progress.pages_total
    return "files", progress.files_done + progress.files_failed, progress.files_total


def describe(progress: Progress, per_s: float, quiet_s: float = 0.0) -> str:
    """One line: files and pages done, failed and left, speed and time left.

    No time where nothing was counted for longer than it: what is left goes by another speed, as scans do behind text.
    """
    counted, done, total = _work(progress)
    left = max(0, total - done)
    files_left = max(0, progress.files_total - progress.files_done - progress.files_failed)
    parts = [f"files {progress.files_done:,} done, {progress.files_failed:,} failed, {files_left:,} left"]
    if counted == "pages":
        parts.append(f"pages {progress.pages_done:,} done, {progress.pages_failed:,} failed, {left:,} left")
    if per_s > 0:
        parts.append(f"{per_s:.1f} {counted}/s" + (f", {time_left(left / per_s)}" if left > quiet_s * per_s else ""))
    text = f"{duration(progress.elapsed_s)}: {'; '.join(parts)}"
    return text + (f" ({plain(progress.message)})" if progress.message else "")


def describe_sync(outcome: "SyncOutcome") -> str:
    return (
        f"{duration(outcome.elapsed_s)}: {count(outcome.files_seen, 'file')} seen, {outcome.new:,} new, "
        f"{outcome.unchanged:,} unchanged, {count(outcome.problems, 'problem')}, {size(outcome.bytes)} read"
    )


@contextmanager
def process_display() -> Iterator[Callable[[Progress], None]]:
    """A function to tell progress to, as often as one likes."""
    pace = Pace()
    with _display() as show:

        def report(progress: Progress) -> None:
            pace.add(progress)
            show(describe(progress, pace.per_s, pace.quiet_s), *_work(progress)[1:])

        yield report


@contextmanager
def sync_display() -> "Iterator[Callable[[SyncOutcome], None]]":
    """As process_display; how many files there will be is not known, so there is no bar."""
    with _display() as show:
        yield lambda outcome: show(describe_sync(outcome), 0, 0)


@contextmanager
def migrate_display() -> "Iterator[Callable[[Moved], None]]":
    """As process_display, for objects that are copied or read."""
    began = time.monotonic()

    def describe_move(moved: "Moved") -> str:
        done = f" {moved.objects:,} of {moved.total:,}, {size(moved.bytes)}" if moved.total else ""
        return f"{duration(time.monotonic() - began)}: {moved.doing}{done}"

    with _display() as show:
        yield lambda moved: show(describe_move(moved), moved.objects, moved.total)


class _Terminal(io.TextIOWrapper):
    """Takes what is written when the terminal was closed, too: the work must not end for want of a display."""

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            if not hung_up(self, error):
                raise
            discard(self)
            super().flush()


Show = Callable[[str, int, int], None]


@contextmanager
def _display() -> Iterator[Show]:
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    spinner = Spinner("dots")  # one for the whole time, or it would always show its first frame

    # A way to the terminal of its own: while Ray is up, what is written to descriptor 2 goes to a log.
    with (
        _Terminal(open(os.dup(sys.stderr.fileno()), "wb"), encoding="utf-8", errors="backslashreplace") as terminal,  # noqa: PTH123
        Live(spinner, console=Console(file=terminal), transient=True, refresh_per_second=4) as live,
    ):

        def show(line: str, done: int, total: int) -> None:
            spinner.update(text=Text(line))
            rows = Table.grid()
            if total:
                rows.add_row(ProgressBar(total=total, completed=done, width=60))
            rows.add_row(spinner)
            live.update(rows)

        yield show


def _lines() -> Show:
    """A line every ten seconds, the first after ten: short work needs none."""
    last = time.monotonic()

    def show(line: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_S:
            last = time.monotonic()
            say(line)

    return show
