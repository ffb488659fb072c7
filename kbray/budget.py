"""One bound on memory, and what follows from it: workers, actors, object store, blocks, and what a parser may take.

The figures are proportional set sizes (shared pages split among their users) seen on Linux with Ray 2.60.
"""

import os
from collections.abc import Sequence
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
"""An actor with its models and what it works on; 0.8 GiB were seen of recognition on large pages, 0.8 of embedding by torch,
0.4 without."""
STORE_SHARE = 8
"""One part in so many is the object store."""
LEAST_STORE_BYTES = 128 * MiB
BLOCKS_IN_STORE = 16
"""So many blocks fit the store: those in work and those that wait, of each operator."""
MOST_BLOCK_BYTES = 32 * MiB
"""Size at which Ray cuts blocks, at most: several parts of ordinary books, one of scanned pages."""
TASK_BYTES = WORKER_BYTES + CHILD_BYTES
"""What a task that takes a core asks of its node on a cluster that was joined, where Ray counts for us what fits."""
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a cluster on this machine is started with, or what one that was joined has room for."""

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
    workers, actors, parse_memory_bytes = _shared(settings, spare, cores(), models=models)
    if not workers:
        least = (base + _each(models=models)) * STORE_SHARE / (STORE_SHARE - 1)
        raise ConfigError(
            f"{memory / GiB:.1f} GiB of memory are too little for one worker: kbray needs {least / GiB:.1f} GiB. "
            "Raise `memory` (--memory), or use a larger machine."
        )
    return Budget(
        workers=workers,
        actors=actors,
        store_bytes=store,
        block_bytes=_block_bytes(store),
        parse_memory_bytes=parse_memory_bytes,
    )


@dataclass(frozen=True, slots=True)
class Node:
    """What a node of a cluster gives to tasks and actors, as Ray counts it."""

    cores: int
    gpus: float
    memory_bytes: int  # beside its object store
    store_bytes: int


def of_nodes(settings: Settings, nodes: Sequence[Node], *, models: bool) -> Budget:
    """What a cluster that was joined has room for, all nodes together; `memory` bounds what is taken of each.

    A parser may take the same everywhere, or the fate of a file would hang on where it came to: as much as on the node that has
    most for each. On nodes with less, several that are large at once may be too many: Ray then ends one, and it is tried again.
    Raises: ConfigError: no node has enough for one worker.
    """
    on_gpus = any(node.gpus for node in nodes)
    shares = []
    for node in nodes:
        spare = min(node.memory_bytes, settings.memory or node.memory_bytes)
        workers, actors, parse = _shared(settings, spare, node.cores, models=models and (not on_gpus or node.gpus > 0))
        if workers:
            shares.append((workers, actors, parse))
    if not shares:
        most = max((min(node.memory_bytes, settings.memory or node.memory_bytes) for node in nodes), default=0)
        raise ConfigError(
            f"No node of the Ray cluster has memory for one worker: kbray needs {_each(models=models) / GiB:.1f} GiB beside the "
            f"object store, and the most is {most / GiB:.1f} GiB. Raise what a node gives (`ray start --memory`), or `memory`."
        )
    workers, actors = sum(share[0] for share in shares), sum(share[1] for share in shares)
    store = min(node.store_bytes for node in nodes)
    return Budget(
        workers=min(settings.workers or workers, workers),
        actors=min(settings.model_actors or actors, actors),
        store_bytes=store,
        block_bytes=_block_bytes(store),
        parse_memory_bytes=max(share[2] for share in shares),
    )


def _shared(settings: Settings, spare: int, most: int, *, models: bool) -> tuple[int, int, int]:
    """Workers, at most so many, actors, and what each parser may take, of so much memory; 0 workers: it is too little."""
    workers = min(settings.workers or most, spare // _each(models=models))
    if workers < 1:
        return 0, 0, 0
    actors = min(settings.model_actors or workers, max(1, (spare - workers * TASK_BYTES) // ACTOR_BYTES))
    left = spare - workers * WORKER_BYTES - (actors * ACTOR_BYTES if models else 0)
    return workers, actors, min(settings.parse_memory_bytes, left // workers)


def _each(*, models: bool) -> int:
    return TASK_BYTES + (ACTOR_BYTES if models else 0)


def _block_bytes(store: int) -> int:
    return min(MOST_BLOCK_BYTES, store // BLOCKS_IN_STORE)


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
