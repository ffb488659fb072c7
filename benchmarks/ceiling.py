"""What Ray leaves of the cores: tasks of kbray's size that do nothing but burn time, in a pipeline of kbray's shape."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, Datasink

from kbray.config import Settings
from kbray.flow import cluster
from kbray.flow.process import CALLS_PER_ACTOR, PARTS_PER_TASK
from kbray.flow.recognise import NICENESS

FILES = 1_000
CPU_S = 0.21
"""Of a file: what `efficiency` saw parsing take."""


def run(folder: Path, files: int) -> dict[str, object]:
    """As `efficiency` runs it, without the dashboard; with the actors that wait for pages to recognise, and without them."""
    shares = {
        name: _shares(folder / name, files, actors=actors) for name, actors in (("actors", True), ("without_actors", False))
    }
    return {"files": files, **{f"{which}_{name}": share for name, both in shares.items() for which, share in both.items()}}


def _shares(folder: Path, files: int, *, actors: bool) -> dict[str, float]:
    """Of the cores' time in which files were burnt: from the first task to the last, and while nothing started or ended."""
    told = folder / "told"
    told.mkdir(parents=True)
    settings = Settings(home=folder, ray_dashboard=False)
    with cluster.connected(settings, folder / "log", models=True) as up:
        blocks = [pa.table({"told": [str(told)]}) for _ in range(files // PARTS_PER_TASK)]
        burnt = ray.data.from_arrow(blocks).map_batches(
            _burn, batch_size=None, batch_format="pyarrow", compute=cluster.tasks(up.settings), num_cpus=1
        )
        if actors:
            pool = ActorPoolStrategy(
                size=cluster.model_actors(up.settings)[0],
                max_concurrent_calls_per_actor=CALLS_PER_ACTOR,
                max_tasks_in_flight_per_actor=CALLS_PER_ACTOR,
                enable_true_multi_threading=True,
            )
            burnt = burnt.map_batches(_Passing, batch_size=None, batch_format="pyarrow", compute=pool, num_cpus=0)
        burnt.write_datasink(_Nowhere(), ray_remote_args={"num_cpus": 0})
    tasks = sorted(tuple(map(float, path.name.split())) for path in told.iterdir())
    first, last = tasks[0][0], max(ended for _, ended in tasks)
    quiet = first + (last - first) / 4, sorted(ended for _, ended in tasks)[-4]
    return {"share": round(_share(tasks, first, last), 3), "share_steady": round(_share(tasks, *quiet), 3)}


def _share(tasks: Iterable[tuple[float, ...]], begin: float, end: float) -> float:
    burnt = sum(
        max(0.0, min(ended, end) - max(began, begin)) / (ended - began) * PARTS_PER_TASK * CPU_S for began, ended in tasks
    )
    return burnt / ((psutil.cpu_count() or 1) * (end - begin))


def _burn(block: pa.Table) -> Iterator[pa.Table]:
    began = time.time()
    until = time.thread_time() + PARTS_PER_TASK * CPU_S
    while time.thread_time() < until:
        sum(range(20_000))
    (Path(block["told"][0].as_py()) / f"{began} {time.time()}").touch()
    yield block


class _Passing:
    """Recognises nothing."""

    def __init__(self) -> None:
        os.nice(NICENESS)

    def __call__(self, block: pa.Table) -> pa.Table:
        return block


class _Nowhere(Datasink[None]):
    def write(self, blocks: Iterable[pa.Table], ctx: object) -> None:
        for _ in blocks:
            pass
