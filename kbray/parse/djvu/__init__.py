"""DjVu → elements, page by page, for one window of pages: text layers by their words, pages without one as pictures.

Written from the DjVu 3 specification; the libraries for it are under the GPL.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from kbray.config import Settings
from kbray.document.layout.page import LaidOutPage
from kbray.document.layout.structure import elements_of
from kbray.document.layout.told import titles_of
from kbray.document.recognised import characters_by_page
from kbray.errors import CorruptDocument, DocumentError, NeedsRecognition
from kbray.model import Failure, Metadata, PageImage, Parsed, TocEntry, Unit, Window
from kbray.parse.djvu.bzz import unpacked
from kbray.parse.djvu.container import Book, Chunk, Info, opened
from kbray.parse.djvu.layer import Layer, layer_of, usual_size
from kbray.parse.djvu.outline import metadata_of, outline_of
from kbray.parse.djvu.picture import Drawing
from kbray.parse.djvu.text import characters, lines_of
from kbray.parse.failing import failure

__all__ = ["characters_on", "opened", "parse"]

ENGINE = "djvu"
_STAMP = 60  # characters: a scan with fewer has a stamp or page number
_BEARABLE = 200 << 10  # bytes of a page's picture, which take some seconds; print has a tenth
_LARGE = "Pages have a text layer that was not compared with their print, because their pictures are as large as photographs."
_UNPROVED = "Pages are scans with a text layer, which was not compared with the print, because recognition is off."


def parse(path: Path, window: Window, limits: Settings) -> Parsed:
    """Elements of the pages of `window` (all, when it has no bounds); pages to be recognised come as images with empty units.

    Only the window that starts at page 1 brings metadata and table of contents.
    Raises: CorruptDocument, UnsupportedMedia (its pages are in other files).
    """
    with opened(path) as book:
        count = len(book.pages)
        first, last = max(1, window.first_page or 1), min(count, window.last_page or count)
        if first > last:
            raise CorruptDocument(
                f"The document has {count} pages, and page {first} was asked for: its page count can't be trusted."
            )
        outline, warnings = _outline(book)
        found = _Found()
        drawing = Drawing(book, limits)
        for number in range(first, last + 1):
            _read_page(book, number, limits, drawing, found)
        usual = usual_size(found.layers.values())
        pages = [LaidOutPage(n, layer.width, layer.height, tuple(layer.blocks(usual))) for n, layer in found.layers.items()]
        elements = elements_of(pages, titles_of(outline, first, last))
        told = characters_by_page(elements)
        return Parsed(
            engine=ENGINE,
            elements=tuple(elements),
            units=tuple(Unit(str(number), told.get(number, 0), produced) for number, produced in found.produced.items()),
            metadata=metadata_of(found.annotations) if first == 1 else Metadata(),
            toc=outline if first == 1 else (),
            images=tuple(found.images),
            failures=tuple(found.failures),
            warnings=(*(warnings if first == 1 else ()), *dict.fromkeys(found.warnings)),
        )


def characters_on(book: Book, number: int) -> int | None:
    """Length of the page's text layer; None: the page can't be read."""
    try:
        data = _text(book, book.contents(number))
    except DocumentError:
        return None
    return 0 if data is None else characters(data)


@dataclass(slots=True)
class _Found:
    """What the pages of a window gave so far."""

    layers: dict[int, Layer] = field(default_factory=dict)
    annotations: list[str] = field(default_factory=list)
    images: list[PageImage] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    produced: dict[int, bool] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def _read_page(book: Book, number: int, limits: Settings, drawing: Drawing, found: _Found) -> None:
    found.produced[number] = True
    try:
        chunks = book.contents(number)
        info = book.info(number, chunks)
        if number == 1:
            found.annotations = _annotations(book, chunks, found)
        layer = _layer(book, chunks, info, number, limits, found)
        usable = limits.ocr == "never" or (limits.ocr == "auto" and layer.characters >= _STAMP)
        if usable and layer.words:
            found.layers[number] = layer
            _compare(drawing, number, chunks, info, limits, found)
        else:
            _recognise(drawing, number, chunks, info, limits, layer, found)
    except DocumentError as error:
        found.produced[number] = False
        message = error.message if error.page else f"Page {number} can't be read: {error.message}"
        found.failures.append(failure(error, page=number, message=message))


def _compare(drawing: Drawing, number: int, chunks: list[Chunk], info: Info, limits: Settings, found: _Found) -> None:
    """Sends the page's picture along, to be compared with its text layer."""
    if limits.ocr == "never":
        found.warnings.append(_UNPROVED)
        return
    if drawing.cost(chunks) > _BEARABLE:
        found.warnings.append(_LARGE)
        return
    try:
        image = drawing.page(number, chunks, info)
    except DocumentError as error:
        found.warnings.append(f"The text layer of page {number} was not compared with its print: {error.message}")
        return
    if image is not None:
        found.images.append(replace(image, layered=True))


def _recognise(
    drawing: Drawing, number: int, chunks: list[Chunk], info: Info, limits: Settings, layer: Layer, found: _Found
) -> None:
    """Sends the page's picture to be recognised. Where it has none, or a damaged one, its layer stands for it.

    Raises: NeedsRecognition, CorruptDocument, DocumentTooLarge.
    """
    try:
        image = drawing.page(number, chunks, info)
    except DocumentError as error:
        if not layer.words:
            raise
        found.warnings.append(f"Page {number} was not recognised, and its text layer stands for it: {error.message}")
        image = None
    if image is None:
        found.layers[number] = layer
    elif limits.ocr == "never":
        raise NeedsRecognition(f"Page {number} is a picture, and recognition is off.", page=number)
    else:
        found.images.append(image)


def _layer(book: Book, chunks: list[Chunk], info: Info, number: int, limits: Settings, found: _Found) -> Layer:
    """The page's text layer, empty where it has none; a damaged one is told, and none where the page can be recognised.

    Raises: CorruptDocument: it is damaged, and recognition is off.
    """
    try:
        data = _text(book, chunks)
        return layer_of(lines_of(data, info.width, info.height) if data else [], info)
    except DocumentError as error:
        if limits.ocr == "never":
            raise
        found.warnings.append(f"The text layer of page {number} can't be read, and its print is recognised: {error.message}")
        return layer_of([], info)


def _text(book: Book, chunks: list[Chunk]) -> bytes | None:
    """Of the page's text layer; None: there is none."""
    for chunk in chunks:
        if chunk.kind in (b"TXTz", b"TXTa"):
            data = book.read(chunk)
            return unpacked(data) if chunk.kind == b"TXTz" else data
    return None


def _annotations(book: Book, chunks: list[Chunk], found: _Found) -> list[str]:
    texts = []
    for chunk in chunks:
        if chunk.kind in (b"ANTz", b"ANTa"):
            try:
                data = book.read(chunk)
                texts.append((unpacked(data) if chunk.kind == b"ANTz" else data).decode("utf-8", "replace"))
            except DocumentError as error:
                found.warnings.append(f"What the document says of itself can't be read: {error.message}")
    return texts


def _outline(book: Book) -> tuple[tuple[TocEntry, ...], list[str]]:
    if book.outline is None:
        return (), []
    try:
        return outline_of(unpacked(book.read(book.outline)), book.forms)
    except DocumentError as error:
        return (), [f"The outline can't be read: {error.message}"]
