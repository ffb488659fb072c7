"""Recognised pages put back among the pages that had text, and what pictures say beside them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kbray.document import footnotes, joining, layers, running
from kbray.errors import UnreadPage, signature
from kbray.model import NOTE_MARK, REMARK, Element, Failure, PageImage, Parsed, Reading, Table, Unit

SURE = 0.8
"""Confidence from which what was read on a picture is text: photographs have things that look like letters."""
_KEPT = frozenset(("list_item", "code", "formula"))  # kinds of text on a picture beside text; all others are paragraphs there
_SENTENCE = 4  # words, at least
_LETTERS = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W_]{2}")


def merge(parsed: Parsed, readings: Sequence[Reading]) -> Parsed:
    """`parsed` with the elements of its images, one reading an image in their order, at the place of their pages; no images left.

    What a picture of a file without pages says follows the first element that shows it.
    A page without an element stays produced when it is blank, and is missing when print was seen on it. What pictures beside a
    page's text say stands where they are in it. A text layer stays, unless it is bad and what was read is better.
    Raises: ValueError: not as many readings as images.
    """
    if len(readings) != len(parsed.images):
        raise ValueError(f"{len(parsed.images)} pages were to be recognised, and {len(readings)} came back")
    if not parsed.images:
        return parsed
    if any(image.target is not None for image in parsed.images):
        return _beside_pictures(parsed, readings)
    order = {unit.name: place for place, unit in enumerate(parsed.units)}
    own = _by_page(parsed.elements)
    replaced = {
        str(image.page): reading
        for image, reading in zip(parsed.images, readings, strict=True)
        if image.layered and layers.is_worse(own.get(str(image.page), []), reading.elements)
    }
    read = {
        str(image.page): _labels(reading) if image.partial else reading
        for image, reading in zip(parsed.images, readings, strict=True)
        if not image.layered
    } | replaced
    own = {page: [one for one in found if page not in replaced or _is_remark(one)] for page, found in own.items()}
    elements: list[Element] = []
    for page in sorted({*own, *read}, key=lambda page: order.get(page, len(order))):
        found = read[page].elements if page in read else ()
        elements.extend(_placed(own.get(page, []), found))
    characters = characters_by_page(elements)
    units = tuple(_unit(unit, read[unit.name], characters) if unit.name in read else unit for unit in parsed.units)
    units = tuple(replace(unit, lost=0) if unit.name in replaced else unit for unit in units)
    lost = [_unread(int(page)) for page in read if _is_unread(read[page])]
    warnings = (*parsed.warnings, *((_told(replaced),) if replaced else ()))
    return replace(
        parsed, elements=tuple(elements), units=units, images=(), failures=(*parsed.failures, *lost), warnings=warnings
    )


def _beside_pictures(parsed: Parsed, readings: Sequence[Reading]) -> Parsed:
    """A picture with text beside it says no titles of the document, nothing in doubt, and nothing if all of it is in that text.

    Another one is the page itself.

    What it says stands behind its caption, if that is below it.
    """
    worded = {element.chapter for element in parsed.elements if element.kind != "image" and element.is_content}
    if not worded and all(element.page is None for element in parsed.elements):
        readings = _as_pages(parsed.images, readings)
    said = {image.target: reading for image, reading in zip(parsed.images, readings, strict=True)}
    own = _words_by_chapter(parsed.elements)
    captioned = _captioned(parsed.elements)
    elements: list[Element] = []
    waiting: list[Element] = []  # for the caption
    characters: Counter[str | None] = Counter()
    unread: Counter[str | None] = Counter()
    for place, element in enumerate(parsed.elements):
        elements.append(element)
        if element.kind == "image" and element.is_content and element.target in said:
            reading = said.pop(element.target)
            if element.chapter in worded:
                reading = Reading(tuple(_beside_text(reading.elements)))
            found = reading.elements if _has_words(reading.elements) else ()
            found = () if _is_told(found, own[element.chapter]) else found
            waiting = [_unplaced(one, element) for one in found if one.kind != "image"]
            characters[element.chapter] += sum(len(one.text) for one in waiting)
            unread[element.chapter] += reading.unread
        if place not in captioned:
            elements.extend(waiting)
            waiting = []

    def told(unit: Unit, counts: Counter[str | None]) -> int:
        return counts.total() if unit.name == "whole" else counts[unit.name]

    units = tuple(
        replace(unit, characters=unit.characters + told(unit, characters), unread=told(unit, unread)) for unit in parsed.units
    )
    return replace(parsed, elements=tuple(elements), units=units, images=())


def _captioned(elements: Sequence[Element]) -> set[int]:
    """The places of pictures whose caption is the next element, and no other picture's."""
    found: set[int] = set()
    for place, (above, one, below) in enumerate(zip((None, *elements), elements, elements[1:], strict=False)):
        has_above = above is not None and above.kind == "caption" and place - 2 not in found
        if one.kind == "image" and below.kind == "caption" and not has_above:
            found.add(place)
    return found


def _words_by_chapter(elements: Iterable[Element]) -> Mapping[str | None, str]:
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for element in elements:
        if element.kind != "image" and element.is_content:
            found[element.chapter].append(_words(element.text))
    return defaultdict(str, {chapter: " ".join(texts) for chapter, texts in found.items()})


def _words(text: str) -> str:
    """In small letters, a space before and behind each."""
    return f" {' '.join(_LETTERS.findall(text)).casefold()} "


def _is_told(elements: Iterable[Element], own: str) -> bool:
    """Whether these are sentences that all stand in the text; labels of a figure are words that do so anyway."""
    said = [_words(element.text) for element in elements if element.kind != "image"]
    return sum(text.count(" ") - 1 for text in said) >= _SENTENCE * len(said) > 0 and all(text in own for text in said)


def _has_words(elements: Iterable[Element]) -> bool:
    """Not just single signs, which are seen in icons and photographs."""
    return any(_WORD.search(element.text) for element in elements)


def _beside_text(elements: Iterable[Element]) -> Iterator[Element]:
    """Of what kind it may be there; its notes are none of the document's."""
    for element in elements:
        if element.confidence is not None and element.confidence < SURE:
            continue
        if element.kind in ("image", "table"):
            yield element
            continue
        is_note = element.kind == "footnote" and element.marker
        text = NOTE_MARK.sub(r"\1", f"{element.marker} {element.text}" if is_note else element.text)
        if element.kind in _KEPT:
            yield replace(element, text=text)
        else:
            yield replace(element, kind="paragraph", text=text, level=0, marker=None)


def _as_pages(images: Sequence[PageImage], readings: Sequence[Reading]) -> list[Reading]:
    """Scanned pages: running titles told apart, each note with a label of its own, sentences whole that go on over them."""
    numbered = [
        replace(one, page=image.page) for image, reading in zip(images, readings, strict=True) for one in reading.elements
    ]
    pages: dict[int | None, list[Element]] = {image.page: [] for image in images}
    for element in joining.join(footnotes.settle(running.mark_running(numbered))):
        pages[element.page].append(element)
    return [replace(reading, elements=tuple(pages[image.page])) for image, reading in zip(images, readings, strict=True)]


def _unplaced(element: Element, picture: Element) -> Element:
    """The element where its picture stands: what its boxes tell is no place in the document."""
    table = element.table and Table(tuple(replace(cell, page=None, box=None) for cell in element.table.cells))
    page, chapter = picture.page, picture.chapter
    return replace(element, page=page, chapter=chapter, main=picture.main, box=None, rest=(), table=table)


def _told(pages: Iterable[str]) -> str:
    return f"The text layer of these scanned pages is bad, and their print was recognised instead: {', '.join(pages)}."


def _by_page(elements: Iterable[Element]) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for element in elements:
        found.setdefault(str(element.page), []).append(element)
    return found


def _is_remark(element: Element) -> bool:
    """A comment, which is of no text layer."""
    return element.kind == "footnote" and REMARK.fullmatch(element.marker or "") is not None


def _labels(reading: Reading) -> Reading:
    """What pictures say: no titles of the document, and nothing in doubt."""
    sure = (one for one in reading.elements if one.confidence is None or one.confidence >= SURE)
    whole = ("image", "table", "code")
    return Reading(tuple(one if one.kind in whole else replace(one, kind="paragraph", level=0, marker=None) for one in sure))


def _placed(own: Sequence[Element], found: Sequence[Element]) -> list[Element]:
    """The elements of a page with those found on its pictures, which stand below what is above them in their column."""
    places = [((number, 1), element) for number, element in enumerate(own)]
    places += [(_place(own, element), element) for element in found]
    return [element for _, element in sorted(places, key=lambda placed: placed[0])]


def _place(own: Sequence[Element], element: Element) -> tuple[int, int]:
    """(n, 2): behind element n, which is above it; (n, 0): before element n, the first below it; behind all where none is."""
    above, below = -1, len(own)
    for number, other in enumerate(own):
        if element.box is None or other.box is None:
            continue
        if other.box.right > element.box.left and other.box.left < element.box.right:
            if other.box.top + other.box.bottom <= element.box.top + element.box.bottom:
                above = number
            else:
                below = min(below, number)
    return (below, 0) if above < 0 else (above, 2)


def _unit(unit: Unit, reading: Reading, characters: Mapping[int, int]) -> Unit:
    produced = unit.produced and not _is_unread(reading)
    return replace(unit, characters=characters.get(int(unit.name), 0), produced=produced, unread=reading.unread)


def _is_unread(reading: Reading) -> bool:
    return not reading.elements and reading.unread > 0


def _unread(page: int) -> Failure:
    message = f"There is print on page {page}, and none of it could be read."
    return Failure(UnreadPage.code, message, "recognise", signature(UnreadPage.code, "recognise", message), page=page)


def characters_by_page(elements: Iterable[Element]) -> dict[int, int]:
    """Length of the text of each page's elements."""
    found: dict[int, int] = {}
    for element in elements:
        if element.page is not None:
            found[element.page] = found.get(element.page, 0) + len(element.text)
    return found
