"""Whether the object store answers, asked beside the work: the workers wait for it in silence, and the user should know why."""

import threading
import time

from kbray import objects
from kbray.config import Settings
from kbray.errors import KbrayError
from kbray.objects import layout

SLOW_S = 3.0
"""An answer that takes longer is called none."""


class StoreProbe:
    """Asks for one object with each heartbeat, in a thread of its own: a store that is away may take half a minute to say so."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"patience_s": 0})
        self._asked_at: float | None = None
        self._error: str | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._ask, name="store probe", daemon=True).start()

    def trouble(self) -> str | None:
        """What is wrong with the store now, in a sentence; None: nothing."""
        asked_at = self._asked_at
        if self._error is None and asked_at is not None and time.monotonic() - asked_at > SLOW_S:
            return f"{self._settings.objects} does not answer; it is waited for"
        return self._error

    def end(self) -> None:
        """Don't ask any more. The thread may still wait for its last answer."""
        self._ended.set()

    def _ask(self) -> None:
        while not self._ended.wait(self._settings.heartbeat_s):
            self._asked_at = time.monotonic()
            try:
                objects.connect(self._settings).exists(layout.original("0"))
            except KbrayError as error:
                self._error = f"{error.message.rstrip('.')}; it is waited for"
            else:
                self._error = None
            self._asked_at = None
