"""`kbray index`: every document that was made can be found."""

from typing import TYPE_CHECKING, Annotated

from kbray.cli.options import Address, Json, MaxFiles, Memory, Only, Workers, flag
from kbray.cli.process import by_others, finish
from kbray.cli.render import count, duration, out, out_json, say
from kbray.cli.session import wired
from kbray.ops.find import unfitting

if TYPE_CHECKING:
    from kbray.catalogue import Selection
    from kbray.flow.drive import Outcome
    from kbray.wiring import Wiring

_TOLD_EACH = 10_000
StaleIndex = Annotated[bool, flag("--stale", help="Redo files that were indexed by an older kbray or with other settings.")]
NoVectors = Annotated[bool, flag("--no-vectors", help="Index words only: at once, and without the model that makes vectors.")]
RetryIndex = Annotated[bool, flag("--retry-failed", help="Try the files again that failed on their way into the index.")]


def index(
    max_files: MaxFiles = None,
    only: Only = None,
    retry_failed: RetryIndex = False,
    stale: StaleIndex = False,
    no_vectors: NoVectors = False,
    address: Address = None,
    workers: Workers = None,
    memory: Memory = None,
    json: Json = False,
) -> None:
    """Make processed files searchable.

    Each document is cut into passages, which `kbray search` finds by their words at once; then a model makes a vector of each, by
    which they are found by their meaning, too. Files indexed before stay as they are; those processed anew are indexed anew, and
    their old passages are found until then. Authors and dates of files that an older kbray processed are noted. With another
    embedding_model, its vectors are made beside the old ones, and take their place when they are complete.
    """
    from kbray.catalogue import Selection
    from kbray.flow import cluster  # Ray takes its time to load

    with wired(ray_address=address, workers=workers, memory=memory, vectors=False if no_vectors else None) as wiring:
        selection = Selection(only=only, max_files=max_files, retry_failed=retry_failed)
        with cluster.kept():
            indexed = work(wiring, selection, stale=stale)
            if not json:
                out(describe(indexed))
            embedded = work_vectors(wiring, selection, indexed)
        if unfit := unfitting(wiring.catalogue(), only):
            say(unfit)
    if json:
        out_json({"index": indexed, "vectors": embedded})
    elif embedded:
        out(describe_vectors(embedded))
    finish(indexed)
    if embedded:
        finish(embedded)


def work_vectors(wiring: "Wiring", selection: "Selection", indexed: "Outcome", *, command: str = "index") -> "Outcome | None":
    """Run the pipeline that makes vectors; None: they are not wanted, or the user stopped the one before."""
    from kbray.cli.progress import process_display
    from kbray.flow import vectors as flow

    if not wiring.settings.vectors or indexed.state == "interrupted":
        return None
    arguments = {"vectors": wiring.settings.embedding_model, "only": selection.only, "max_files": selection.max_files}
    with process_display() as report:
        return flow.run(wiring, selection, command=command, arguments=arguments, report=report)


def work(wiring: "Wiring", selection: "Selection", *, stale: bool = False, command: str = "index") -> "Outcome":
    """Run the pipeline that cuts passages, under a progress display."""
    from kbray.cli.progress import process_display
    from kbray.flow import index as flow

    arguments = {
        "only": selection.only,
        "max_files": selection.max_files,
        "retry_failed": selection.retry_failed,
        "stale": stale,
    }
    note_bylines(wiring)
    with process_display() as report:
        return flow.run(wiring, selection, stale=stale, command=command, arguments=arguments, report=report)


def note_bylines(wiring: "Wiring") -> None:
    """What an older kbray processed is found by author and date, too."""
    from kbray.ops.bylines import note

    told = 0

    def report(done: int) -> None:
        nonlocal told
        if done >= told + _TOLD_EACH:
            told = done
            say(f"Authors and dates of {count(done, 'file')} noted …")

    if done := note(wiring, report):
        say(f"Authors and dates of {count(done, 'file')}, processed by an older kbray, are noted.")


def describe(outcome: "Outcome", command: str = "index") -> str:
    """The outcome in a line or two. Args: command: that goes on where it was."""
    progress = outcome.progress
    if not progress.files_total:
        return "Nothing to index."
    text = f"{count(progress.files_done, 'file')} indexed, {progress.files_failed:,} failed, in {duration(progress.elapsed_s)}."
    if outcome.left:
        text += f"\n{count(outcome.left, 'file')} left; run `kbray {command}` again to go on."
    text += by_others(outcome)
    if progress.files_failed:
        text += "\n`kbray errors` tells what failed and what to do about it."
    return text


def describe_vectors(outcome: "Outcome", command: str = "index") -> str:
    """As `describe`."""
    progress = outcome.progress
    if not progress.files_total:
        return "Nothing waits for vectors."
    text = (
        f"{count(progress.files_done, 'file')} got vectors, {progress.files_failed:,} failed, in {duration(progress.elapsed_s)}."
    )
    if outcome.left:
        text += f"\n{count(outcome.left, 'file')} without; run `kbray {command}` again to go on. By words they are found already."
    return text + by_others(outcome)
