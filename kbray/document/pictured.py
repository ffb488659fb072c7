"""What pictures say that stand in a text: put behind them, as text of the document or as the pages that it is made of."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kbray.document import footnotes, joining, running
from kbray.model import NOTE_MARK, Element, PageImage, Parsed, Reading, Table, Unit

SURE = 0.8
"""Confidence from which what was read on a picture is text: photographs have things that look like letters."""
_KEPT = frozenset(("list_item", "code", "formula"))  # kinds of text on a picture beside text; all others are paragraphs there
_SENTENCE = 4  # words, at least
_LETTERS = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[^\W_]{2}")


def beside_pictures(parsed: Parsed, readings: Sequence[Reading]) -> Parsed:
    """`parsed` with what its images say, all of which are pictures of elements; one reading an image, in their order.

    A picture with text beside it says no titles of the document, nothing in doubt, and nothing if all of it is in that text.

    Another one is the page itself. What it says stands behind its caption, if that is below it.
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
