"""Keynote of 2013 and later → elements, slide by slide in the order of the show, presenter's notes behind each.

Titles are headings. Slides that are skipped in the show are among them, and told.
"""

from collections.abc import Iterator
from dataclasses import replace

from kbray.model import Element, Unit
from kbray.parse.iwork.drawn import Drawn
from kbray.parse.iwork.objects import DOCUMENT, Objects
from kbray.parse.iwork.read import Read
from kbray.parse.iwork.story import Stories

ROOT = 1
_SHOW, _NODE, _SLIDES, _NOTE = 2, 4, frozenset((5, 6)), 15
_HEIGHT = 768.0  # points, of slides that tell none
_MOST_SLIDES = 100_000


def read(objects: Objects) -> Read:
    """Raises: CorruptDocument, DocumentTooLarge."""
    stories = Stories(objects)
    drawn = Drawn(stories)
    show = objects.message(objects.message(DOCUMENT).reference(2))
    height = show.message(4).real(2) or _HEIGHT
    slides: list[tuple[Element, ...]] = []
    skipped: list[int] = []
    for page, node in enumerate(_nodes(objects, show.message(3).reference(1), show.message(3).references(2)), start=1):
        told = objects.message(node)
        found = [*_slide(objects, drawn, stories, told.reference(2), height), *stories.notes()]
        slides.append(tuple(replace(element, page=page, chapter=f"slide {page}") for element in found))
        if told.number(4):
            skipped.append(page)
    units = tuple(Unit(f"slide {page}", sum(len(one.text) for one in slide)) for page, slide in enumerate(slides, start=1))
    warnings = [f"Slides that are skipped in the show are among the text ({len(skipped)}): {_few(skipped)}."] if skipped else []
    elements = tuple(element for slide in slides for element in slide)
    return Read("keynote", elements, units, (*warnings, *stories.warnings()))


def _few(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:20])) + (" …" if len(numbers) > 20 else "")


def _nodes(objects: Objects, root: int, listed: list[int]) -> Iterator[int]:
    """The nodes of the slides in order, each once: those of the list, or of the tree where there is none."""
    waiting, seen = list(reversed(listed)) or list(reversed(objects.message(root).references(1))), set[int]()
    while waiting and len(seen) < _MOST_SLIDES:
        node = waiting.pop()
        if node not in seen and objects.kind(node) == _NODE:
            seen.add(node)
            yield node
            if not listed:
                waiting += reversed(objects.message(node).references(1))


def _slide(objects: Objects, drawn: Drawn, stories: Stories, number: int, height: float) -> Iterator[Element]:
    if objects.kind(number) not in _SLIDES:
        return
    slide = objects.message(number)
    title = slide.reference(5)
    text = " ".join(stories.lines(drawn.storage(title)).split()) if title else ""
    if text:
        yield Element("heading", text, 1)
    counted = slide.reference(20)  # the number of the slide
    shapes = dict.fromkeys((title, slide.reference(6), slide.reference(30), *slide.references(42), *slide.references(7)))
    yield from drawn.in_order((one for one in shapes if one and one != counted), height)
    note = slide.reference(27)
    if objects.kind(note) == _NOTE:
        yield from stories.elements(objects.message(note).reference(1))
