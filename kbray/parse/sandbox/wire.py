"""What the parse child sends home, and how it is read there without trusting it.

A parser that fell to its document could send any pickle; so only the classes of the model are let in, and errors travel as
text and are made anew.
"""

import builtins
import io
import pickle
import traceback
from dataclasses import dataclass

from kbray import errors
from kbray.errors import KbrayError

_TRUSTED_MODULES = frozenset({"kbray.model", "kbray.geometry", __name__})
_TRACEBACK_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Problem:
    """An exception, told in words."""

    module: str
    name: str
    message: str
    traceback: str
    page: int | None = None
    chapter: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a call: its value or its problem, and what it cost."""

    value: object = None
    problem: Problem | None = None
    cpu_s: float = 0.0  # of this call, ended grandchildren included
    peak_bytes: int = 0  # resident memory of the child alone during this call
    rss_bytes: int = 0  # what it keeps afterwards


def describe(error: BaseException) -> Problem:
    """An exception as data; safe for exceptions that can't be printed or pickled."""
    told = traceback.TracebackException.from_exception(error)
    text = "".join(told.format())[-_TRACEBACK_CHARS:]
    kind = type(error)
    if isinstance(error, KbrayError):
        return Problem(kind.__module__, kind.__name__, error.message, text, error.page, error.chapter)
    return Problem(kind.__module__, kind.__qualname__, str(told), text)


def revive(problem: Problem) -> Exception:
    """The exception again, its remote traceback as a note.

    kbray's own and Python's own exceptions come back as themselves, others as KbrayError with their name in the message.
    """
    error = _own(problem) or _builtin(problem) or KbrayError(f"{problem.name}: {problem.message}")
    error.add_note(problem.traceback)
    return error


def _own(problem: Problem) -> KbrayError | None:
    kind = getattr(errors, problem.name, None) if problem.module == errors.__name__ else None
    if isinstance(kind, type) and issubclass(kind, KbrayError):
        return kind(problem.message, page=problem.page, chapter=problem.chapter)
    return None


def _builtin(problem: Problem) -> Exception | None:
    kind = getattr(builtins, problem.name, None) if problem.module == "builtins" else None
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(problem.message)
        except TypeError:  # UnicodeDecodeError and such want more than a message
            return None
    return None


def pack(reply: Reply) -> bytes:
    """Raises: TypeError, AttributeError, pickle.PicklingError, RecursionError: the value can't be sent."""
    return pickle.dumps(reply, protocol=5)


def unpack(data: bytes) -> Reply:
    """Raises: pickle.UnpicklingError: not a reply, or it holds something that isn't the model's."""
    try:
        reply = _Reader(io.BytesIO(data)).load()
    except (AttributeError, EOFError, ImportError, IndexError, KeyError, TypeError, ValueError) as error:
        raise pickle.UnpicklingError(f"no reply: {error}") from None
    if not isinstance(reply, Reply):
        raise pickle.UnpicklingError(f"a {type(reply).__name__} instead of a reply")
    return reply


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if module in _TRUSTED_MODULES and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} may not come out of the parser's process")
