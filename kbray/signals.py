"""The signals by which a process is asked to end: Ctrl-C, SIGTERM, and SIGHUP when its terminal is closed."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]
_AGAIN_S = 0.05
_SOON_S = 1.0


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Inside, `handler` is called for each of them; elsewhere than in the main thread, nothing is changed.

    SIGHUP stays ignored where it is (`nohup`). It counts once: a terminal that closes sends it through its shell and once more by
    the kernel, and the second must not be taken for the user's wish to end at once, nor end us on the way out.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    hangup = signal.getsignal(signal.SIGHUP)
    if hangup != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda number, frame: _once(handler, number, frame))
    try:
        yield
    finally:
        for number, handle in before.items():
            signal.signal(number, handle)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, hangup)


@contextmanager
def held() -> Iterator[None]:
    """What is begun inside is done before one of them is heard, behind it; unless it takes more than a second."""
    came: list[int] = []
    again = threading.Timer(_SOON_S, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    again.daemon = True

    def note(number: int, frame: FrameType | None) -> None:
        if came:
            interrupt(number, frame)
        came.append(number)
        again.start()

    try:
        with handled(note):
            yield
    finally:
        again.cancel()
    if came:  # SIGHUP counts once, so it would be ignored now
        signal.raise_signal(signal.SIGTERM if came[0] == signal.SIGHUP else came[0])


def interrupt(_: int, frame: FrameType | None) -> None:
    """A handler, for the main thread: KeyboardInterrupt; where `logging` is at work, as soon as it no longer is.

    There it would leave a lock behind for which other threads wait without end; around a fork, when `logging` holds that lock, it
    would be swallowed, too.
    """
    while frame is not None:
        if frame.f_code.co_filename == logging.__file__:
            again = threading.Timer(_AGAIN_S, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def end_as_python_does() -> None:
    """SIGTERM and SIGHUP end the process as `sys.exit` does from now on, so that what it uses is closed; where nobody else has a
    handler for them."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, lambda number, frame: _once(_exit, number, frame))


@contextmanager
def children_without_hangup() -> Iterator[None]:
    """What is started inside does not hear that the terminal is closed: its parent does, and ends it in order.

    Blocked, not ignored: one that comes meanwhile reaches this process afterwards, or by another thread.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _once(handler: Handler, number: int, frame: FrameType | None) -> None:
    if number == signal.SIGHUP:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    handler(number, frame)


def _exit(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
