"""Ray, as kbray uses it: started on this machine or joined, quiet, with its noise in a log file."""

import logging
import os
import secrets
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psutil
import ray
from ray._private import worker
from ray.data import DataContext, TaskPoolStrategy

from kbray import budget
from kbray.config import Settings
from kbray.errors import ClusterUnavailable, ConfigError
from kbray.flow import backpressure, children, one_node, reach
from kbray.flow.dashboard import Dashboard, put_off
from kbray.parse.sandbox.scratch import Scratch, sweep


@dataclass(frozen=True, slots=True)
class Cluster:
    """Ray, while it is up."""

    settings: Settings  # what its workers get: cut to what fits
    dashboard: Callable[[], str | None]  # URL, once it is up
    folder: Path | None  # of what was started here


@contextmanager
def connected(settings: Settings, log: Path, *, models: bool) -> Iterator[Cluster]:
    """Inside, Ray is up: a cluster on this machine, or the one at `ray_address`.

    The settings are cut to what the memory of this machine, or of its nodes, can hold. Args: models: there may be work for them.
    Raises: ConfigError: there is no cluster there, or a node of it does not reach database or objects, or none has the memory.
            ClusterUnavailable: it does not start here, or its folder is taken away.
    """
    kept = _Kept.now
    if kept is None:
        with _connected(settings, log, models) as up, _in_place(up):
            yield up
        return
    if kept.up is not None:
        _log_to(log)
    else:
        kept.up = kept.stack.enter_context(_connected(settings, log, models))
    with _in_place(kept.up):
        yield kept.up


@contextmanager
def _in_place(up: Cluster) -> Iterator[None]:
    """Raises: ClusterUnavailable: what ended the work is that Ray's folder is gone."""
    try:
        yield
    except (OSError, ClusterUnavailable) as error:
        if up.folder is None or up.folder.is_dir():
            raise
        raise ClusterUnavailable(
            f"Ray's folder {up.folder} was removed while it worked, as who cleans temporary files does. TMPDIR (of 20 characters "
            "at most) names another place."
        ) from error


@contextmanager
def kept() -> Iterator[None]:
    """Inside, Ray is started by the first run that needs it, and stays up for the next ones."""
    with ExitStack() as stack:
        _Kept.now = _Kept(stack)
        try:
            yield
        finally:
            _Kept.now = None


@dataclass
class _Kept:
    """A cluster that outlasts its run."""

    now: ClassVar["_Kept | None"] = None
    stack: ExitStack
    up: Cluster | None = None


@contextmanager
def _connected(settings: Settings, log: Path, models: bool) -> Iterator[Cluster]:
    with _native_noise_to(log), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module=r"ray\.")  # advice on pipelines, not for our users
        with _joined(settings, models) if _joins(settings) else _started(settings, models) as (up, block_bytes):
            _configure(DataContext.get_current(), log, block_bytes)
            yield up


def cpus(settings: Settings) -> int:
    """How many tasks that take a core each run at once."""
    resources = ray.cluster_resources()
    cores = resources.get("CPU", 1)
    return max(1, int(min(cores, resources.get("memory", 0) // budget.TASK_BYTES) if _joins(settings) else cores))


def tasks(settings: Settings) -> TaskPoolStrategy:
    """For tasks that take a core each. Where the cores are the bound one more is sent out than can run: who ends one has the next
    at hand, and doesn't wait until the driver has heard of it (of two cores that was a fifteenth of the time).
    """
    if settings.workers is None:
        return TaskPoolStrategy()
    return TaskPoolStrategy(size=settings.workers + (settings.workers >= cpus(settings)))


def memory(settings: Settings, each: int) -> int | None:
    """What a task or an actor that takes `each` bytes asks of its node.

    On a cluster that was joined nodes differ, come and go, and others work there: Ray counts what fits. On this machine our own
    count of them is the bound.
    """
    return each if _joins(settings) else None


def _joins(settings: Settings) -> bool:
    return settings.ray_address is not None or "RAY_ADDRESS" in os.environ


def model_actors(settings: Settings) -> tuple[int, float]:
    """How many actors run models, and which share of a GPU each takes; 0: the cluster has none."""
    gpus = ray.cluster_resources().get("GPU", 0)
    if gpus:
        return max(1, int(gpus / settings.gpu_share)), settings.gpu_share
    return settings.model_actors or cpus(settings), 0


_Running = tuple[Cluster, int]
"""And the bytes of a block."""


@contextmanager
def _started(settings: Settings, models: bool) -> Iterator[_Running]:
    """A cluster on this machine.

    All it leaves lies in two folders, which vanish with it, or are swept by the next one.
    Raises: ConfigError: there is too little memory. ClusterUnavailable: it does not start.
    """
    fitting = budget.of(settings, models=models)
    spill = settings.home / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    # Ray's sockets lie 87 characters below, and the path of a socket has 107 at most.
    short = Path(tempfile.gettempdir()) if len(os.fsencode(tempfile.gettempdir())) <= 20 else Path("/tmp")
    sweep(short)
    sweep(spill)
    session, spilled = Scratch("ray", short), Scratch("spill", spill)
    _have_token(settings.home)
    dashboard = Dashboard(session.path)
    try:
        with children.with_files_in(session.path), put_off():
            _start(fitting, spilled.path)
        with one_node.told(), dashboard.beside(wanted=settings.ray_dashboard):
            yield Cluster(fitting.applied(settings), lambda: _address(dashboard.url), session.path), fitting.block_bytes
    finally:
        ray.shutdown()
        dashboard.end()
        session.remove()
        spilled.remove()


def _address(dashboard: str | None) -> str | None:
    return f"http://{dashboard}" if dashboard else None


def _have_token(home: Path) -> None:
    """Ray keeps the token of its clusters in the user's home folder. Who has none, as in a container, gets one in kbray's."""
    if "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ:
        return
    try:
        (Path.home() / ".ray").mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        place = home / "ray_auth_token"
        if not place.is_file():
            place.touch(mode=0o600)
            place.write_text(secrets.token_urlsafe(32))
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(place)


def _start(fitting: budget.Budget, spill: Path) -> None:
    """Ray gives its processes 30 s to come up, whatever one sets: a busy machine is given them twice."""
    known = psutil.Process().children()
    try:
        return _init(fitting, spill)
    except Exception as error:  # Ray has no class for it
        if "timed out" not in str(error):
            raise _not_started(error) from error
    ray.shutdown()
    children.kill(child for child in psutil.Process().children() if child not in known)
    try:
        return _init(fitting, spill)
    except Exception as error:  # as above
        raise _not_started(error) from error


def _not_started(error: Exception) -> ClusterUnavailable:
    why = str(error).strip().partition("\n")[0] or type(error).__name__
    return ClusterUnavailable(f"Ray did not start on this machine, which may be short of processor time, memory or disk: {why}")


def _init(fitting: budget.Budget, spill: Path) -> None:
    ray.init(
        address="local",
        num_cpus=fitting.workers,
        object_store_memory=fitting.store_bytes,
        # Ray starts workers for tasks it can not run yet, and ends idle ones above one a CPU after a second. Ours are
        # more than that (only parse takes a CPU; commit has as many), and a worker that is started in vain costs a second
        # of CPU: with four a CPU a run over 1,500 small files took 81 s, with two 68 s.
        _system_config={"num_workers_soft_limit": 2 * fitting.workers},
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        configure_logging=True,
        object_spilling_directory=str(spill),
    )


@contextmanager
def _joined(settings: Settings, models: bool) -> Iterator[_Running]:
    address = settings.ray_address or "auto"
    try:
        context = ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError) as error:
        raise ConfigError(f"No Ray cluster answers at {address!r}: {error}") from None
    try:
        reach.check(settings)
        fitting = budget.of_nodes(settings, _nodes(), models=models)
        fitted = fitting.applied(settings)
        if settings.workers is None and settings.memory is None:
            fitted = fitted.model_copy(update={"workers": None})  # Ray's own count is the bound, of nodes that come later, too
        yield Cluster(fitted, lambda: _address(context.dashboard_url), None), fitting.block_bytes
    finally:
        ray.shutdown()


def _nodes() -> list[budget.Node]:
    return [
        budget.Node(
            cores=int(has.get("CPU", 0)),
            gpus=has.get("GPU", 0),
            memory_bytes=int(has.get("memory", 0)),
            store_bytes=int(has.get("object_store_memory", 0)),
        )
        for has in (node["Resources"] for node in ray.nodes() if node["Alive"])
    ]


def _configure(context: DataContext, log: Path, block_bytes: int) -> None:
    backpressure.apply(context)
    context.target_max_block_size = block_bytes
    context.raise_original_map_exception = True
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    _log_to(log)
    # What a raylet says of dead workers would be printed on stdout, among our data; there is no public way to have it elsewhere.
    worker.print_to_stdstream = _log_words


def _log_to(log: Path) -> None:
    """Ray's words from now on; what its C++ core writes goes to the log of the run that started it."""
    handler = logging.FileHandler(log)
    handler.setLevel(logging.INFO)
    for name in ("ray", "ray.data"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False


def _log_words(data: Mapping[str, Any], ignore_prefix: bool = False) -> None:
    for line in data["lines"]:
        logging.getLogger("ray").warning("%s: %s", data["pid"], line)


@contextmanager
def _native_noise_to(log: Path) -> Iterator[None]:
    """What Ray's C++ core writes to file descriptor 2 goes to `log`; Python's sys.stderr stays with the user."""
    log.parent.mkdir(parents=True, exist_ok=True)
    user, kept = os.dup(2), sys.stderr
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    if kept is sys.__stderr__:  # not when a test or a notebook put its own there
        sys.stderr = os.fdopen(os.dup(user), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    try:
        yield
    finally:
        sys.stderr = kept
        os.dup2(user, 2)
        os.close(user)
