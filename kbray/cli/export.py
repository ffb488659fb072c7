"""`kbray export`: documents as Markdown, JSON Lines or element JSON, to stdout or into a folder."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbray.cli.options import Json, OptionalFiles, flag
from kbray.cli.render import count, out_json, say, write
from kbray.cli.session import wired
from kbray.errors import ConfigError
from kbray.ops.find import find_all, taken_in
from kbray.ops.formats import Format

if TYPE_CHECKING:
    from kbray.catalogue import FileRow
    from kbray.ops.export import Exporter


def export(
    files: OptionalFiles = None,
    all_files: Annotated[bool, flag("--all", help="Every file that has results.")] = False,
    format: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = "markdown",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write files there, named after their sources.")
    ] = None,
    report: Json = False,
) -> None:
    """Write documents as Markdown, JSON Lines or element JSON.

    They go to stdout, or with --out into a folder, a file each. markdown: as it reads. jsonl: an element a line, with page
    and box or chapter. unstructured: the element JSON of that library, for its `elements_from_dicts`. With --out, the pictures
    of a book lie beside its Markdown, and --json reports what was written. Exit code 1: some had no results, or a file that
    kbray took in is in their place, which is never replaced.
    """
    from kbray.ops.export import Exporter
    from kbray.ops.listing import finished

    if bool(files) == all_files:
        raise ConfigError("Say what to export: FILE… or --all, one of the two.")
    if report and out is None:
        raise ConfigError("--json reports what was written into a folder; give --out DIR with it.")
    with wired() as wiring:
        catalogue = wiring.catalogue()
        rows: Iterable[FileRow] = (
            finished(catalogue) if all_files else [catalogue.file(file_id).row for file_id in find_all(catalogue, files or [])]
        )
        exporter = Exporter(wiring.objects(), format, wiring.settings)
        failed = (
            _to_stdout(exporter, rows) if out is None else _to_folder(exporter, rows, out, partial(taken_in, catalogue), report)
        )
    if failed:
        raise typer.Exit(1)


def _to_folder(
    exporter: "Exporter", rows: "Iterable[FileRow]", folder: Path, is_taken_in: Callable[[Path], bool], report: bool
) -> int:
    from kbray.ops.export import Written, write_folder

    written: list[Written] = []
    number = failed = 0
    for result in write_folder(exporter, rows, folder, is_taken_in):
        if isinstance(result, Written):
            number += 1
            if report:
                written.append(result)
        else:
            failed += 1
            say(f"kbray: {result}")
    if report:
        out_json({"written": written, "failed": failed})
    else:
        say(f"{count(number, 'file')} written to {folder}.")
    return failed


def _to_stdout(exporter: "Exporter", rows: "Iterable[FileRow]") -> int:
    """Documents one after the other: Markdown with an empty line between, JSON Lines as one stream, element JSON as one array."""
    from kbray.ops.export import NotReady

    failed = number = 0
    array = exporter.format == "unstructured"
    if array:
        write("[", nl=False)
    for row in rows:
        try:
            pieces = (json.dumps(item, ensure_ascii=False) for item in exporter.dicts(row)) if array else exporter.pieces(row)
            for index, piece in enumerate(pieces):
                write(_joint(exporter.format, number, index) + piece, nl=False)
                number += 1
        except NotReady as reason:
            failed += 1
            say(f"kbray: {reason}")
    if array:
        write("\n]")
    return failed


def _joint(format: str, number: int, index: int) -> str:
    """What stands before piece `index` of a document when `number` pieces were written before it."""
    if format == "unstructured":
        return ",\n" if number else "\n"
    return "\n" if format == "markdown" and number and not index else ""
