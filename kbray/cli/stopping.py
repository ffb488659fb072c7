"""Ctrl-C in order: the first asks the work to end, the second ends it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kbray.cli.render import say

INTERRUPTED = 130  # exit code, as shells have it for a command that Ctrl-C ended


@contextmanager
def stoppable(what: str) -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets inside the block; a second signal raises KeyboardInterrupt.

    Args: what: what is being waited for after the first one, as in "Stopping: {what}".
    """
    stop = threading.Event()

    def on_signal(number: int, _: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        say(f"Stopping: {what}. Press Ctrl-C again to stop at once.")

    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread may set signal handlers
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
