"""Driving a run: its passes over what is left, and how it ends."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ray.data import Dataset, Datasink
from ray.data.exceptions import SystemException
from ray.exceptions import LocalRayletDiedError, RayError

from kbray.catalogue import Catalogue, IndexPlan, Plan
from kbray.config import Settings
from kbray.errors import ClusterUnavailable, DatabaseUnavailable, KbrayError
from kbray.flow import cluster, deaths, stats
from kbray.flow.watch import Watch
from kbray.flow.witness import witnessed
from kbray.model import Progress, RunId, RunState
from kbray.wiring import Wiring

P = TypeVar("P", Plan, IndexPlan)
Stream = Callable[[P, RunId, Settings], None]
"""Sends what is left of a plan through a pipeline, with the settings its workers get."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `left` parts of its plan are still pending or in the hands of another run."""

    run: RunId
    state: RunState
    progress: Progress
    left: int
    message: str | None = None


def run(
    wired: Wiring,
    command: str,
    arguments: Mapping[str, object],
    prepare: Callable[[RunId], P],
    stream: Stream[P],
    models: Callable[[P], bool],
    report: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Prepare a plan, then stream it, pass after pass, while passes get something done and something is left.

    Args: models: whether the plan may have work for them, so that there must be memory for them.
    Raises: what `prepare` and `stream` raise; the run is recorded as failed then, and its claims are free.
    """
    catalogue, settings = wired.catalogue(), wired.settings
    catalogue.reap(settings.lease_s)
    run = catalogue.start_run(command, arguments)
    state: RunState = "failed"
    reachable = True
    message: str | None = f"It ended by a defect of kbray; Ray's words are in {settings.log_of(run)}."
    try:
        with witnessed(), Watch(wired, run, report) as watch, watch.listening():
            wired.own_objects()
            watch.plan = plan = prepare(run)
            if plan.parts:
                watch.doing = lambda: "Ray is starting"
                with cluster.connected(settings, settings.log_of(run), models=models(plan)) as up:
                    watch.doing = lambda: f"Ray dashboard: {url}" if (url := up.dashboard()) else None
                    _passes(catalogue, run, stream, up.settings, watch, plan)
            state, message = ("interrupted", "Stopped by the user.") if watch.stopping else ("succeeded", None)
            return Outcome(run, state, watch.progress(), catalogue.remaining(plan), message)
    except (KeyboardInterrupt, SystemExit):  # the latter is Ray's answer to SIGTERM
        state, message = "interrupted", "Stopped by the user."
        raise
    except DatabaseUnavailable:
        reachable = False  # it can't be told; the next command finds this run dead
        raise
    except KbrayError as error:
        message = error.message
        raise
    finally:
        if reachable:
            catalogue.end_run(run, state, message)
        deaths.forget(settings, run)


def write(dataset: Dataset, sink: Datasink[Any], settings: Settings, run: RunId) -> None:
    """Send what a pipeline gives into its sink. Writers wait for the store and the database, so they take no CPU from parsers."""
    dataset.write_datasink(sink, ray_remote_args={"num_cpus": 0}, concurrency=cluster.cpus(settings))
    stats.keep(dataset, settings.stats_of(run))


def vacuum(wired: Wiring, outcome: Outcome, report: Callable[[Progress], None] | None) -> None:
    """What a run indexed is as quick to search as it will be; unless the user wants it to end."""
    if outcome.state == "succeeded" and outcome.progress.files_done:
        if report:
            report(replace(outcome.progress, message="What was indexed is put in order; searches may wait"))
        wired.catalogue().vacuum(room=shutil.disk_usage(wired.settings.home).free if wired.embedded else 0)


def _passes(catalogue: Catalogue, run: RunId, stream: Stream[P], settings: Settings, watch: Watch, plan: P) -> None:
    """One pass is the rule; more heal what a lost worker or node left claimed by this run."""
    finished = -1
    while not watch.stopping and (now := _parts_finished(catalogue, run)) > finished and catalogue.remaining(plan):
        finished = now
        try:
            with watch.listening(in_order=True):
                stream(plan, run, settings)
        except KeyboardInterrupt:
            if not watch.stopping:
                raise
        except RayError as error:
            cause = _innermost(error)
            if not isinstance(cause, RayError):
                raise cause from error
            if isinstance(cause, LocalRayletDiedError) or _parts_finished(catalogue, run) == finished:
                raise ClusterUnavailable(f"Ray stopped working: {type(cause).__name__}.") from error
        watch.raise_error()
        catalogue.release_all(run)


def _parts_finished(catalogue: Catalogue, run: RunId) -> int:
    info = catalogue.run(run)
    return info.parts_done + info.parts_failed


def _innermost(error: BaseException) -> BaseException:
    """What went wrong in our own code inside all that Ray wraps around it; or Ray's error, of a worker or node that is gone."""
    while isinstance(error, RayError):
        cause = getattr(error, "cause", None) or error.__cause__
        if cause is None or isinstance(cause, SystemException):  # the latter is Ray Data's mark, and says nothing
            break
        error = cause
    return error
