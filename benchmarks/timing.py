"""CPU seconds of reading a file, of this process and of what it starts."""

import resource
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kbray.errors import DocumentError

T = TypeVar("T")
# What other libraries are seen to raise for files they can't read, beside errors of their own.
_THEIRS = (RuntimeError, ValueError, TypeError, LookupError, OSError, AssertionError, AttributeError)


def least(read: Callable[[Path], T], path: Path, rounds: int, engine: str) -> tuple[T, float] | None:
    """What was read and the fewest CPU seconds of so many rounds; None: it can't be read. kbray refuses by DocumentError only."""
    try:
        return min((_timed(read, path) for _ in range(rounds)), key=lambda told: told[1])
    except DocumentError:
        return None
    except _THEIRS:
        if engine.startswith("kbray"):
            raise
        return None
    except BaseException as error:
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & {"PanicException", "KreuzbergError", "UnprocessableEntityError", "PythonPptxError", "BadZipFile"}:
            return None  # a panic of Rust: no Exception, and its module can't be imported; errors of libraries of their own kind
        raise


def _timed(read: Callable[[Path], T], path: Path) -> tuple[T, float]:
    before = _cpu_s()
    found = read(path)
    return found, _cpu_s() - before


def _cpu_s() -> float:
    """Of this process and of what it started and has ended."""
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
