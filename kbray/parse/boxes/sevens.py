"""7-Zip and RAR archives → members, in the order of the archive."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.parse.boxes.members import Member, Passed
from kbray.parse.boxes.names import safe
from kbray.parse.hidden import hidden
from kbray.parse.packed import Packed


def members(path: Path, limits: Settings) -> Iterator[Member | Passed]:
    """Raises: CorruptDocument, EncryptedDocument: it can't be opened. DocumentTooLarge: it has too much in it."""
    with Packed(path, limits) as archive:
        for number, (item, pieces) in enumerate(archive.contents(), start=1):
            shown = safe(item.name.encode("utf-8", "replace")) or f"file {number}"
            if any(map(hidden, shown.split("/"))):
                yield Passed(shown)
            elif item.link:
                yield Passed(shown, link=True)
            else:
                yield Member(shown, partial(iter, pieces), size=item.size)
        if archive.problem:
            yield Passed("", CorruptDocument(f"It can't be read to its end: {archive.problem}"))
