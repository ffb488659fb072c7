"""Ray's dashboard on this machine: it comes up beside the work, not before it, and with it what serves nobody else.

Ray starts it before all else, with two more processes, and waits for it; Ray Data waits for the actor whose statistics it shows.
On two cores that was a third of a small run, which ends before anybody looks (docs/trials.md, start-up). No setting of Ray's puts
them off; so what starts them is replaced, and called later.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import ray
from ray._private import worker
from ray._private.node import Node
from ray.data._internal import stats

from kbray.flow import children
from kbray.flow.replaced import replaced

AFTER_S = 10.0
"""That Ray is up."""

_TRIES, _TRY_S = 50, 0.1


def put_off() -> AbstractContextManager[None]:
    """A Ray that is started inside starts none of it. Raises: AttributeError: of a Ray that names these otherwise."""
    return replaced(*((Node, name, _nothing) for name in ("start_monitor", "start_log_monitor", "start_api_server")))


class Dashboard:
    """Of the cluster that this process starts."""

    def __init__(self, folder: Path) -> None:
        """Args: folder: for its temporary files."""
        self.url: str | None = None  # once it is up
        self._folder = folder
        self._statistics = _Statistics(stats.get_or_create_stats_actor)
        self._unwanted, self._gone = threading.Event(), threading.Event()
        self._turn = threading.Lock()  # what is asked of Ray is done before it is shut down, or not at all
        # The kernel ends what a thread of ours has started for Ray, with that thread: so it lives as long as the cluster.
        self._thread = threading.Thread(target=self._come, name="dashboard", daemon=True)

    @contextmanager
    def beside(self, *, wanted: bool) -> Iterator[None]:
        """Inside, Ray is up, and so is the dashboard after a while. One that is still to come at the end won't."""
        with replaced((stats, "get_or_create_stats_actor", lambda: self._statistics.actor or self._statistics)):
            if wanted:
                self._thread.start()
            try:
                yield
            finally:
                with self._turn:
                    self._unwanted.set()
                _kill()  # Ray ends it alone, and what it has started lives on for a second or two

    def end(self) -> None:
        """When Ray is down. One that is coming up is not waited for: who pressed Ctrl-C waits for us."""
        for _ in range(_TRIES):
            if not self._thread.is_alive():
                break
            _kill()
            self._gone.set()
            self._thread.join(_TRY_S)

    def _come(self) -> None:
        if self._unwanted.wait(AFTER_S):
            return
        node: Any = worker._global_node
        with children.with_files_in(self._folder):
            with self._turn:
                if self._unwanted.is_set():
                    return
                node.start_monitor()
                node.start_log_monitor()
            node.start_api_server(include_dashboard=None, raise_on_failure=False)
        with self._turn:
            if node.webui_url and not self._unwanted.is_set():
                self.url = node.webui_url
                self._statistics.begin()
        self._gone.wait()


class _Statistics:
    """Stands where Ray Data's actor for statistics is, in the way it is called, until that is started."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.actor: Any = None
        self._make = make
        self._datasets: list[tuple[Any, ...]] = []
        self._lock = threading.Lock()
        self.gen_dataset_id = _Call(lambda: ray.put(uuid4().hex))
        self.register_dataset = _Call(self._register)
        self.update_execution_metrics = self.update_iteration_metrics = _Call(_nothing)

    def begin(self) -> None:
        """From now on the real one is told, of the datasets that there are, too."""
        with self._lock:
            actor = self._make()
            for dataset in self._datasets:
                actor.register_dataset.remote(*dataset)
            self.actor = actor

    def _register(self, *dataset: Any) -> None:
        with self._lock:
            if self.actor is None:
                self._datasets.append(dataset)
            else:
                self.actor.register_dataset.remote(*dataset)


class _Call:
    def __init__(self, does: Callable[..., object]) -> None:
        self.remote = does


def _kill() -> None:
    children.kill(child for child in psutil.Process().children() if _is_dashboard(child))


def _is_dashboard(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "dashboard.py" in " ".join(process.cmdline())
    return False


def _nothing(*_: object, **__: object) -> None:
    """Nobody looks yet."""
