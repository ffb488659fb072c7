"""Archives and mailboxes: each file in them becomes one of its own, and they themselves are a list of what they hold."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, DocumentTooLarge, EmptyDocument
from kbray.model import Element, Parsed, Unit, Window
from kbray.parse.boxes import mailbox, packed
from kbray.parse.boxes.members import Member
from kbray.parse.media import BZIP2, GZIP, MBOX, TAR, XZ, ZIP

_READERS: Mapping[str, Callable[[Path, Settings], Iterator[Member]]] = {
    ZIP: packed.in_zip,
    TAR: packed.in_tar,
    GZIP: packed.in_stream,
    BZIP2: packed.in_stream,
    XZ: packed.in_stream,
    MBOX: mailbox.messages,
}
_TOLD = 20  # files that are told one by one where they can't be had


def parse(path: Path, window: Window, limits: Settings, media_type: str) -> Parsed:
    """Names of the files in it, each with the SHA-256 of what it holds; warnings tell those that can't be had.

    Raises: EmptyDocument: there is none. CorruptDocument: it can't be opened. DocumentError: none can be had, and why the
    first can't.
    """
    elements: list[Element] = []
    lost: list[DocumentError] = []
    for member in _bounded(path, media_type, limits):
        digest = hashlib.sha256()
        try:
            for piece in member.pieces():
                digest.update(piece)
        except DocumentError as error:
            lost.append(error)
            continue
        elements.append(Element("paragraph", member.told, target=digest.hexdigest()))
    if not elements:
        raise lost[0] if lost else EmptyDocument("There is no file in it.")
    warnings = [str(error) for error in lost[:_TOLD]]
    if len(lost) > _TOLD:
        warnings.append(f"And {len(lost) - _TOLD:,} more files in it can't be had.")
    characters = sum(len(element.text) for element in elements)
    return Parsed("boxes", tuple(elements), (Unit("whole", characters),), warnings=tuple(warnings))


def unpack(path: Path, media_type: str, folder: Path, limits: Settings) -> tuple[str, ...]:
    """Write the files in it into `folder`, named 0, 1, 2, …; the names they should have, with their folders, each once.

    "" is the name of what is packed alone, and is called as the file around it. Raises: as `parse`, but EmptyDocument.
    """
    names: list[str] = []
    for member in _bounded(path, media_type, limits):
        place = folder / str(len(names))
        try:
            with place.open("wb") as file:
                for piece in member.pieces():
                    file.write(piece)
        except DocumentError:  # which `parse` tells
            place.unlink()
            continue
        names.append(member.name)
    return tuple(names)


def _bounded(path: Path, media_type: str, limits: Settings) -> Iterator[Member]:
    """Its members as far as there may be, each counted while it is read; the last one tells why there are no more."""
    total = 0

    def counted(member: Member) -> Iterator[bytes]:
        nonlocal total
        size = 0
        for piece in member.pieces():
            size += len(piece)
            total += len(piece)
            if size > limits.max_file_bytes:
                raise DocumentTooLarge(f"{member.name!r} has more bytes than max_file_bytes allows ({limits.max_file_bytes:,}).")
            if total > limits.max_unpacked_bytes:
                raise DocumentTooLarge(
                    f"{member.name!r} and what follows would unpack to more than max_unpacked_bytes allows "
                    f"({limits.max_unpacked_bytes:,})."
                )
            yield piece

    before: Member | None = None
    try:
        for number, member in enumerate(_READERS[media_type](path, limits)):
            if number >= limits.max_archive_members:
                yield member.refused(f"Only the first {number:,} files in it are read (max_archive_members).")
                return
            yield replace(member, pieces=partial(counted, member))
            if total > limits.max_unpacked_bytes:
                return
            before = member
    except CorruptDocument as error:
        if before is None:
            raise
        yield before.refused(f"{error} The files before are read.")
