"""Ctrl-C in order: the first asks the work to end, the second ends it at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kbray.cli.render import say
from kbray.signals import handled, interrupt

INTERRUPTED = 130  # exit code, as shells have it for a command that Ctrl-C ended


@contextmanager
def stoppable(what: str) -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM or a closed terminal sets inside the block; a second signal raises KeyboardInterrupt.

    Args: what: what is being waited for after the first one, as in "Stopping: {what}".
    """
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            interrupt(number, frame)
        stop.set()
        say(f"Stopping: {what}. Press Ctrl-C again to stop at once.")

    with handled(on_signal):
        yield stop
