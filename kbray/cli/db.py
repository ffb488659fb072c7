"""`kbray db`: the catalogue's schema."""

import typer

from kbray.cli.options import Json
from kbray.cli.render import out, out_json
from kbray.cli.session import settings

app = typer.Typer(no_args_is_help=True, help="The catalogue's schema.", rich_markup_mode="markdown")


@app.callback()
def group() -> None:
    """The catalogue's schema."""


@app.command()
def upgrade(json: Json = False) -> None:
    """Bring the database to the schema this version of kbray needs.

    The embedded database is upgraded by every command; a server only by this one, so that it happens when you mean it.
    """
    from kbray.wiring import catalogue_as_it_is

    with catalogue_as_it_is(settings()) as catalogue:
        before, head = catalogue.revision()
        catalogue.upgrade()
        after, _ = catalogue.revision()
    if json:
        out_json({"before": before, "after": after, "head": head})
    elif before == after:
        out(f"The schema is {after} already.")
    else:
        out(f"The schema went from {before or 'none'} to {after}.")
