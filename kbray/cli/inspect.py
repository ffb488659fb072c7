"""`kbray inspect`: a document beside what was read of it, in the browser."""

import re
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from kbray.cli.options import FILE_HELP, flag
from kbray.cli.render import out, say
from kbray.cli.session import wired
from kbray.errors import ConfigError


def inspect(
    file: Annotated[
        str, typer.Argument(metavar="FILE|HIT", help=f"{FILE_HELP} Or a hit of `kbray search`: 12:3.", show_default=False)
    ],
    to: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="Where the page is written; else NAME.inspect.html in this folder."),
    ] = None,
    pages: Annotated[
        str | None, typer.Option(metavar="N|N-M", help="Draw only these pages of a long document.", show_default=False)
    ] = None,
    show: Annotated[bool, flag("--open", help="Open it in the browser, at the passage of a hit.")] = False,
) -> None:
    """Write a page of HTML that shows a document beside what was read of it.

    Page images with a box around each element, coloured by kind and numbered in reading order; of books and web pages the chapter
    as a browser shows it. Beside it the elements, what runs through the pages (headers, footers) and what is missing. The page
    holds all it shows.
    """
    first, last = _range(pages)
    path, place = write_page(file, to, first, last)
    out(str(path))
    if show:
        open_page(path, place)


def write_page(file: str, to: Path | None = None, first: int = 1, last: int | None = None) -> tuple[Path, str]:
    """Where the page of a file or hit was written, and the fragment of a hit's place in it. Raises: ConfigError."""
    from kbray.ops import inspection
    from kbray.ops.find import find_one, find_passage, taken_in
    from kbray.parse.hidden import INSPECTED

    with wired() as wiring:
        catalogue = wiring.catalogue()
        place = ""
        if passage := find_passage(catalogue, file):
            hit, _ = passage
            place = f"#e{hit.chunk.first}-{hit.chunk.last}"
            file_id = hit.file_id
        else:
            file_id = find_one(catalogue, file)
        row = catalogue.file(file_id).row
        path = (to or Path(f"{row.name}{INSPECTED}")).absolute()  # never the name of a file that may lie here
        if taken_in(catalogue, path):
            raise ConfigError(f"{path} is a file that kbray took in, and is not replaced: name another place with --out.")
        try:
            inspection.write(wiring, row, path, first=first, last=last)
        except OSError as error:
            raise ConfigError(f"{path} can't be written: {error.strerror}.") from None
    return path, place


def open_page(path: Path, place: str) -> None:
    """In the browser; where there is none, say where the page is."""
    if not webbrowser.open(path.as_uri() + place):
        say(f"There is no browser here to open it: {path.as_uri()}{place}")


def _range(pages: str | None) -> tuple[int, int | None]:
    """First and last page. Raises: ConfigError."""
    if pages is None:
        return 1, None
    found = re.fullmatch(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?", pages)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise ConfigError(f"--pages is {pages!r}; write 3 or 3-8.")
    return int(found[1]), int(found[2] or found[1])
