"""Work behind parse that kills its worker: Ray does it again, for ever and without a word, so each try leaves a mark on the node.

Parse needs none of this: its work is in a child, and a task done again claims anew, which counts.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kbray.config import Settings
from kbray.errors import ParserCrashed
from kbray.model import Claim, IndexClaim, RunId

MAX_INTERRUPTIONS = 10
"""How often a part may be in flight when its run dies, before it is taken for the cause."""
TRIES = 2
"""How many workers a piece of work may kill before it is taken for the cause."""


def refuse(claim: Claim | IndexClaim, max_attempts: int, work: str) -> None:
    """Attempts are counted before the work, so one that kills its worker is seen here the next time.

    Raises: ParserCrashed: it did so often enough.
    """
    if claim.attempt > max_attempts or claim.interruptions > MAX_INTERRUPTIONS:
        tries = claim.attempt - 1 + claim.interruptions
        raise ParserCrashed(f"{work.capitalize()} ended with the death of its worker {tries} times; it is set aside.")


@contextmanager
def counted(settings: Settings, claim: Claim | IndexClaim, work: str, *, page: int | None = None) -> Iterator[None]:
    """Do a piece of work (`work` is how a message calls it), unless it killed its worker `TRIES` times on this node.

    Raises: ParserCrashed: it did.
    """
    mark = _folder(settings, claim.run) / f"{claim.token}-{work.replace(' ', '-')}-{page or 0}"
    mark.parent.mkdir(parents=True, exist_ok=True)
    with mark.open("ab") as tries:
        if tries.tell() >= TRIES:
            raise ParserCrashed(f"{work.capitalize()} ended its process {TRIES} times; it is set aside.", page=page)
        tries.write(b".")
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def forget(settings: Settings, run: RunId) -> None:
    """The run is over: its marks on this node are gone."""
    shutil.rmtree(_folder(settings, run), ignore_errors=True)


def _folder(settings: Settings, run: RunId) -> Path:
    return settings.home / "inflight" / str(run)
