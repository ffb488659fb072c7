"""Comic books (CBZ, CBR, CB7): archives of pictures of pages → pages to be recognised, in the order that readers show them."""

import re
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from lxml import etree

from kbray.config import Settings
from kbray.errors import DocumentError, EmptyDocument
from kbray.model import Failure, Metadata, PageImage, Parsed, Unit, Window
from kbray.parse import images
from kbray.parse.archive import Archive
from kbray.parse.failing import failure
from kbray.parse.hidden import hidden
from kbray.parse.media import COMIC_PAGES
from kbray.parse.packed import Packed, is_packed

ENGINE = "comic"
_INFO = "comicinfo.xml"
_YEAR = re.compile(r"\d{1,4}")
_WRITERS = ("Writer", "Penciller")


def pages(path: Path, limits: Settings) -> int | None:
    """How many pages it has; None: it can't be opened."""
    try:
        with _opened(path, limits) as archive:
            return len(_pages(archive)) or None
    except DocumentError:
        return None


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The pages of the window. A page that can't be used is a failure of its own.

    Raises: CorruptDocument, EncryptedDocument: it can't be opened. DocumentTooLarge: it has too many members.
            EmptyDocument: it has no pages.
    """
    found: list[PageImage] = []
    failures: list[Failure] = []
    with _opened(path, limits) as archive:
        names = _pages(archive)
        if not names:
            raise EmptyDocument("There is no picture in the comic book.")
        chosen = range(window.first_page or 1, min(len(names), window.last_page or len(names)) + 1)
        for number in chosen:
            try:
                found.append(images.read(archive.read(names[number - 1]), number, limits))
            except DocumentError as error:
                failures.append(failure(error, page=number))
        said = _metadata(archive)
    lost = {one.page for one in failures}
    return Parsed(
        ENGINE,
        units=tuple(Unit(str(number), 0, number not in lost) for number in chosen),
        metadata=said,
        images=tuple(found),
        failures=tuple(failures),
    )


def _opened(path: Path, limits: Settings) -> Archive | Packed:
    return Packed(path, limits) if is_packed(path) else Archive(path, limits)


def _pages(archive: Archive | Packed) -> list[str]:
    """Names of its pictures, numbers in them by their value: 2.jpg before 10.jpg."""
    pictures = (name for name in archive.names if name.lower().endswith(COMIC_PAGES))
    return sorted((name for name in pictures if not any(map(hidden, name.split("/")))), key=_natural)


def _natural(name: str) -> tuple[list[tuple[int, int | str]], str]:
    pieces = re.findall(r"\d+|\D+", name.casefold())
    return [(0, int(piece)) if piece.isdecimal() and len(piece) < 20 else (1, piece) for piece in pieces], name


def _metadata(archive: Archive | Packed) -> Metadata:
    """As ComicRack keeps it (ComicInfo.xml, anansi-project.github.io); none where it is damaged or locked."""
    name = next((name for name in archive.names if name.rpartition("/")[2].lower() == _INFO), None)
    if name is None:
        return Metadata()
    try:
        root = etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
    except (DocumentError, etree.XMLSyntaxError):
        return Metadata()

    def said(tag: str) -> str | None:
        return " ".join((root.findtext(tag) or "").split()) or None

    series = " ".join(filter(None, (said("Series"), f"#{said('Number')}" if said("Number") else None))) or None
    writers = tuple(dict.fromkeys(one.strip() for tag in _WRITERS for one in (said(tag) or "").split(",") if one.strip()))
    known = takewhile(lambda part: part and _YEAR.fullmatch(part), map(said, ("Year", "Month", "Day")))
    date = "-".join(f"{int(part or 0):02}" for part in known) or None
    title = ": ".join(dict.fromkeys(filter(None, (series, said("Title"))))) or None
    plain = Metadata(title=title, authors=writers, language=said("LanguageISO"), publisher=said("Publisher"), date=date)
    return replace(plain, identifier=said("GTIN") or said("Web"))
