"""Interrupts that come at a bad moment."""

import logging
import signal
import time

import pytest

from kbray.signals import handled, interrupt


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
