"""First looks at files and into them, in child processes: a few for many threads."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from kbray.errors import DocumentError, ParserCrashed, ParseTimeout
from kbray.model import Census
from kbray.parse.sniff import sniff


class CensusTaker(Protocol):
    """The part of parse.sandbox.Sandbox that sync needs."""

    def census(self, path: Path, name: str) -> Census: ...
    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...


class CensusPool:
    """A few sandboxes for many threads, each started when first needed: a sync that finds nothing new starts none."""

    def __init__(self, make: Callable[[], CensusTaker], size: int) -> None:
        self._make = make
        self._free: queue.LifoQueue[CensusTaker | None] = queue.LifoQueue()
        self._size = size
        self._unpacking: list[CensusTaker] = []
        for _ in range(size):
            self._free.put(None)

    @contextmanager
    def _borrow(self) -> Iterator[CensusTaker]:
        taker = self._free.get()
        try:
            taker = taker if taker is not None else self._make()
            yield taker
        finally:
            self._free.put(taker)

    def census(self, path: Path, name: str) -> Census:
        """A file whose census kills or outlasts its child is still a file: its kind is known, its pages are not."""
        try:
            with self._borrow() as taker:
                return taker.census(path, name)
        except DocumentError:
            return Census(sniff(path, name))

    def attachments(self, path: Path, media_type: str, folder: Path) -> tuple[str, ...]:
        """The files in a file, as the parse child unpacks them; none where it is damaged, as `process` tells.

        Raises: ParseTimeout, ParserCrashed: it was not finished.
        """
        with self._borrow() as taker:
            self._unpacking.append(taker)
            try:
                return taker.attachments(path, media_type, folder)
            except (ParseTimeout, ParserCrashed):
                raise
            except DocumentError:
                return ()
            finally:
                self._unpacking.remove(taker)

    def interrupt(self) -> None:
        """End at once what is being unpacked: `attachments` raises ParserCrashed. A census is left to its end."""
        for taker in tuple(self._unpacking):
            taker.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for _ in range(self._size):  # waits for those that are borrowed
            taker = self._free.get()
            if taker is not None:
                taker.close()
