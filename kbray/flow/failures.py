"""The one place that turns any exception of a stage into a failure, and the only one that catches them all:
one file must never stop the others."""

from types import TracebackType

from kbray.errors import KbrayError, ModelOutOfMemory, TransientError, format_traceback, signature
from kbray.model import Failure, Stage


def failure_of(error: Exception, stage: Stage, page: int | None = None) -> Failure:
    """What the catalogue keeps of `error`. What kbray has no name for is an `internal_error` with its traceback."""
    trace = format_traceback(error)
    if isinstance(error, KbrayError):
        code, message, chapter = error.code, error.message, error.chapter
        page = error.page if error.page is not None else page
    else:
        code, message, chapter = KbrayError.code, f"{type(error).__name__}: {error}", None
    return Failure(code, message, stage, signature(code, stage, message, trace), page, chapter, trace)


class recorded:  # reads as a verb: `with recorded("parse") as failures:`
    """Run a block; what it raises is added to the list given. Outages are let through: they are not the document's fault."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._failures: list[Failure] = []

    def __enter__(self) -> list[Failure]:
        return self._failures

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        outage = isinstance(error, TransientError) and not isinstance(error, ModelOutOfMemory)
        if not isinstance(error, Exception) or outage:
            return False
        self._failures.append(failure_of(error, self._stage))
        return True
