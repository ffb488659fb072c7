"""vectors: refs → passages → embed → store. What is found by its words is found by its meaning, too."""

from collections.abc import Callable, Mapping

from ray.data import ActorPoolStrategy, Dataset

from kbray import budget
from kbray.catalogue import IndexPlan, Selection
from kbray.config import Settings
from kbray.flow import cluster, drive, refs, rows
from kbray.flow.drive import Outcome
from kbray.flow.embed import Embed
from kbray.flow.passages import passages
from kbray.flow.sink import Sink
from kbray.flow.store import store
from kbray.model import EmbeddingModel, Progress, RunId
from kbray.wiring import Wiring


def run(
    wired: Wiring,
    selection: Selection,
    *,
    command: str = "index",
    arguments: Mapping[str, object] | None = None,
    report: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Make the vectors of all that is indexed and that `selection` names, by the model that is set.

    Another model than before is built beside it, and takes its place once every indexed file has its vectors.
    Raises: as `process.run`. ConfigError: the model can't be had.
    """
    catalogue = wired.catalogue()
    model = catalogue.open_model(wired.settings.embedding_model, *wired.model())

    def plan(run: RunId) -> IndexPlan:
        return catalogue.prepare_vectors(selection, model.id)

    def stream(plan: IndexPlan, run: RunId, settings: Settings) -> None:
        ranges = catalogue.index_ranges(plan, refs.RANGES)
        if ranges:
            sink = Sink(settings, rows.table_to_embedded, store)
            drive.write(pipeline(settings, plan, model, ranges, run), sink, settings, run)

    outcome = drive.run(wired, command, arguments or {}, plan, stream, lambda plan: True, report)
    catalogue.switch_model(model.id)
    drive.vacuum(wired, outcome, report)
    return outcome


def pipeline(settings: Settings, plan: IndexPlan, model: EmbeddingModel, ranges: list[tuple[int, int]], run: RunId) -> Dataset:
    """The whole of it but the sink."""
    actors, gpu = cluster.model_actors(settings)
    return (
        refs.stream(settings, refs.indexed(plan), ranges)
        .map_batches(
            passages,
            fn_args=(settings, run),
            batch_size=None,
            batch_format="pyarrow",
            compute=cluster.tasks(settings),
            num_cpus=1,
            memory=cluster.memory(settings, budget.TASK_BYTES),
        )
        .repartition(target_num_rows_per_block=1)
        .map_batches(
            Embed,
            fn_constructor_args=(settings, model, gpu > 0),
            batch_size=1,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=actors),
            num_cpus=0,
            num_gpus=gpu,
            memory=cluster.memory(settings, budget.ACTOR_BYTES),
            udf_modifying_row_count=False,
        )
    )
