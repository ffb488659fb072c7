"""Options that several commands share, so that they read the same everywhere."""

from functools import partial
from typing import Annotated

import typer

flag = partial(typer.Option, metavar="")
"""An option without a value; typer would show its type, `<bool>`."""

Json = Annotated[bool, flag("--json", help="Write JSON to stdout.")]
FILE_HELP = "A path or URI where the file was seen, the start of its SHA-256 (6 digits or more), its catalogue id, or its name."
OptionalFiles = Annotated[list[str] | None, typer.Argument(metavar="FILE", help=FILE_HELP, show_default=False)]
MaxFiles = Annotated[
    int | None, typer.Option("--max-files", min=1, metavar="N", help="Process no more than this many files, oldest first.")
]
Only = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="PATTERN|TYPE",
        help="Only files whose name fits (`*.pdf`, `*physics*`) or of this kind (`pdf`, `image`, `text/html`).",
    ),
]
Author = Annotated[
    str | None,
    typer.Option("--author", metavar="NAME", help="Only by this author or sender: the name or a part of it, as the files say."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DATE", help="Only what is of this day (2019-03-07), month (2019-03) or year, or later."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Only what is of this day, month or year, or earlier.")
]
RetryFailed = Annotated[bool, flag("--retry-failed", help="Try the failed files again, too.")]
RetryPoor = Annotated[
    bool,
    flag(
        "--retry-poor",
        help="Recognise pages of PDFs and DjVu whose text layer came out poor, too; the better result is kept. Each file once.",
    ),
]
Stale = Annotated[bool, flag("--stale", help="Redo files whose result an older parser or other settings made.")]
Address = Annotated[
    str | None, typer.Option("--address", metavar="ADDRESS", help="A Ray cluster to join: auto, host:6379 or ray://…")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, metavar="N", help="Parts parsed at once.")]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="What kbray and all it starts may take on this machine: 4GiB, 12GB. With --address: of each node's memory.",
    ),
]
