"""7-Zip and RAR archives → members, in the order of the archive."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.parse.boxes.members import Member, Passed, told
from kbray.parse.packed import Packed


def members(path: Path, limits: Settings) -> Iterator[Member | Passed]:
    """Raises: CorruptDocument, EncryptedDocument: it can't be opened. DocumentTooLarge: it has too much in it."""
    with Packed(path, limits) as archive:
        for number, (item, pieces) in enumerate(archive.contents(), start=1):
            yield told(item.name.encode("utf-8", "replace"), number, None if item.link else partial(iter, pieces), item.size)
        if archive.problem:
            yield Passed("", CorruptDocument(f"It can't be read to its end: {archive.problem}"))
