"""The typer application: global options and the list of commands."""

from collections.abc import Sequence
from typing import Annotated

import typer

from kbray import __version__
from kbray.cli import (
    adopt,
    cleanup,
    db,
    doctor,
    errors,
    export,
    files,
    forget,
    index,
    inspect,
    mcp,
    migrate,
    process,
    reset,
    run,
    runs,
    search,
    session,
    show,
    status,
    submission,
    sync,
)
from kbray.cli.options import flag

GLOBAL_OPTIONS = ("--home", "--database-url", "--objects-url", "--s3-endpoint-url", "--submit")
GLOBAL_FLAGS = ("--debug",)

app = typer.Typer(
    name="kbray",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Global options may stand after the command, too. For all other settings see docs/configuration.md.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kbray {__version__}")
        raise typer.Exit


@app.callback()
def start(
    ctx: typer.Context,
    home: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where the embedded database, local objects, cache and logs live.")
    ] = None,
    database_url: Annotated[
        str | None, typer.Option(metavar="URL", help="A PostgreSQL server instead of the embedded one.")
    ] = None,
    objects_url: Annotated[
        str | None, typer.Option(metavar="URL", help="s3://bucket/prefix or a folder for originals and results.")
    ] = None,
    s3_endpoint_url: Annotated[
        str | None, typer.Option("--s3-endpoint-url", metavar="URL", help="An S3 server other than AWS, like MinIO.")
    ] = None,
    submit: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Run the command as a job on the Ray cluster whose dashboard is http://host:8265."),
    ] = None,
    debug: Annotated[bool, flag("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, flag("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """A folder of books, papers, office files, web pages and scans becomes a knowledge base.

    Begin with `kbray run DIR`, then `kbray status`.
    """
    session.remember(home=home, database_url=database_url, objects_url=objects_url, s3_endpoint_url=s3_endpoint_url)
    if submit is not None and ctx.invoked_subcommand:
        words: list[str] = ctx.obj  # all of the command line
        raise typer.Exit(submission.submitted(ctx, submit, words[words.index(ctx.invoked_subcommand) :]))


app.command("run")(run.run)
app.command("sync")(sync.sync)
app.command("process")(process.process)
app.command("index")(index.index)
app.command("search")(search.search)
app.command("mcp")(mcp.mcp)
app.command("status")(status.status)
app.command("runs")(runs.runs)
app.command("errors")(errors.errors)
app.command("files")(files.files)
app.command("show")(show.show)
app.command("inspect")(inspect.inspect)
app.command("reset")(reset.reset)
app.command("forget")(forget.forget)
app.command("cleanup")(cleanup.cleanup)
app.command("export")(export.export)
app.command("adopt")(adopt.adopt)
app.command("doctor")(doctor.doctor)
app.add_typer(migrate.app, name="migrate")
app.add_typer(db.app, name="db")


def hoist_global_options(arguments: Sequence[str]) -> list[str]:
    """The same arguments with the global options in front, where typer wants them; what follows `--` is left alone."""
    front: list[str] = []
    rest: list[str] = []
    todo = list(arguments)
    while todo:
        word = todo.pop(0)
        if word == "--":
            return [*front, *rest, word, *todo]
        if word in GLOBAL_OPTIONS and todo:
            front += [word, todo.pop(0)]
        elif word in GLOBAL_FLAGS or word.startswith(tuple(f"{option}=" for option in GLOBAL_OPTIONS)):
            front.append(word)
        else:
            rest.append(word)
    return front + rest
