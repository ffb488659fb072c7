"""What a Ray worker process keeps between tasks: its database connection, object store and parse child."""

from functools import lru_cache

from kbray.config import Settings
from kbray.wiring import Wiring


@lru_cache(maxsize=1)
def here(settings: Settings) -> Wiring:
    """The wiring of this worker, made at its first task. The parse child dies with its worker."""
    return Wiring(settings)
