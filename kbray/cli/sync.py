"""`kbray sync`: folders and buckets into the catalogue."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.options import Json, flag
from kbray.cli.render import count, duration, out, out_json, size
from kbray.cli.session import wired
from kbray.cli.stopping import INTERRUPTED, stoppable

if TYPE_CHECKING:
    from kbray.ops.sync import SyncOutcome
    from kbray.wiring import Wiring

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH|s3://bucket/prefix", help="Folders or files to take in, everything below them too.", show_default=False
    ),
]
Reread = Annotated[bool, flag("--reread", help="Read every file again, even where size and time did not change.")]
Emptied = Annotated[bool, flag("--emptied", help="Folders with no file left in them were emptied on purpose: those are gone.")]


def sync(paths: Paths, reread: Reread = False, emptied: Emptied = False, json: Json = False) -> None:
    """Take in folders: record and upload what is new or changed.

    Each file is hashed, and its kind and pages are found by its content. What did not change since the last sync is not read.
    Hidden files are skipped. A file that is no longer in its place is marked gone, never deleted; but not where a folder that
    had files has none any more, as when its drive is not mounted. Exit code 1: some files could not be read (`kbray errors`
    tells which).
    """
    with wired() as wiring:
        outcome = take_in(wiring, paths, reread=reread, emptied=emptied)
    if json:
        out_json(outcome)
    else:
        out(describe(outcome))
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)
    if outcome.problems:
        raise typer.Exit(1)


def take_in(wiring: "Wiring", paths: list[str], *, reread: bool = False, emptied: bool = False) -> "SyncOutcome":
    """Sync with a progress display, recorded as a run.

    Raises: ConfigError: a path that does not exist.
    """
    from kbray.cli.progress import sync_display
    from kbray.ops import sync as ops
    from kbray.ops.runs import RecordedRun
    from kbray.ops.sync.walk import roots_of
    from kbray.parse.sandbox.parent import Sandbox

    roots = roots_of(paths)
    settings, catalogue, store = wiring.settings, wiring.catalogue(), wiring.own_objects(lost=reread)
    arguments = {"paths": [root.uri for root in roots], "reread": reread, "emptied": emptied}
    with (
        RecordedRun(catalogue, "sync", arguments, lease_s=settings.lease_s, heartbeat_s=settings.heartbeat_s) as run,
        stoppable("files being read are finished") as stop,
        sync_display() as report,
    ):
        outcome = ops.sync(
            catalogue,
            store,
            partial(Sandbox, settings),
            settings,
            roots,
            run,
            stop=stop,
            report=report,
            reread=reread,
            emptied=emptied,
        )
        if outcome.interrupted:
            run.end_as("interrupted", "It was asked to stop.")
        return outcome


def describe(outcome: "SyncOutcome") -> str:
    """The outcome in a few lines."""
    parts = [
        f"{outcome.new:,} new",
        *([f"{count(outcome.copies, 'copy', 'copies')} of known content"] if outcome.copies else []),
        *([f"{outcome.changed:,} changed"] if outcome.changed else []),
        f"{outcome.unchanged:,} unchanged",
        *([f"{outcome.gone:,} gone"] if outcome.gone else []),
        *([f"{count(outcome.problems, 'place')} could not be read (see `kbray errors`)"] if outcome.problems else []),
    ]
    seen = f"{count(outcome.files_seen, 'file')} seen in {duration(outcome.elapsed_s)}, {size(outcome.bytes)} read"
    text = f"{seen}: {', '.join(parts)}."
    if outcome.gone:
        text += "\nWhat was made of the files that are gone is kept; `kbray forget --gone` shows what can go."
    if outcome.other_kind:
        were = count(outcome.other_kind, "known file is", "known files are")
        text += f"\n{were} of another kind, or of other pages, than was told before: `kbray process` does them anew."
    if outcome.skipped:
        text += f"\n{count(outcome.skipped, 'hidden or system entry', 'hidden or system entries')} skipped."
    if outcome.interrupted:
        text += "\nStopped before the end; run it again to go on."
    return text
