"""One bound on memory, and what follows from it: workers, actors, object store, blocks, and what a parser may take.

The figures are proportional set sizes (shared pages split among their users) seen on Linux with Ray 2.60.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from kbray.config import GiB, MiB, Settings
from kbray.errors import ConfigError

SHARE = 0.8
"""Of the machine's memory, where no bound is set: the rest is the user's and the page cache's."""
BASE_BYTES = 1152 * MiB
"""Driver, Ray's own processes (eleven of them), PostgreSQL without its buffers."""
LEAST_BUFFERS_BYTES, MOST_BUFFERS_BYTES = 128 * MiB, 512 * MiB
"""Of the embedded PostgreSQL: with more, a search in 100,000 passages is not faster (docs/trials.md, latency)."""
BUFFERS_SHARE = 24
"""One part in so many is theirs."""
WORKER_BYTES = 352 * MiB
"""A parse worker and a writer, without the parse child."""
CHILD_BYTES = 256 * MiB
"""The least a parse child must be granted: the libraries for office files take it."""
ACTOR_BYTES = 1 * GiB
"""An actor with its models and what it works on; 0.7 GiB were seen of recognition, 0.8 of embedding."""
STORE_SHARE = 8
"""One part in so many is the object store."""
LEAST_STORE_BYTES = 128 * MiB
BLOCKS_IN_STORE = 16
"""So many blocks fit the store: those in work and those that wait, of each operator."""
MOST_BLOCK_BYTES = 32 * MiB
"""Size at which Ray cuts blocks, at most: several parts of ordinary books, one of scanned pages."""
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a cluster on this machine is started with."""

    workers: int
    actors: int
    store_bytes: int
    block_bytes: int
    parse_memory_bytes: int

    def applied(self, settings: Settings) -> Settings:
        """The settings for the pipeline: as many workers and actors as fit, and what each parser may take."""
        return settings.model_copy(
            update={
                "workers": self.workers,
                "model_actors": self.actors,
                "parse_memory_bytes": self.parse_memory_bytes,
            }
        )


def of(settings: Settings, *, models: bool, machine_bytes: int | None = None) -> Budget:
    """What fits into `memory`, or else into a share of this machine. What the settings name is kept where it fits.

    Args: models: there may be work for them; without, their memory is the parsers'.
    Raises: ConfigError: it is too little for one worker.
    """
    memory = _bound(settings, machine_bytes)
    base = BASE_BYTES + buffers_bytes(settings, machine_bytes=machine_bytes)
    store = max(LEAST_STORE_BYTES, memory // STORE_SHARE)
    spare = memory - base - store
    each = WORKER_BYTES + CHILD_BYTES + (ACTOR_BYTES if models else 0)
    if spare < each:
        least = (base + each) * STORE_SHARE / (STORE_SHARE - 1)
        raise ConfigError(
            f"{memory / GiB:.1f} GiB of memory are too little for one worker: kbray needs {least / GiB:.1f} GiB. "
            "Raise `memory` (--memory), or use a larger machine."
        )
    workers = min(settings.workers or cores(), spare // each)
    actors = min(settings.model_actors or workers, max(1, (spare - workers * (WORKER_BYTES + CHILD_BYTES)) // ACTOR_BYTES))
    left = spare - workers * WORKER_BYTES - (actors * ACTOR_BYTES if models else 0)
    return Budget(
        workers=workers,
        actors=actors,
        store_bytes=store,
        block_bytes=min(MOST_BLOCK_BYTES, store // BLOCKS_IN_STORE),
        parse_memory_bytes=min(settings.parse_memory_bytes, left // workers),
    )


def buffers_bytes(settings: Settings, *, machine_bytes: int | None = None) -> int:
    """What the embedded PostgreSQL keeps of its tables in memory."""
    memory = _bound(settings, machine_bytes)
    return min(max(memory // BUFFERS_SHARE, LEAST_BUFFERS_BYTES), MOST_BUFFERS_BYTES)


def _bound(settings: Settings, machine_bytes: int | None) -> int:
    return settings.memory or int(SHARE * (machine_bytes or memory_bytes()))


def memory_bytes() -> int:
    """What this machine has, or what the container is allowed."""
    allowed = _limits("memory.max") or _limits("memory/memory.limit_in_bytes")
    return min([psutil.virtual_memory().total, *allowed])


def cores() -> int:
    """How many this process may use: at most those that it is bound to, and what the container is allowed of their time."""
    bound_to = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = _limits("cpu.max") or _limits("cpu/cpu.cfs_quota_us") + _limits("cpu/cpu.cfs_period_us")
    if len(allowed) < 2:
        return bound_to
    quota, period = allowed
    return min(bound_to, max(1, quota // period))


def _limits(name: str) -> list[int]:
    """The numbers in a file of the container's control group; none where it says "max" or -1: there is no limit."""
    path = _CGROUP / name
    words = path.read_text().split() if os.access(path, os.R_OK) else []
    return [int(word) for word in words if word.isdigit()]
