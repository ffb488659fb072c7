"""The processes of a Ray on this machine: how they are started, and how those that are left are ended."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from kbray.signals import children_without_hangup

_PATIENCE_S = 10


@contextmanager
def with_files_in(folder: Path) -> Iterator[None]:
    """Processes started inside, and all that these start: their temporary files lie there, and we end them, not a hang-up."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        with children_without_hangup():
            yield
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


def kill(children: Iterable[psutil.Process]) -> None:
    """With their own children."""
    left = []
    for child in children:
        with suppress(psutil.NoSuchProcess):
            left += [child, *child.children(recursive=True)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=_PATIENCE_S)
