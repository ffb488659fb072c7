"""ZIP archives → members, in the order of the directory."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.parse.archive import Archive
from kbray.parse.boxes.members import Member, Passed, told


def members(path: Path, limits: Settings) -> Iterator[Member | Passed]:
    """Raises: CorruptDocument: it can't be opened. DocumentTooLarge: it has too many members."""
    with Archive(path, limits) as archive:
        if (before := archive.begins_at) > 0:
            why = f"{before:,} bytes stand before the archive at its end, perhaps another one, and are not read"
            yield Passed("", CorruptDocument(why))
        for name in archive.duplicates:
            yield Passed(name, CorruptDocument("It has another file of the same name, which is taken instead"))
        for number, name in enumerate(archive.names, start=1):
            pieces = None if archive.is_link(name) else partial(archive.stream, name)
            yield told(archive.raw_name(name), number, pieces, archive.size(name))
