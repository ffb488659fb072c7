"""Somebody who tells the user when this process ends without being able to.

The system kills it for lack of memory; and Ray's core ends it on the spot, without Python's knowledge, when the raylet dies.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

WORDS = (
    "kbray: the run was killed from outside, or Ray beside it was, perhaps for lack of memory. "
    "Nothing is lost: run the same command again and it goes on where it was."
)


@contextmanager
def witnessed() -> Iterator[None]:
    """If this process ends inside the block, the user reads so on stderr. What is raised in the block is told elsewhere."""
    # Its stdin ends without a line when we die. A session of its own, so that Ctrl-C doesn't reach it.
    shell = 'read -r line || printf "%s\\n" "$1" >&2'
    with subprocess.Popen(["sh", "-c", shell, "sh", WORDS], stdin=subprocess.PIPE, start_new_session=True) as witness:
        try:
            yield
        finally:
            witness.communicate(b"well\n")
