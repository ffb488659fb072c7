"""EPUBs that are nothing but pictures of pages (scans, comics) → pages to be recognised, one a chapter.

Their census calls them by a media type of their own, so that they are cut into windows of pages, and other EPUBs have no part in
recognition and what it depends on.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kbray.config import Settings
from kbray.errors import DocumentError, EncryptedDocument
from kbray.model import Element, Failure, PageImage, Parsed, Unit, Window
from kbray.parse import epub, images
from kbray.parse.archive import Archive
from kbray.parse.epub.package import encrypted_members
from kbray.parse.failing import failure

_LETTERS = 200  # for each picture; a printed page has ten times as many
_MARKUP_BYTES = 4096  # of a chapter, on average: a picture and its frame take less
_MARKUP = (".xhtml", ".html", ".htm", ".xht", ".xml")
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff")


def pages(path: Path, limits: Settings) -> int | None:
    """How many chapters a book of pictures has, each being a page; None: it is another book, or can't be read."""
    try:
        with Archive(path, limits) as archive:
            markup = [archive.size(name) for name in archive.names if name.lower().endswith(_MARKUP)]
            held = sum(name.lower().endswith(_PICTURES) for name in archive.names)
        if sum(markup) > _MARKUP_BYTES * len(markup) or 2 * held < len(markup) - 3:  # some are contents, container, credits
            return None
        book = epub.read(path, limits)
    except DocumentError:
        return None
    return len(book.units) if _is_pictured(book) else None


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """The chapters of the window as pages: their text, and pictures to be recognised where a chapter has none.

    Raises: as `epub.read`.
    """
    book = epub.read(path, limits)
    numbers = {unit.name: number for number, unit in enumerate(book.units, start=1)}
    chosen = range(window.first_page or 1, (window.last_page or len(numbers)) + 1)
    elements = [replace(e, page=numbers[e.chapter]) for e in book.elements if e.chapter and numbers[e.chapter] in chosen]
    told = [replace(f, page=numbers[f.chapter]) for f in book.failures if f.chapter and numbers[f.chapter] in chosen]
    found, failures = _read(path, elements, limits)
    lost = {one.page for one in failures}
    return replace(
        book,
        elements=tuple(elements),
        units=tuple(
            Unit(str(number), unit.characters, unit.produced and number not in lost)
            for number, unit in enumerate(book.units, start=1)
            if number in chosen
        ),
        toc=tuple(replace(entry, page=numbers.get(entry.chapter or "")) for entry in book.toc),
        images=tuple(found),
        failures=(*told, *failures),
        warnings=tuple(warning for warning in book.warnings if warning != epub.UNREAD_PICTURES),
    )


def _is_pictured(book: Parsed) -> bool:
    letters = _letters(book.elements)
    pictured = {e.chapter for e in book.elements if e.kind == "image" and e.target and not letters.get(e.chapter)}
    return 2 * len(pictured) > len(book.units) and sum(letters.values()) < _LETTERS * len(pictured)


def _letters(elements: tuple[Element, ...] | list[Element]) -> Mapping[str | None, int]:
    """Of each chapter, without what stands for its pictures."""
    found: dict[str | None, int] = {}
    for element in elements:
        if element.kind != "image":
            found[element.chapter] = found.get(element.chapter, 0) + len(element.text)
    return found


def _read(path: Path, elements: list[Element], limits: Settings) -> tuple[list[PageImage], list[Failure]]:
    """The pictures of chapters without text, as far as they are of kinds that can be recognised."""
    letters = _letters(elements)
    found: list[PageImage] = []
    failures: list[Failure] = []
    with Archive(path, limits) as archive:
        locked = encrypted_members(archive)
        for element in elements:
            if element.kind != "image" or not element.target or not element.page or letters.get(element.chapter):
                continue
            try:
                if element.target in locked:
                    raise EncryptedDocument(f"The picture {element.target!r} is encrypted ({locked[element.target]}).")
                data = archive.read(element.target)
                if data.startswith(epub.PICTURES):
                    found.append(images.read(data, element.page, limits))
            except DocumentError as error:
                failures.append(failure(error, page=element.page, chapter=element.chapter))
    return found, failures
