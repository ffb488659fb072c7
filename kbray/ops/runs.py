"""A command's run in the catalogue: begun, kept alive, and ended in a state that tells how it went."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from kbray.catalogue import Catalogue
from kbray.errors import DatabaseUnavailable, FencedOut
from kbray.model import RunId, RunState


class RecordedRun:
    """A run that is `running` inside the `with` block and ended after it, whatever happens.

    Runs that died before it are reaped first, so their parts are free and `kbray status` doesn't show them as live.
    """

    def __init__(
        self, catalogue: Catalogue, command: str, arguments: Mapping[str, object], *, lease_s: float, heartbeat_s: float
    ) -> None:
        self._catalogue = catalogue
        self._command = command
        self._arguments = arguments
        self._lease_s = lease_s
        self._heartbeat_s = heartbeat_s
        self._beaten_at = time.monotonic()
        self._state: RunState = "succeeded"
        self._message: str | None = None

    def __enter__(self) -> Self:
        self._catalogue.reap(self._lease_s)
        self.id: RunId = self._catalogue.start_run(self._command, self._arguments)
        return self

    def beat(self) -> bool:
        """A sign of life, when one is due. False: somebody asked this run to stop.

        Raises: FencedOut: the run was declared dead.
        """
        if time.monotonic() - self._beaten_at < self._heartbeat_s:
            return True
        self._beaten_at = time.monotonic()
        return self._catalogue.beat(self.id) == "running"

    def end_as(self, state: RunState, message: str) -> None:
        """How the run shall end when the block is left without an error."""
        self._state, self._message = state, message

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, DatabaseUnavailable | FencedOut):
            return  # the catalogue can't be told, or knows better
        if isinstance(error, KeyboardInterrupt | SystemExit):
            self.end_as("interrupted", "It was stopped at once.")
        elif error is not None:
            self.end_as("failed", str(error) or type(error).__name__)
        self._catalogue.end_run(self.id, self._state, self._message)
