"""PDF → elements, page by page, for one window of pages. Nothing in the file is run: no scripts, no actions, no links."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from kbray.config import Settings
from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.structure import elements_of
from kbray.document.layout.told import titles_of
from kbray.document.recognised import characters_by_page
from kbray.errors import CorruptDocument, DocumentError, EncryptedDocument, NeedsRecognition
from kbray.model import Element, Failure, Metadata, PageImage, Parsed, Unit, Window
from kbray.parse import attached, comments
from kbray.parse.attached import Attached
from kbray.parse.failing import failure
from kbray.parse.pdf.annotations import MOST, Annotations, Remark, sign_of
from kbray.parse.pdf.damage import LARGE, damaged_pages, has_contents, has_zeros, missing_in
from kbray.parse.pdf.files import attached_to, left_out
from kbray.parse.pdf.outline import divides_words, metadata_of, outline_of
from kbray.parse.pdf.page import lay_out, open_page
from kbray.parse.pdf.paragraphs import checked
from kbray.parse.pdf.render import draws, has_ink, render
from kbray.parse.pdf.xfa import form_of

ENGINE = "pdf"
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_NO_PDF = b"none"
_SECURITY = 5  # FPDF_ERR_SECURITY: an encryption that pdfium does not know
_HANGING = "Files that hang at single pages are named, and not read."
_DAMAGED = "Page {number} is damaged: some of its data can't be unpacked, so that text on it may be missing or wrong."
_MISSING = {
    "contents": "Page {number} is damaged: contents that it names are not in the file, which may have been cut short.",
    "shown": "Page {number} is damaged: fonts, forms or pictures that it shows are not in the file; text may be wrong.",
}
_ZEROS = "Zeros stand where objects of the file should be: a part of it is lost, and text may be; fetch it again."
_UNPROVED = "Pages are scans with a text layer, which was not compared with the print, because recognition is off."


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """Elements of the pages of `window` (all, when it has no bounds); pages to be recognised come as images with empty units.

    Only the window that starts at page 1 brings metadata and table of contents.
    Raises: EncryptedDocument, CorruptDocument.
    """
    with opened(path) as document:
        count = len(document)
        first = max(1, window.first_page or 1)
        last = min(count, window.last_page or count)
        if first > last:
            raise CorruptDocument(f"The PDF has {count} pages, and page {first} was asked for: its page count can't be trusted.")
        outline, warnings = outline_of(document)
        form, told = form_of(document)
        size = path.stat().st_size
        found = _Found(damaged=damaged_pages(document, range(first, last + 1), size))
        for number in range(first, last + 1):
            if form and count == 1:
                found.produced[number] = True  # it only says that it is none
            else:
                _read_page(document, number, limits, found)
        _tell_missing(document, range(first, last + 1), size, found)
        titles = found.titles | titles_of(outline, first, last)
        elements = elements_of(checked(found.pages), titles, divides=divides_words(document))
        elements = sorted(chain(elements, *found.garbled.values()), key=lambda element: element.page or 0)
        elements = _with_remarks(elements, found.remarks)
        if first == 1:
            elements = [*form, *elements]
            warnings += [*told, _ZEROS] if has_zeros(path) else told
        if last == count:
            elements += [one.told(last) for one in attached_to(document)]
            found.warnings += left_out(document)
        return Parsed(
            engine=ENGINE,
            elements=tuple(elements),
            units=_units(found, characters_by_page(elements)),
            metadata=metadata_of(document) if first == 1 else Metadata(),
            toc=outline if first == 1 else (),
            images=tuple(found.images),
            failures=tuple(found.failures),
            warnings=(*(warnings if first == 1 else ()), *dict.fromkeys(found.warnings)),
        )


def unpack(path: Path, folder: Path) -> tuple[str, ...]:
    """Write the files inside it into `folder`, named 0, 1, 2, …; the names they should have, each once.

    Raises: EncryptedDocument, CorruptDocument.
    """
    with opened(path) as document:
        return attached.unpack(attached_to(document), folder)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The document, closed at the end.

    Raises: EncryptedDocument: it asks for a password. CorruptDocument: pdfium can't load it, or it has no pages.
    """
    # pdfium keeps the reason of the failure before where it tells none, as of files without pages; this one is "no PDF".
    pdfium_c.FPDF_LoadMemDocument(_NO_PDF, len(_NO_PDF), None)
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code == _PASSWORD:
            raise EncryptedDocument("The PDF opens only with a password.") from None
        if error.err_code == _SECURITY:
            raise EncryptedDocument("The PDF is protected by a method that can't be read.") from None
        raise CorruptDocument("The PDF can't be opened: it is damaged, cut short, has no pages, or is no PDF.") from None
    try:
        yield document
    finally:
        document.close()


@dataclass(slots=True)
class _Found:
    """What the pages of a window gave so far."""

    damaged: set[int]
    empty: list[int] = field(default_factory=list)  # pages that draw nothing
    warnings: list[str] = field(default_factory=list)
    remarks: dict[int, list[Element]] = field(default_factory=dict)  # comments, and files that hang there, by page
    pages: list[LaidOutPage] = field(default_factory=list)
    images: list[PageImage] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    produced: dict[int, bool] = field(default_factory=dict)
    garbled: dict[int, list[Element]] = field(default_factory=dict)  # layers that stand where nothing better is recognised
    lost: dict[int, int] = field(default_factory=dict)  # characters of the text layer, where that is used
    titles: dict[tuple[int, str], int] = field(default_factory=dict)  # as the structure tells


def _read_page(document: Any, number: int, limits: Settings, found: _Found) -> None:
    found.produced[number] = True
    try:
        with open_page(document, number) as page:
            if not draws(page):
                found.empty.append(number)
            seen = lay_out(page, number)
            _note(page.annotations, seen.remarks, number, found)
            if limits.ocr == "never" or (limits.ocr == "auto" and seen.usable and seen.page.blocks):
                found.pages.append(seen.page)
                found.titles.update(((number, title), level) for title, level in seen.titles.items())
                found.lost[number] = seen.lost
                if all(block.picture for block in seen.page.blocks) and has_ink(page):
                    raise NeedsRecognition(f"Page {number} is a picture, and recognition is off.", page=number)
                if seen.bare and limits.ocr == "auto":
                    found.images.append(render(page, number, limits.ocr_dpi, limits.max_page_pixels, seen.bare))
                if seen.layered and limits.ocr == "auto":
                    whole = render(page, number, limits.ocr_dpi, limits.max_page_pixels)
                    found.images.append(replace(whole, layered=True))
                if seen.layered and limits.ocr == "never":
                    found.warnings.append(_UNPROVED)
            elif has_ink(page):
                whole = render(page, number, limits.ocr_dpi, limits.max_page_pixels)
                garbled = limits.ocr == "auto" and seen.garbled and bool(seen.page.blocks) and not page.annotations.ticks
                if garbled:
                    found.garbled[number] = elements_of([seen.page])
                    found.lost[number] = seen.lost
                found.images.append(replace(whole, garbled=garbled))
                ticks = page.annotations.ticks  # which don't show, and have no words here to stand with
                found.remarks.setdefault(number, []).extend(
                    Element("paragraph", sign_of(ticked), page=number, box=box) for box, ticked in ticks
                )
            if number in found.damaged:
                found.produced[number] = draws(page)
                found.failures.append(failure(CorruptDocument(_DAMAGED.format(number=number)), page=number))
    except DocumentError as error:
        found.produced[number] = False
        found.failures.append(failure(error, page=number))


def _tell_missing(document: Any, numbers: Sequence[int], size: int, found: _Found) -> None:
    """Of pages that name what the file lacks; of a large file this is looked for where a page has nothing at all."""
    bare = [number for number in found.empty if number not in found.damaged and not has_contents(document, number)]
    if size <= LARGE or bare:
        for number, what in missing_in(document, numbers, size).items():
            if number not in found.damaged and found.produced[number]:
                found.produced[number] = number not in found.empty
                found.failures.append(failure(CorruptDocument(_MISSING[what].format(number=number)), page=number))


def _note(annotations: Annotations, remarks: Sequence[Remark], number: int, found: _Found) -> None:
    """Comments to the page as notes, and the names of files that hang at it."""
    notes = [
        replace(comments.note(remark.comment, place), page=number, box=remark.places[0])
        for place, remark in enumerate(remarks, start=1)
    ]
    notes += [Attached(name, b"").told(number) for name in annotations.files]
    if notes:
        found.remarks[number] = notes
    if annotations.files:
        found.warnings.append(_HANGING)
    if annotations.more:
        found.warnings.append(f"Page {number} has more than {MOST:,} annotations, and the rest was not looked at.")


def _with_remarks(elements: list[Element], remarks: Mapping[int, list[Element]]) -> list[Element]:
    """With those of each page behind its text, before its own notes, which may go on."""
    if not remarks:
        return elements
    pages: dict[int | None, list[Element]] = {number: [] for number in remarks}
    for element in elements:
        pages.setdefault(element.page, []).append(element)
    for number, added in remarks.items():
        own = pages[number]
        at = next((place for place, element in enumerate(own) if element.kind == "footnote"), len(own))
        own[at:at] = added
    return [element for number in sorted(pages, key=lambda page: page or 0) for element in pages[number]]


def _units(found: _Found, characters: dict[int, int]) -> tuple[Unit, ...]:
    return tuple(
        Unit(str(number), characters.get(number, 0), produced, lost=found.lost.get(number, 0))
        for number, produced in found.produced.items()
    )
