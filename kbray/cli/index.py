"""`kbray index`: every document that was made can be found."""

from typing import TYPE_CHECKING, Annotated

from kbray.cli.options import Address, Json, MaxFiles, Memory, Only, Workers, flag
from kbray.cli.process import finish
from kbray.cli.render import count, duration, out, out_json
from kbray.cli.session import wired

if TYPE_CHECKING:
    from kbray.catalogue import Selection
    from kbray.flow.drive import Outcome
    from kbray.wiring import Wiring

StaleIndex = Annotated[bool, flag("--stale", help="Redo files that were indexed by an older kbray or with other settings.")]
RetryIndex = Annotated[bool, flag("--retry-failed", help="Try the files again that failed on their way into the index.")]


def index(
    max_files: MaxFiles = None,
    only: Only = None,
    retry_failed: RetryIndex = False,
    stale: StaleIndex = False,
    address: Address = None,
    workers: Workers = None,
    memory: Memory = None,
    json: Json = False,
) -> None:
    """Make processed files searchable.

    Each document is cut into passages, which `kbray search` finds. Files indexed before stay as they are; those processed anew
    are indexed anew, and their old passages are found until then.
    """
    from kbray.catalogue import Selection

    with wired(ray_address=address, workers=workers, memory=memory) as wiring:
        outcome = work(wiring, Selection(only=only, max_files=max_files, retry_failed=retry_failed), stale=stale)
    if json:
        out_json(outcome)
    else:
        out(describe(outcome))
    finish(outcome)


def work(wiring: "Wiring", selection: "Selection", *, stale: bool = False, command: str = "index") -> "Outcome":
    """Run the pipeline under a progress display."""
    from kbray.cli.progress import process_display
    from kbray.flow import index as flow

    arguments = {
        "only": selection.only,
        "max_files": selection.max_files,
        "retry_failed": selection.retry_failed,
        "stale": stale,
    }
    with process_display() as report:
        return flow.run(wiring, selection, stale=stale, command=command, arguments=arguments, report=report)


def describe(outcome: "Outcome") -> str:
    """The outcome in a line or two."""
    progress = outcome.progress
    if not progress.files_total:
        return "Nothing to index."
    text = f"{count(progress.files_done, 'file')} indexed, {progress.files_failed:,} failed, in {duration(progress.elapsed_s)}."
    if outcome.left:
        text += f"\n{count(outcome.left, 'file')} left; run `kbray index` again to go on."
    if progress.files_failed:
        text += "\n`kbray errors` tells what failed and what to do about it."
    return text
