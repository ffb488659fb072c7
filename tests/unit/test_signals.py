"""Interrupts that come at a bad moment."""

import logging
import signal
import time

import pytest

from kbray.signals import handled, held, interrupt


class Interrupted(logging.Handler):
    """Ctrl-C comes while it writes."""

    written = False

    def emit(self, record: logging.LogRecord) -> None:
        signal.raise_signal(signal.SIGINT)
        self.written = True


def test_an_interrupt_does_not_break_off_what_is_being_logged() -> None:
    log, to = logging.Logger("interrupted"), Interrupted()
    log.addHandler(to)
    with handled(interrupt), pytest.raises(KeyboardInterrupt):
        log_and_wait(log)
    assert to.written


def log_and_wait(log: logging.Logger) -> None:
    log.warning("under way")
    time.sleep(10)  # it comes at once
    pytest.fail("the interrupt was lost")


def begin(done: list[str], seconds: float = 0) -> None:
    with held():
        signal.raise_signal(signal.SIGINT)
        time.sleep(seconds)
        done.append("all of it")


def test_what_is_begun_is_done_before_an_interrupt_is_heard() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        begin(done)
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_takes_long_is_broken_off() -> None:
    done: list[str] = []
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        begin(done, 20)
    assert not done
    assert time.monotonic() - began < 10


def test_a_hang_up_while_something_begins_ends_as_a_kill_does() -> None:
    heard: list[int] = []
    hangup = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with held():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGHUP, hangup)
    assert heard == [signal.SIGTERM]
