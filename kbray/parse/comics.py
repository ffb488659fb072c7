"""Comic books and scans in an archive (CBZ) → pages to be recognised, in the order of their names."""

import re
from pathlib import Path, PurePosixPath

from lxml import etree

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentError, signature
from kbray.model import Failure, Metadata, PageImage, Parsed, Unit, Window
from kbray.parse import images
from kbray.parse.archive import Archive
from kbray.parse.hidden import hidden
from kbray.parse.markup import trees

_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".jp2")
_ABOUT = "ComicInfo.xml"
_DIGITS = re.compile(r"(\d+)")


def count(path: Path, limits: Settings) -> int | None:
    """How many pages it has; None: it can't be opened."""
    try:
        with Archive(path, limits) as archive:
            return len(_pages(archive))
    except DocumentError:
        return None


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The pages of the window; one that can't be had is a failure of its own.

    Raises: CorruptDocument: no archive, or without pictures. DocumentTooLarge: it has too many members.
    """
    with Archive(path, limits) as archive:
        names = _pages(archive)
        if not names:
            raise CorruptDocument("There are no pictures in the book.")
        first = window.first_page or 1
        chosen = list(enumerate(names, start=1))[first - 1 : window.last_page or len(names)]
        found: list[PageImage] = []
        failures: list[Failure] = []
        for number, name in chosen:
            try:
                found.append(images.read(archive.read(name), number, limits))
            except DocumentError as error:
                why = signature(error.code, "parse", error.message)
                failures.append(Failure(error.code, error.message, "parse", why, number))
        return Parsed(
            "comics",
            units=tuple(Unit(str(number), 0, produced=number not in {one.page for one in failures}) for number, _ in chosen),
            metadata=_metadata(archive) if first == 1 else Metadata(),
            images=tuple(found),
            failures=tuple(failures),
        )


def _pages(archive: Archive) -> list[str]:
    """As a reader turns them: numbers in names by their value."""
    pictures = (name for name in archive.names if name.lower().endswith(_PICTURES))
    return sorted((name for name in pictures if not any(map(hidden, PurePosixPath(name).parts))), key=_order)


def _order(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = _DIGITS.split(name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _metadata(archive: Archive) -> Metadata:
    """What ComicRack's file says, where there is one."""
    member = archive.find(_ABOUT)
    if member is None:
        return Metadata()
    try:
        root = trees.xml(archive.read(member), member)
    except DocumentError:
        return Metadata()
    said = {str(node.tag): " ".join((node.text or "").split()) for node in root if isinstance(node, etree._Element)}
    series = " ".join(filter(None, (said.get("Series"), said.get("Number"))))
    return Metadata(
        title=": ".join(dict.fromkeys(filter(None, (series, said.get("Title"))))) or None,
        authors=tuple(name for name in re.split(r",\s*", said.get("Writer", "")) if name),
        language=said.get("LanguageISO") or None,
        publisher=said.get("Publisher") or None,
        date=said.get("Year") or None,
    )
