"""`kbray process`: every file that waits becomes a document, or a failure with a reason."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from kbray.cli.options import Address, Json, MaxFiles, Memory, Only, RetryFailed, RetryPoor, Stale, Workers
from kbray.cli.render import count, duration, out, out_json, say
from kbray.cli.session import wired
from kbray.cli.stopping import INTERRUPTED
from kbray.errors import ConfigError
from kbray.ops.find import unfitting

if TYPE_CHECKING:
    from kbray.catalogue import Selection
    from kbray.flow.drive import Outcome
    from kbray.wiring import Wiring


def process(
    max_files: MaxFiles = None,
    only: Only = None,
    retry_failed: RetryFailed = False,
    retry_poor: RetryPoor = False,
    stale: Stale = False,
    address: Address = None,
    workers: Workers = None,
    memory: Memory = None,
    json: Json = False,
) -> None:
    """Turn what was taken in into documents.

    Text, structure and tables are read from each file, by OCR where there is no text.

    Ctrl-C ends in order: what is in hand is finished, the rest waits for the next run. A run that was killed is taken up
    again where it was. Exit code 1: some files failed (`kbray errors` tells which and why).
    """
    with wired(ray_address=address, workers=workers, memory=memory) as wiring:
        selection = select(wiring, max_files=max_files, only=only, retry_failed=retry_failed, retry_poor=retry_poor, stale=stale)
        outcome = work(wiring, selection)
        if unfit := unfitting(wiring.catalogue(), only):
            say(unfit)
    if json:
        out_json(outcome)
    else:
        out(describe(outcome))
    finish(outcome)


def select(
    wiring: "Wiring",
    *,
    max_files: int | None = None,
    only: str | None = None,
    retry_failed: bool = False,
    retry_poor: bool = False,
    stale: bool = False,
) -> "Selection":
    """The options of `process` and `run` as the catalogue knows them.

    Raises: ConfigError: there is no other way for what is poor.
    """
    from kbray.catalogue import Selection

    ocr = wiring.settings.ocr
    if retry_poor and ocr != "auto":
        why = "all pages are recognised as it is" if ocr == "always" else "recognition is off"
        raise ConfigError(f"--retry-poor recognises pages that have a text layer, and with ocr = {ocr} {why}: set ocr to auto.")
    return Selection(
        only=only,
        max_files=max_files,
        retry_failed=retry_failed,
        retry_poor=retry_poor,
        stale=wiring.fingerprints() if stale else None,
    )


def work(wiring: "Wiring", selection: "Selection", *, command: str = "process") -> "Outcome":
    """Run the pipeline under a progress display."""
    from kbray.cli.progress import process_display
    from kbray.flow import process as flow

    arguments: Mapping[str, object] = {
        "only": selection.only,
        "max_files": selection.max_files,
        "retry_failed": selection.retry_failed,
        "retry_poor": selection.retry_poor,
        "stale": selection.stale is not None,
    }
    with process_display() as report:
        return flow.run(wiring, selection, command=command, arguments=arguments, report=report)


def finish(outcome: "Outcome") -> None:
    """End the command with the exit code that tells how the run went."""
    if outcome.state == "interrupted":
        raise typer.Exit(INTERRUPTED)
    if outcome.progress.files_failed or outcome.left:
        raise typer.Exit(1)


def by_others(outcome: "Outcome") -> str:
    """A line, where another run did what this one was to do; while something is left it can't be told apart."""
    progress = outcome.progress
    others = progress.files_total - progress.files_done - progress.files_failed
    if outcome.state != "succeeded" or outcome.left or others <= 0:
        return ""
    return f"\nAnother run did the other {count(others, 'file')}: `kbray runs` tells which."


def describe(outcome: "Outcome", command: str = "process") -> str:
    """The outcome in a line or two. Args: command: that goes on where it was."""
    progress = outcome.progress
    if not progress.files_total:
        return "Nothing to process."
    text = (
        f"{count(progress.files_done, 'file')} processed, {progress.files_failed:,} failed, "
        f"{count(progress.pages_done, 'page')} in {duration(progress.elapsed_s)}"
    )
    if progress.elapsed_s > 0 and progress.pages_done:
        text += f" ({progress.pages_done / progress.elapsed_s:.1f} pages/s)"
    text += "."
    if outcome.left:
        text += f"\n{count(outcome.left, 'part')} left; run `kbray {command}` again to go on."
    text += by_others(outcome)
    if progress.files_failed:
        text += "\n`kbray errors` tells what failed and what to do about it."
    return text
