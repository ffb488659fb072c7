"""`kbray files`: what is in the catalogue, file by file."""

import itertools
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.options import Author, Json, Only, Since, Until, flag
from kbray.cli.render import jsonable, out_table, say, to_json, write
from kbray.cli.session import wired
from kbray.model import Failure, FileStatus, Grade

if TYPE_CHECKING:
    from kbray.catalogue import FileRow

ON_TERMINAL = 200  # rows shown on a terminal unless --limit says otherwise; more would scroll away
COLUMNS = ("id", "status", "pages", "type", "sha256", "name", "error", "date", "authors")
_NARROW = 7  # columns on a terminal, which has no room for more, where nobody asks for dates or authors


def files(
    status: Annotated[FileStatus | None, typer.Option(help="Only files with this status.")] = None,
    only: Only = None,
    quality: Annotated[Grade | None, typer.Option(help="Only documents of this quality; `kbray show` tells why.")] = None,
    incomplete: Annotated[bool, flag("--incomplete", help="Only documents with pages or chapters missing.")] = False,
    gone: Annotated[bool, flag("--gone", help="Only files that are no longer where they were seen.")] = False,
    author: Author = None,
    since: Since = None,
    until: Until = None,
    newest: Annotated[bool, flag("--newest", help="By their dates, the newest first; those without one come last.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="No more than this many.")] = None,
    json: Json = False,
) -> None:
    """List files, in the order in which they were taken in.

    Not on a terminal: one file a line, tab-separated: id, status, pages, type, SHA-256, name, error code, date, authors. In the
    place of the code stands `incomplete`, or `gone` where the file was deleted or replaced by other content since. The date is
    that when it was published or sent, else saved or made, as it says itself; a terminal shows it where it is asked for.
    """
    from kbray.catalogue.selection import byline
    from kbray.ops.find import unfitting
    from kbray.ops.listing import every_file
    from kbray.ops.search import left_out

    by = byline(author, since, until)
    with wired() as wiring:
        if unfit := unfitting(wiring.catalogue(), only):
            say(unfit)
        if undated := left_out(wiring, by, only=only):
            say(undated)
        rows = every_file(wiring.catalogue(), status, only, quality, gone=gone, by=by, newest=newest)
        if incomplete:
            rows = (row for row in rows if is_incomplete(row))
        if json:
            write_json(itertools.islice(rows, limit))
            return
        bound = limit or (ON_TERMINAL if sys.stdout.isatty() else None)
        columns = COLUMNS if by or newest or not sys.stdout.isatty() else COLUMNS[:_NARROW]
        shown = (_columns(row)[: len(columns)] for row in itertools.islice(rows, bound))
        out_table(columns, shown, right=("id", "pages"))
        if limit is None and next(rows, None) is not None:
            say(f"These are the first {ON_TERMINAL}; --limit N shows more, and so do --json and a pipe.")


def is_incomplete(row: "FileRow") -> bool:
    """It has results, and they miss something."""
    return row.status != "failed" and row.complete is False


def _columns(row: "FileRow") -> tuple[object, ...]:
    error = row.error.code if row.error else "incomplete" if is_incomplete(row) else "gone" if row.gone else ""
    return (
        row.id,
        row.status,
        row.pages,
        kind_of(row.media_type),
        row.sha256[:12],
        row.name,
        error,
        row.date,
        "; ".join(row.authors),
    )


def kind_of(media_type: str) -> str:
    """The short name that --only takes, too, where there is one: docx, pdf, html."""
    from kbray.catalogue.selection import TYPE_NAMES

    return next((name for name, types in TYPE_NAMES.items() if media_type in types), media_type)


def write_json(rows: "Iterator[FileRow]") -> None:
    """`{"files": […]}`, written row by row."""
    write('{"files": [', nl=False)
    for index, row in enumerate(rows):
        write((",\n  " if index else "\n  ") + to_json(file_json(row)), nl=False)
    write("\n]}")


def file_json(row: "FileRow") -> dict[str, object]:
    """A row with its failure cut down to what tells people and programs what is wrong; `kbray show` has the traceback."""
    return {**jsonable(row), "error": failure_json(row.error) if row.error else None}


def failure_json(failure: Failure) -> dict[str, object]:
    return {key: value for key, value in jsonable(failure).items() if key != "traceback"}
