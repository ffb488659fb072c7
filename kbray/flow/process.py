"""process: refs → parse → recognise → commit. Every file that is synced ends processed, or failed with a reason."""

from collections.abc import Callable, Mapping

from ray.data import ActorPoolStrategy, DataContext, Dataset

from kbray import budget
from kbray.catalogue import Plan, Selection
from kbray.config import Settings
from kbray.flow import cluster, drive, refs, rows
from kbray.flow.commit import commit
from kbray.flow.drive import Outcome
from kbray.flow.parse import LIMITS_A_PART, parse
from kbray.flow.recognise import Recognise
from kbray.flow.sink import Sink
from kbray.model import Progress, RunId
from kbray.parse import recognises
from kbray.wiring import Wiring

PARTS_PER_TASK = 16
"""Parts in one parse task at most: enough that Ray's cost of a task doesn't show, few enough that all workers end together."""

PAGES_TOGETHER = 32
"""That go to a GPU at once, about: they fill it, and of a book of a few hundred pages each actor gets some."""

CALLS_PER_ACTOR = 8
"""Blocks in one recognise actor: one is recognised, those that need no model overtake it."""


def run(
    wired: Wiring,
    selection: Selection,
    *,
    command: str = "process",
    arguments: Mapping[str, object] | None = None,
    report: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Process what `selection` names, until nothing of it is left or the user stops it.

    Raises: ConfigError: before any work. DatabaseUnavailable, ObjectStoreUnavailable: an outage outlasted `patience_s`;
            what was in flight is pending again.
    """

    def plan(run: RunId) -> Plan:
        return wired.catalogue().prepare(selection, wired.fingerprints(), run)

    def stream(plan: Plan, run: RunId, settings: Settings) -> None:
        ranges = wired.catalogue().ranges(plan, refs.RANGES)
        if ranges:
            drive.write(pipeline(settings, plan, ranges, run), Sink(settings, rows.table_to_parts, commit), settings, run)

    return drive.run(wired, command, arguments or {}, plan, stream, lambda plan: recognising(plan, wired.settings), report)


def recognising(plan: Plan, settings: Settings) -> bool:
    """Whether a page of the plan may go to the models: not one actor is started for a pile of EPUBs."""
    return any(recognises(media_type, settings) for media_type in plan.media_types)


def pipeline(settings: Settings, plan: Plan, ranges: list[tuple[int, int]], run: RunId) -> Dataset:
    """The whole of it but the sink. Only parse takes a CPU: what waits on others must never keep it from one."""
    # Each part ends by limits of its own: Ray's guard against a pipeline that stands still must not end the run before them.
    longest_s = PARTS_PER_TASK * LIMITS_A_PART * settings.parse_timeout_s
    context = DataContext.get_current()
    context.execution_no_progress_timeout_s = max(context.execution_no_progress_timeout_s, longest_s)
    cpus = cluster.cpus(settings)
    per_task = max(1, min(PARTS_PER_TASK, plan.parts // (4 * cpus)))
    parsed = refs.stream(settings, refs.parts(plan, per_task), ranges).map_batches(
        parse,
        fn_args=(settings, run),
        batch_size=None,
        batch_format="pyarrow",
        compute=cluster.tasks(settings),
        num_cpus=1,
        memory=cluster.memory(settings, budget.TASK_BYTES),
    )
    if not recognising(plan, settings):
        return parsed
    actors, gpu = cluster.model_actors(settings)
    return parsed.map_batches(
        Recognise,
        fn_constructor_args=(settings, gpu > 0),
        batch_size=parts_together(plan) if gpu else None,  # Ray wants a number with a GPU, and a GPU wants many pages
        batch_format="pyarrow",
        compute=ActorPoolStrategy(
            size=actors,
            max_concurrent_calls_per_actor=CALLS_PER_ACTOR,
            max_tasks_in_flight_per_actor=CALLS_PER_ACTOR,
            enable_true_multi_threading=True,
        ),
        num_cpus=0,
        num_gpus=gpu,
        memory=cluster.memory(settings, budget.ACTOR_BYTES),
        udf_modifying_row_count=False,
    )


def parts_together(plan: Plan) -> int:
    """How many parts go to a GPU at once: as many as have that many pages between them, by their mean."""
    return max(1, min(PARTS_PER_TASK, PAGES_TOGETHER * plan.parts // max(1, plan.pages)))
