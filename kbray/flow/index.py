"""index: refs → chunk → publish. Every file that is processed can be found, or is failed with a reason."""

from collections.abc import Callable, Mapping

from ray.data import Dataset

from kbray import budget
from kbray.catalogue import IndexPlan, Selection
from kbray.config import Settings
from kbray.flow import cluster, drive, refs, rows
from kbray.flow.chunk import chunk
from kbray.flow.drive import Outcome
from kbray.flow.publish import publish
from kbray.flow.sink import Sink
from kbray.model import Progress, RunId
from kbray.wiring import Wiring

FILES_PER_TASK = 8
"""A book takes half a second; a task must not become a block of hundreds of megabytes."""


def run(
    wired: Wiring,
    selection: Selection,
    *,
    stale: bool = False,
    command: str = "index",
    arguments: Mapping[str, object] | None = None,
    report: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Index what `selection` names, until nothing of it is left or the user stops it.

    Args: stale: also what was indexed with other settings, or by an older kbray.
    Raises: as `process.run`. ConfigError: the tokens of the embedding model can't be had.
    """
    fingerprint = wired.index_fingerprint()

    def plan(run: RunId) -> IndexPlan:
        return wired.catalogue().prepare_index(selection, fingerprint, stale=stale)

    def stream(plan: IndexPlan, run: RunId, settings: Settings) -> None:
        ranges = wired.catalogue().index_ranges(plan, refs.RANGES)
        if ranges:
            drive.write(pipeline(settings, plan, ranges, run), Sink(settings, rows.table_to_chunked, publish), settings, run)

    outcome = drive.run(wired, command, arguments or {}, plan, stream, lambda plan: False, report)
    drive.vacuum(wired, outcome, report)
    return outcome


def pipeline(settings: Settings, plan: IndexPlan, ranges: list[tuple[int, int]], run: RunId) -> Dataset:
    """The whole of it but the sink."""
    per_task = max(1, min(FILES_PER_TASK, plan.files // (4 * cluster.cpus(settings))))
    return refs.stream(settings, refs.files(plan, per_task), ranges).map_batches(
        chunk,
        fn_args=(settings, run),
        batch_size=None,
        batch_format="pyarrow",
        compute=cluster.tasks(settings),
        num_cpus=1,
        memory=cluster.memory(settings, budget.TASK_BYTES),
    )
