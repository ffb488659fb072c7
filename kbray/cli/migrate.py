"""`kbray migrate`: a knowledge base from one machine, database or object store to another, and its backup."""

from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.options import Json, flag
from kbray.cli.render import count, out, out_json, plain, say, size
from kbray.cli.session import settings, wired

if TYPE_CHECKING:
    from kbray.ops.migrate.bundle import Wrong
    from kbray.ops.migrate.verifying import Verified

app = typer.Typer(
    no_args_is_help=True,
    help="Move a knowledge base to another machine, or back it up: docs/migration.md.",
    rich_markup_mode="markdown",
)

SHOWN = 20
Bundle = Annotated[str, typer.Argument(metavar="BUNDLE", help="A folder, or s3://bucket/prefix.", show_default=False)]


@app.callback()
def group() -> None:
    """Move a knowledge base to another machine, or back it up: docs/migration.md."""


@app.command("export")
def export(
    bundle: Bundle,
    search: Annotated[
        list[str] | None, typer.Option("--search", metavar="WORDS", help="Record the hits of this search, too, for `verify`.")
    ] = None,
    json: Json = False,
) -> None:
    """Write the knowledge base into a bundle: plain files in a folder or a bucket.

    Others may go on working meanwhile: the bundle is the state at its beginning. Run it again after an interruption, or for a
    newer backup into the same place: what is there is not copied again. Exit code 1: some objects are missing or damaged in
    the source; all else is in the bundle.
    """
    from kbray.cli.progress import migrate_display
    from kbray.ops.migrate.exporting import export as write

    with wired() as wiring, migrate_display() as report:
        done = write(wiring, bundle, searches=search or (), report=report)
    if json:
        out_json(done)
    else:
        made = done.manifest
        files = sum(number for what, number in made.counts.items() if what.startswith("files "))
        out(
            f"{count(files, 'file')} in {done.bundle}: {count(made.objects, 'object')} of {size(made.bytes)}, "
            f"{done.copied:,} of them copied now ({size(done.copied_bytes)}); a catalogue of {size(made.catalogue.size_bytes)}."
        )
        _show(done.problems, "in the source", "`kbray cleanup` finds out more; the bundle holds all else")
    if done.problems.count:
        raise typer.Exit(1)


@app.command("import")
def bring(bundle: Bundle, json: Json = False) -> None:
    """Make this knowledge base the one of a bundle.

    Objects are added, then the catalogue takes the place of the one there is, at once or not at all; that one is kept for
    `kbray migrate rollback`. Run it again after an interruption. Import only bundles you trust: a catalogue is run as SQL. Exit
    code 1: objects of the bundle are missing or damaged, and the catalogue is as it was.
    """
    from kbray.cli.progress import migrate_display
    from kbray.ops.migrate.importing import bring as take

    with migrate_display() as report:
        done = take(settings(), bundle, report=report)
    if json:
        out_json(done)
    elif not done.problems.count:
        came = "had come already; to import it anew, roll back first" if done.again else "is in place"
        out(f"{count(done.copied, 'object')} copied ({size(done.copied_bytes)}); the catalogue {came}.")
        if done.left_behind:
            out(f"{count(done.left_behind, 'run')} went on where the bundle came from; nothing is claimed for it here.")
        if done.manifest.problems:
            out(f"{count(done.manifest.problems, 'object')} had been missing or damaged at the export: see `kbray cleanup`.")
        say("Next: `kbray migrate verify` with the same bundle. `kbray migrate rollback` brings back what was before.")
    if done.problems.count:
        _show(
            done.problems,
            "in the bundle",
            "the catalogue is as it was. Copy them again from where the bundle came, or delete them in it and export again",
        )
        raise typer.Exit(1)


@app.command()
def verify(
    bundle: Bundle,
    sample: Annotated[
        int | None, typer.Option("--sample", min=0, metavar="N", help="Read so many objects, chosen by chance, instead of all.")
    ] = None,
    search: Annotated[
        list[str] | None, typer.Option("--search", metavar="WORDS", help="Compare only this one of the recorded searches.")
    ] = None,
    json: Json = False,
) -> None:
    """Compare this knowledge base with a bundle: counts, the hashes of its objects, the hits of searches by words.

    Exit code 1: something differs. It does when you have gone on working since.
    """
    from kbray.cli.progress import migrate_display
    from kbray.ops.migrate.verifying import verify as compare

    with wired() as wiring, migrate_display() as report:
        found = compare(wiring, bundle, sample=sample, searches=search or (), report=report)
    if json:
        out_json({"same": found.same, "found": found})
    else:
        _tell(found)
    if not found.same:
        raise typer.Exit(1)


@app.command()
def rollback(
    forget: Annotated[
        bool, flag("--forget", help="Don't go back, but give up what is kept from before the import, and free its space.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring back the catalogue from before the last import, at once.

    What has been done since the import is lost. Objects that came with it stay; `kbray cleanup` finds them.
    """
    from kbray.ops.migrate import importing

    chosen = settings()
    before = importing.forget(chosen) if forget else importing.roll_back(chosen)
    if json:
        out_json({"rolled_back": not forget, "import": before})
    elif forget:
        out("Nothing from before an import is kept any more.")
    elif before:
        out(f"The catalogue is the one from before the import of {before.at}.")


def _tell(found: "Verified") -> None:
    for one in found.counts:
        out(f"{one.what}: {one.bundle:,} in the bundle, {one.here:,} here")
    _show(found.problems, "here", "delete what is corrupt, then `kbray migrate import` with the same bundle brings it again")
    for answer in found.answers:
        hits = f"{count(len(answer.bundle), 'hit')} in the bundle, {len(answer.here):,} here"
        out(f"search {plain(answer.words)!r}: {hits}, not the same")
    compared = f"{count(found.objects, 'object')} read, {count(found.searches, 'search', 'searches')} asked"
    out(f"The same: {compared}." if found.same else f"Not the same: {compared}.")


def _show(problems: "Wrong", where: str, remedy: str) -> None:
    """Objects with problems, and what to do."""
    if not problems.count:
        return
    for listed in problems.examples[:SHOWN]:
        out(f"{listed.problem}: {plain(listed.key)}")
    if problems.count > SHOWN:
        out(f"… and {problems.count - SHOWN:,} more")
    out(f"{count(problems.count, 'object')} missing or damaged {where}: {remedy}.")
