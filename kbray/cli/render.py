"""How things are shown: data on stdout, talk on stderr, and no file name can reach the terminal as a control sequence."""

import dataclasses
import errno
import json
import os
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import typer

from kbray.errors import OutputUnavailable

# Joiners shape emoji and Indic words in honest names; the other format characters (bidi overrides) only deceive.
_HARMLESS_FORMAT = "\u200c\u200d\u00ad"
LONGEST_WORD = 10
"""Characters: longer ones are cut where a table has no room for them."""
COLUMN_GAP = 2
_ESCAPED = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp"})


def plain(text: object) -> str:
    """The text on one line, control, format and undecodable characters written as escapes."""
    return "".join(_visible(character) for character in str(text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _ESCAPED or character in _HARMLESS_FORMAT:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def say(text: str = "") -> None:
    """A line for the user, on stderr; line breaks are kept, everything else is made safe.

    Where nobody reads it any more (`2>&1 | head`, a closed terminal) the work goes on without: it may be the heartbeat's thread
    that says it.
    """
    try:
        typer.echo("\n".join(plain(line) for line in text.split("\n")), err=True)
    except OSError as error:
        if not (isinstance(error, BrokenPipeError) or hung_up(sys.stderr, error)):
            raise
        discard(sys.stderr)


def out(text: str = "") -> None:
    """A line of data, on stdout, made safe as in `say`. Raises: as `write`."""
    write("\n".join(plain(line) for line in text.split("\n")))


def write(text: str, nl: bool = True) -> None:
    """Data on stdout, as they are; nowhere, once the terminal is closed.

    Raises: BrokenPipeError: nobody reads them any more. OutputUnavailable: they can't be written.
    """
    try:
        typer.echo(text, nl=nl)
    except BrokenPipeError:
        raise
    except OSError as error:
        gone = hung_up(sys.stdout, error)
        discard(sys.stdout)
        if gone:
            return
        raise OutputUnavailable(f"What is printed can't be written: {error.strerror}.") from error


def hung_up(stream: TextIO, error: OSError) -> bool:
    """Whether writing failed because the terminal that the stream leads to was closed."""
    return error.errno == errno.EIO and stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)


def discard(stream: TextIO) -> None:
    """What is written to it from now on goes nowhere, and so does what it still holds."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nowhere.fileno(), stream.fileno())


def out_json(value: object) -> None:
    """One JSON document on stdout."""
    write(to_json(value, indent=2))


def to_json(value: object, indent: int | None = None) -> str:
    """JSON of dataclasses, mappings, sequences, dates and paths; escaped to ASCII where stdout can't write Unicode."""
    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(jsonable(value), indent=indent, ensure_ascii=ascii_only)
    # Lone surrogates are no Unicode and can't be written as UTF-8; as \udcXX escapes they are still JSON.
    return "".join(c if not "\ud800" <= c <= "\udfff" else f"\\u{ord(c):04x}" for c in text) if not text.isascii() else text


def jsonable(value: Any) -> Any:
    """The value as JSON knows it: dataclasses become objects, dates ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable):
        return [jsonable(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def out_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """A table on a terminal, without columns in which there is nothing; a line for each cell where it is too narrow for that.
    Elsewhere one row a line, tab-separated and without a heading, as `cut` and `wc -l` like it."""
    if not sys.stdout.isatty():
        for row in rows:
            out_row(row)
        return
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[_cell(value) for value in row] for row in rows]
    shown = [index for index, name in enumerate(columns) if not cells or any(row[index] for row in cells)]
    console = Console()
    widths = _fitted([[columns[index], *(row[index] for row in cells)] for index in shown], console.width, cell_len)
    if widths is None:
        write("\n\n".join(_record(columns, row) for row in cells))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for index, width in zip(shown, widths, strict=True):
        name = columns[index]
        table.add_column(Text(name), justify="right" if name in right else "left", overflow="fold", width=width)
    for row in cells:
        table.add_row(*(Text(row[index]) for index in shown))
    console.print(table)


def _fitted(columns: Sequence[Sequence[str]], room: int, width_of: Callable[[str], int]) -> list[int] | None:
    """How wide each column may be, the widest giving way first; None: there is no room for their words."""
    widths = [max(map(width_of, column)) for column in columns]
    least = [min(LONGEST_WORD, max(width_of(word) for cell in column for word in cell.split() or [""])) for column in columns]
    while sum(widths) + COLUMN_GAP * (len(widths) - 1) > room:
        wide = [(width, index) for index, width in enumerate(widths) if width > least[index]]
        if not wide:
            return None
        width, index = max(wide)
        widths[index] = width - 1
    return widths


def _record(columns: Sequence[str], row: Sequence[str]) -> str:
    width = max(map(len, columns))
    return "\n".join(f"{column:{width}}  {value}" for column, value in zip(columns, row, strict=True) if value)


def out_row(row: Sequence[object]) -> None:
    write("\t".join(_cell(value) for value in row))


def _cell(value: object) -> str:
    return "" if value is None else plain(value)


def size(count: int) -> str:
    """Bytes for people: 1.5 MB."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def duration(seconds: float) -> str:
    """A length of time in at most two units: 1.2 s, 45 s, 3 min 10 s, 2 h 5 min, 3 d 4 h."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {secs} s" if minutes else f"{secs} s"


def time_left(seconds: float) -> str:
    """An estimate, told as one."""
    return "a few seconds left" if seconds < 10 else f"about {duration(seconds)} left"


def since(start: datetime, end: datetime | None = None) -> str:
    """The time between two moments, or since one."""
    passed = (end or datetime.now(start.tzinfo)) - start
    return duration(max(passed, timedelta()).total_seconds())


def count(number_of: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2,000 files`."""
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"
