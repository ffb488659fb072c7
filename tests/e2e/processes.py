"""Processes of a run or a node, as a test finds and ends them: each may end by itself between two looks at it."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil


def below(pid: int, name: str = "") -> list[psutil.Process]:
    """The processes below this one whose names begin with the pattern."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if re.match(name, child.name()):
                found.append(child)
    return found


def kill(processes: Iterable[psutil.Process]) -> int:
    """How many there still were to kill."""
    return _each(psutil.Process.kill, processes)


def suspend(processes: Iterable[psutil.Process]) -> int:
    """How many there still were to stop."""
    return _each(psutil.Process.suspend, processes)


def _each(do: Callable[[psutil.Process], None], processes: Iterable[psutil.Process]) -> int:
    done = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            do(process)
            done += 1
    return done
